"""One process that opens files, as the server sees it: started, asked, ended, started anew."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fmnist.sandbox.wire import receive, send

ROOT = Path(__file__).parents[2]
# All of our environment that the process gets: what Python itself may need to start.
KEPT = ("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
# One thread for NumPy; and blocks of memory from 128 kB up go back to the system when freed.
ADDED = {"OPENBLAS_NUM_THREADS": "1", "MALLOC_MMAP_THRESHOLD_": "131072", "MALLOC_ARENA_MAX": "1"}


@dataclass(frozen=True)
class Limits:
    """What opening a file may take.

    Attributes
    ----------
    memory : address space of the process, in bytes; 130 MB of it are Python and its libraries
    seconds : of processor time for one file
    patience : seconds by the clock for one file, on however busy a machine
    start : seconds by the clock until a new process is ready
    """

    memory: int = 768 * 2**20
    seconds: int = 3
    patience: float = 8
    start: float = 30


class Reader:
    """A process that opens files one at a time. Not for several threads at once."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._process: subprocess.Popen[bytes] | None = None
        self._ready = False
        self._ended = False
        self._lock = threading.Lock()  # guards the three above; another thread may call `end`

    @property
    def process_id(self) -> int | None:
        """Id of the process, if there is one."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Start the process unless it runs. Raises OSError if it cannot be started."""
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._replace()

    def _replace(self) -> None:
        self._kill()
        if self._ended:
            raise OSError("the server is closing")
        limits = [str(self._limits.memory), str(self._limits.seconds)]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "fmnist.sandbox.child", *limits],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env={name: os.environ[name] for name in KEPT if name in os.environ} | ADDED,
        )

    def ask(self, kind: str, name: str, content: bytes, most: int) -> tuple[dict[str, Any], bytes]:
        """Have one file opened.

        Parameters
        ----------
        kind : "picture" or "network"
        name : what to call the file in a sentence
        most : bytes that the answer may have behind its header

        Raises
        ------
        OSError, ValueError
            If there is no answer. The process is of no use any more: see `stop`.
        """
        self.start()
        process = self._process
        assert process is not None and process.stdin is not None and process.stdout is not None
        if not self._ready:
            with _killed_after(self._limits.start, process):
                receive(process.stdout, 0)  # type: ignore[arg-type]
            self._ready = True
        with _killed_after(self._limits.patience, process):
            send(process.stdin, {"kind": kind, "name": name}, [content])  # type: ignore[arg-type]
            return receive(process.stdout, most)  # type: ignore[arg-type]

    def stop(self) -> None:
        """End the process; the next file starts another one."""
        with self._lock:
            self._kill()

    def end(self) -> None:
        """End the process, for good."""
        with self._lock:
            self._ended = True
            self._kill()

    def _kill(self) -> None:
        process, self._process, self._ready = self._process, None, False
        if process is None:
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            assert stream is not None
            with suppress(OSError):  # it did not read all
                stream.close()


@contextmanager
def _killed_after(seconds: float, process: "subprocess.Popen[bytes]") -> Iterator[None]:
    """End a process that takes longer; whoever waits for its answer then finds the pipe closed."""
    timer = threading.Timer(seconds, process.kill)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        # The timer may be about to fire: the process is not used before it has.
        timer.join()
