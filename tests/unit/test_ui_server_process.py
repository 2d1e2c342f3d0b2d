"""Settings of the web process: what the system or a library may no longer offer."""

import os
import platform
import socket
import subprocess
import sys

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from fmnist.ui.server.process import calculate_on_one_core, send_at_once

ARENAS = """
import ctypes, threading
from fmnist.ui.server.process import return_freed_memory

return_freed_memory()
library = ctypes.CDLL(None)
library.malloc_info.argtypes = [ctypes.c_int, ctypes.c_void_p]
library.fdopen.restype = ctypes.c_void_p
wait = threading.Barrier(9)
threads = [threading.Thread(target=lambda: (bytearray(5000), wait.wait())) for _ in range(8)]
for thread in threads:
    thread.start()
wait.wait()
out = ctypes.c_void_p(library.fdopen(1, b"w"))
library.malloc_info(0, out)
library.fflush(out)
"""


def test_connections_send_at_once() -> None:
    with socket.socket() as listening:  # as Streamlit opens it, the protocol left to the system
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        send_at_once()
        with socket.create_connection(listening.getsockname()):
            connection, _ = listening.accept()
            with connection:
                assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY), (
                    "Connections no longer take TCP_NODELAY from the listening socket, or the "
                    "socket was not found: answers wait 40 ms."
                )


def test_linear_algebra_uses_one_thread() -> None:
    with threadpool_limits(limits=2, user_api="blas"):  # restored at the end
        calculate_on_one_core()
        threads = {
            library["filepath"]: library["num_threads"]
            for library in threadpool_info()
            if library["user_api"] == "blas"
        }
    assert threads, "threadpoolctl finds no BLAS behind NumPy."
    assert set(threads.values()) == {1}, f"These use more threads than one: {threads}"


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has arenas")
def test_eight_threads_share_two_arenas() -> None:
    shown = subprocess.run(
        [sys.executable, "-c", ARENAS], check=True, capture_output=True, text=True, env=os.environ
    ).stdout
    assert 1 <= shown.count("<heap nr=") <= 2, "mallopt no longer limits the arenas of glibc."
