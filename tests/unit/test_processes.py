"""What tests start ends with them, whatever happens in between."""

import signal
import subprocess
import sys
import uuid

import psutil
import pytest

from benchmarks.processes import end_all_with, started

PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
time.sleep(600)
"""
# Leaves its group, and its parent is gone at once.
LOST = """
import subprocess, sys
child = subprocess.Popen(
    [sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True,
    stdout=subprocess.DEVNULL,
)
print(child.pid, flush=True)
"""
HEARS = "import signal; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)"


def alive(pid):
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_a_failure_ends_the_process_and_what_it_started():
    pids = []
    with (
        pytest.raises(AssertionError, match="of the test"),
        started([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as process,
    ):
        pids += [process.pid, int(process.stdout.readline())]
        assert all(map(alive, pids))
        raise AssertionError("of the test")
    psutil.wait_procs([psutil.Process(pid) for pid in pids if alive(pid)], 20)
    assert not any(map(alive, pids))


def test_a_stranger_with_the_number_of_an_ended_process_lives_on():
    sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
    with started(sleep) as stranger:
        with started([sys.executable, "-c", ""]) as process:
            process.wait()
            process.pid = stranger.pid
        assert stranger.poll() is None


def test_the_interrupt_key_is_heard_though_the_shell_ignores_it():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with started([sys.executable, "-c", HEARS], stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout.read() == "True\n"
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_what_was_lost_is_found_named_and_ended(monkeypatch):
    mark = uuid.uuid4().hex
    monkeypatch.setenv("MARK_OF_THIS_TEST", mark)
    command = [sys.executable, "-c", LOST]
    pid = int(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    try:
        told = end_all_with("MARK_OF_THIS_TEST", mark, patience=0)
        assert len(told) == 1 and "time.sleep(600)" in told[0]
        assert not alive(pid)
        assert end_all_with("MARK_OF_THIS_TEST", mark, patience=0) == []
    finally:
        if alive(pid):
            psutil.Process(pid).kill()
