"""Locks die with their process, and looking at one does not disturb it."""

import os
import signal
import subprocess
import sys

import pytest

from benchmarks.processes import started
from fmnist.training import locking

HOLD = """
import sys, time
from pathlib import Path
from fmnist.training import locking
lock = locking.acquire(Path(sys.argv[1]))
print("acquired" if lock else "refused", flush=True)
time.sleep(600)
"""
LOOK = """
import sys
from pathlib import Path
from fmnist.training import locking
print("looking", flush=True)
while True:
    locking.is_locked(Path(sys.argv[1]))
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "some.lock"


@pytest.fixture
def holder(path):
    """Another process that holds the lock."""
    command = [sys.executable, "-c", HOLD, str(path)]
    with started(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "acquired\n"
        yield process


def test_a_lock_is_exclusive_until_it_is_released(path):
    lock = locking.acquire(path)
    assert lock is not None
    assert locking.is_locked(path)
    assert locking.acquire(path) is None
    lock.release()
    assert not locking.is_locked(path)
    again = locking.acquire(path)
    assert again is not None
    lock.release()  # safe to call twice, and not ours any more
    assert locking.is_locked(path)
    again.release()


def test_kill_9_frees_it(path, holder):
    assert locking.is_locked(path)
    assert locking.acquire(path) is None
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    assert not locking.is_locked(path)
    mine = locking.acquire(path)
    assert mine is not None
    mine.release()


def test_children_do_not_keep_it(path):
    lock = locking.acquire(path)
    assert lock is not None
    with started([sys.executable, "-c", "input()"], stdin=subprocess.PIPE):
        lock.release()
        assert not locking.is_locked(path)


def test_looking_creates_nothing(path):
    assert not locking.is_locked(path)
    assert not path.exists()


def test_a_bad_folder_is_told(tmp_path):
    with pytest.raises(OSError, match="No such file"):
        locking.acquire(tmp_path / "nowhere" / "some.lock")
    assert not locking.is_locked(tmp_path / "nowhere" / "some.lock")


def test_those_who_look_do_not_keep_others_from_locking(path):
    """Pages look many times a second; a worker that takes the lock meanwhile must get it."""
    path.touch()
    command = [sys.executable, "-c", LOOK, str(path)]
    with (
        started(command, stdout=subprocess.PIPE) as one,
        started(command, stdout=subprocess.PIPE) as another,
    ):
        for process in (one, another):
            assert process.stdout.readline() == b"looking\n"
        for _ in range(1000):
            lock = locking.acquire(path)
            assert lock is not None
            lock.release()
