"""What a worker is doing, in a file that its runner can read whatever becomes of the worker."""

import mmap
import struct
import time
from dataclasses import dataclass
from pathlib import Path

FORM = struct.Struct("<qdqqqq?")  # seed, start, bytes, inputs, accepted, findings, finished
ROOM = 1 << 22  # bytes of header and input; of a longer one the rest is not kept


@dataclass(frozen=True)
class Seen:
    """As the runner finds it."""

    seed: int
    started: float  # by the clock, in seconds since the system was started
    content: bytes
    inputs: int
    accepted: int
    findings: int
    finished: bool


class Now:
    """The worker's side."""

    def __init__(self, path: Path) -> None:
        path.write_bytes(bytes(ROOM))
        self._file = path.open("r+b")
        self._memory = mmap.mmap(self._file.fileno(), ROOM)
        self._seed, self._start, self._size = -1, time.monotonic(), 0
        self._inputs = self._accepted = self._findings = 0

    def __enter__(self) -> "Now":
        return self

    def __exit__(self, *_exception: object) -> None:
        self._memory.close()
        self._file.close()

    def begin(self, seed: int) -> None:
        """The input of that seed is about to be made."""
        self._seed, self._start, self._size = seed, time.monotonic(), 0
        self._inputs += 1
        self._write()

    def has(self, content: bytes) -> None:
        """The input is made, and about to be tried."""
        content = content[: ROOM - FORM.size]
        self._size = len(content)
        self._memory[FORM.size : FORM.size + len(content)] = content
        self._write()

    def count(self, accepted: bool) -> None:
        """The input was accepted, or refused."""
        self._accepted += accepted

    def found(self) -> None:
        """The input is a finding."""
        self._findings += 1

    def finish(self) -> None:
        """All is done."""
        self._write(finished=True)

    def _write(self, finished: bool = False) -> None:
        numbers = self._inputs, self._accepted, self._findings
        FORM.pack_into(self._memory, 0, self._seed, self._start, self._size, *numbers, finished)


def look(path: Path) -> Seen | None:
    """The runner's side; None while the worker is starting."""
    try:
        data = path.read_bytes()
        seed, started, size, inputs, accepted, findings, finished = FORM.unpack_from(data)
    except (OSError, struct.error):
        return None
    content = data[FORM.size : FORM.size + size]
    return Seen(seed, started, content, inputs, accepted, findings, finished) if inputs else None
