"""Processes that tests and benchmarks start: none outlives what it was started for."""

import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).parents[1]


@contextmanager
def started(
    command: Sequence[str], gently: bool = False, **options: Any
) -> Iterator[subprocess.Popen[Any]]:
    """A process, ended at the end of the block together with all that it started.

    It leads a process group of its own, and the interrupt key is heard in it, as in a terminal.
    A shell has what it starts in the background ignore that key, which children inherit.

    Parameters
    ----------
    command : program and arguments; the working directory is that of the project
    gently : ask it to end first, and give it twenty seconds for that
    options : of `subprocess.Popen`
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        process = subprocess.Popen(command, **{"cwd": ROOT, "start_new_session": True} | options)
    finally:
        signal.signal(signal.SIGINT, before)
    try:
        yield process
    finally:
        _end(process, 20 if gently else 0)


def _end(process: subprocess.Popen[Any], patience: float) -> None:
    if patience and process.poll() is None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(patience)
    # The number of a group that has ended may belong to a stranger's by now.
    if process.poll() is None or not psutil.pid_exists(process.pid):
        with suppress(ProcessLookupError):  # the group ended by itself
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with suppress(OSError):  # what it did not read any more
                pipe.close()


def end_all_with(name: str, value: str, patience: float = 10) -> list[str]:
    """End all processes that were started with an environment variable; return their commands.

    Those that end by themselves within `patience` seconds are not among them. It finds processes
    that left their group and lost their parent as well.
    """
    found = [process for process in psutil.process_iter() if _has(process, name, value)]
    _ended, left = psutil.wait_procs(found, patience)
    told = []
    for process in left:
        with suppress(psutil.NoSuchProcess):
            told.append(" ".join(process.cmdline()))
            process.kill()
    psutil.wait_procs(left)
    return told


def _has(process: psutil.Process, name: str, value: str) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE and process.environ().get(name) == value
    except psutil.Error:
        return False  # gone, or not ours
