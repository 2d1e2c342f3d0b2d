"""Settings of the web process that neither Python nor a library has a switch for.

Each does nothing where the system or the library does not offer it.
"""

import ctypes
import gc
import os
import platform
import socket
import sys
from contextlib import suppress
from pathlib import Path

from threadpoolctl import threadpool_limits

# Parameters of mallopt, as <malloc.h> numbers them.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
_ARENAS = 2
_BYTES = 128 * 1024
SWITCH_SECONDS = 0.0005


def return_freed_memory() -> None:
    """Have freed memory go back to the system at once; only glibc needs it.

    By default glibc gives threads arenas of their own, up to eight for each core. It also raises
    its thresholds to the largest block that was ever freed. Each arena keeps memory that Python has
    freed: 60 MB after some visits. See the page mallopt(3) of the Linux manual.
    """
    if platform.libc_ver()[0] != "glibc":
        return
    library = ctypes.CDLL(None)
    library.mallopt(_ARENA_MAX, _ARENAS)
    library.mallopt(_TRIM_THRESHOLD, _BYTES)
    library.mallopt(_MMAP_THRESHOLD, _BYTES)


def give_back_memory() -> None:
    """Look for garbage, and give the system back what is free; threads wait meanwhile."""
    gc.collect()
    if platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).malloc_trim(0)


def send_at_once() -> None:
    """Have the server send every message at once, however small.

    Streamlit opens its socket without naming the protocol, so asyncio leaves Nagle's algorithm on.
    The body of a response, or the second message of a page, then waits 40 ms for the browser to
    acknowledge what came before. Connections take the option from the listening socket, which
    Streamlit does not hand out.
    """
    folder = Path("/dev/fd")  # all open files of this process; Windows has none
    for file in list(folder.iterdir()) if folder.is_dir() else []:
        with suppress(OSError), socket.socket(fileno=os.dup(int(file.name))) as found:
            if found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def take_turns_often() -> None:
    """Have threads hand on the interpreter ten times as often as Python does by itself.

    A page's thread lets go of it for each message that it sends and for each figure that is hashed,
    some thirty times a look at a run, and may then wait for up to an interval behind each of the
    others that draw. `python -m benchmarks.load` shows what that does to many at once.
    """
    sys.setswitchinterval(SWITCH_SECONDS)


def calculate_on_one_core() -> None:
    """Have the linear algebra behind NumPy use one thread.

    The threads of OpenBLAS wait for each other by spinning. While runs train on all cores, that
    makes an eigendecomposition of 784 × 784 numbers take 3.3 s instead of 0.12 s on two cores.
    """
    threadpool_limits(limits=1, user_api="blas")
