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
held = locking.acquire(Path(sys.argv[1]))
print("held" if held else "refused", flush=True)
time.sleep(600)
"""
LOOK = """
import sys
from pathlib import Path
from fmnist.training import locking
print("looking", flush=True)
while True:
    locking.is_held(Path(sys.argv[1]))
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "some.lock"


@pytest.fixture
def holder(path):
    """Another process that holds the lock."""
    command = [sys.executable, "-c", HOLD, str(path)]
    with started(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        yield process


def test_a_lock_is_exclusive_until_it_is_released(path):
    held = locking.acquire(path)
    assert held is not None
    assert locking.is_held(path)
    assert locking.acquire(path) is None
    held.release()
    assert not locking.is_held(path)
    again = locking.acquire(path)
    assert again is not None
    held.release()  # safe to call twice, and not ours any more
    assert locking.is_held(path)
    again.release()


def test_kill_9_frees_it(path, holder):
    assert locking.is_held(path)
    assert locking.acquire(path) is None
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    assert not locking.is_held(path)
    mine = locking.acquire(path)
    assert mine is not None
    mine.release()


def test_children_do_not_keep_it(path):
    held = locking.acquire(path)
    assert held is not None
    with started([sys.executable, "-c", "input()"], stdin=subprocess.PIPE):
        held.release()
        assert not locking.is_held(path)


def test_looking_creates_nothing(path):
    assert not locking.is_held(path)
    assert not path.exists()


def test_a_bad_folder_is_told(tmp_path):
    with pytest.raises(OSError, match="No such file"):
        locking.acquire(tmp_path / "nowhere" / "some.lock")
    assert not locking.is_held(tmp_path / "nowhere" / "some.lock")


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
            held = locking.acquire(path)
            assert held is not None
            held.release()
