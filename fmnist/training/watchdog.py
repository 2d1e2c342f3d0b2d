"""Finds training processes that hang: their run has said nothing for too long.

It goes by its own clock and by the size of the events, so neither a clock that jumps nor one of
another machine matters. A run that is held by a person says nothing either, and hangs not.
"""

import os
import time
from collections.abc import Iterable
from pathlib import Path

from fmnist import environment
from fmnist.training import files
from fmnist.training.run import RunFolder
from fmnist.training.worker_process import Worker

TAIL_BYTES = 400  # the last event is shorter, if it is that of a pause
Sign = tuple[str, int]  # the run that a worker has, and the bytes of its events


class Watchdog:
    """Remembers when each worker last gave a sign of life.

    Parameters
    ----------
    limit : seconds without one after which a busy worker hangs
    """

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._signs: dict[Worker, tuple[Sign, float]] = {}

    def hung(self, workers: Iterable[Worker]) -> list[Worker]:
        """Those of these workers that hang."""
        now, found, signs = time.monotonic(), [], {}
        for worker in workers:
            if not worker.run_id:
                continue  # idle, or at a download, which has a limit of its own
            sign = (worker.run_id, _bytes_said(worker.run_id))
            before, since = self._signs.get(worker, (None, now))
            if sign != before or (now - since > self._limit and _is_paused(worker.run_id)):
                since = now
            signs[worker] = (sign, since)
            if now - since > self._limit:
                found.append(worker)
        self._signs = signs
        return found


def _bytes_said(run_id: str) -> int:
    try:
        return _events(run_id).lstat().st_size
    except OSError:
        return 0


def _is_paused(run_id: str) -> bool:
    try:
        with files.open_regular(_events(run_id)) as file:
            file.seek(max(file.seek(0, os.SEEK_END) - TAIL_BYTES, 0))
            return file.read().rstrip().rpartition(b"\n")[2].startswith(b'{"event": "pause"')
    except OSError:
        return False


def _events(run_id: str) -> Path:
    """Where a run that a worker has writes its events; the worker's own runs need no search."""
    return RunFolder(run_id, environment.runs_dir() / run_id).events_path
