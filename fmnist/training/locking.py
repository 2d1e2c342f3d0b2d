"""A lock that dies with its process: how anyone can tell that a run is alive.

Unlike a process id or a heartbeat, ``flock`` is released by the kernel whatever ends the holder,
``kill -9`` included, and is seen by every other process and server.
"""

import fcntl
import os
import time
from pathlib import Path

# `is_held` has the lock for some microseconds, so one refusal does not mean that it is taken.
LOOKS = 20
LOOK_SECONDS = 0.005


class Held:
    """An exclusive lock on a file, held until `release` or the end of the process."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def release(self) -> None:
        """Let go; safe to call twice."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def acquire(path: Path) -> Held | None:
    """Lock the file, or None when somebody else holds it. Raises OSError on a bad folder."""
    flags = os.O_RDWR | os.O_CREAT | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o644)
    try:
        for _ in range(LOOKS):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return Held(descriptor)
            except BlockingIOError:
                time.sleep(LOOK_SECONDS)
    except OSError:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


def is_held(path: Path) -> bool:
    """Whether a living process holds the lock; never creates the file."""
    try:
        # A FIFO in its place would make the reader wait for a writer that never comes.
        flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(path, flags)
    except OSError:
        return False
    try:
        # A shared lock, so that two readers at the same moment do not see each other as holder.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
