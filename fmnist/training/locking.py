"""A lock that dies with its process: how anyone can tell that a run is alive.

The kernel releases ``flock`` whatever ends its owner, ``kill -9`` included, and every other process
and server sees it. A process id or a heartbeat does neither.
"""

import fcntl
import os
import time
from pathlib import Path

# `is_locked` takes the lock for some microseconds, so one refusal may be a look, not an owner.
LOOKS = 20
LOOK_SECONDS = 0.005


class Lock:
    """An exclusive lock on a file, acquired until `release` or the end of the process."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def release(self) -> None:
        """Let go; safe to call twice, and from two threads at once."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


def acquire(path: Path) -> Lock | None:
    """Lock the file; None if another process has locked it. Raises OSError on a bad folder."""
    flags = os.O_RDWR | os.O_CREAT | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o644)
    try:
        for _ in range(LOOKS):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return Lock(descriptor)
            except BlockingIOError:
                time.sleep(LOOK_SECONDS)
    except OSError:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


def is_locked(path: Path) -> bool:
    """Whether a living process has the lock; never creates the file."""
    try:
        # A FIFO in its place would make the reader wait for a writer that never comes.
        flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(path, flags)
    except OSError:
        return False
    try:
        # A shared lock, so that two who look at the same moment do not take each other for owners.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
