"""What a dask worker does for a run: one task."""

import threading
import time

from fmnist import standin
from fmnist.dataset import Dataset
from fmnist.training import progress, runs
from fmnist.training.progress import Follower
from fmnist.training.run import WAITING, RunFolder

# A shared file system gives the lock of a lost machine free when that machine's lease is over: for
# Linux's NFS server 90 s after it was last heard of.
LEASE_SECONDS = 120.0
LOOK_SECONDS = 0.5

_of_this_thread = threading.local()  # a dask worker's threads are its own, one task each


def key(run: RunFolder) -> str:
    """Name of the task, the same from every server for as long as the run keeps its place.

    Raises OSError if it has none.
    """
    return f"train-{run.id}-{(run.folder / WAITING).lstat().st_mtime_ns}"


def train(run_id: str) -> str:
    """Train a run, or carry on with it; returns what its own folder could not be told.

    A second task for a run that is already trained elsewhere does nothing.
    """
    # Imported here: the server imports this module too, to name the task.
    from fmnist.training.job import train_run
    from fmnist.training.recorder import Limits
    from fmnist.training.tensorflow_start import start_tensorflow

    run = runs.open_run(run_id)
    wait_until_free(run)
    if not run.waits() and Follower(run).state() != progress.INTERRUPTED:
        return ""
    start_tensorflow(alone=False)  # a dask worker may have others' tasks
    kept = _kept()
    try:
        train_run(
            run,
            kept.data,
            limits=Limits.of_environment(),
            make_trainer=kept.make_trainer,
        )
    except runs.RunError as problem:
        return str(problem)
    return ""


def wait_until_free(run: RunFolder) -> None:
    """Wait until nobody is at work on a run, for as long as a lost machine may seem to be."""
    deadline = time.monotonic() + LEASE_SECONDS
    while run.is_locked("worker") and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)


class _Kept:
    """What a thread of a dask worker keeps from task to task, so that the next starts sooner."""

    def __init__(self) -> None:
        from fmnist.training.trainer import LastTrainer

        self.make_trainer = LastTrainer()
        self._data: Dataset | None = None

    def data(self) -> Dataset:
        """The data set; the stand-in only until the real files are there."""
        if self._data is None or not self._data.official:
            self._data = standin.load_data()
        return self._data


def _kept() -> _Kept:
    if not hasattr(_of_this_thread, "kept"):
        _of_this_thread.kept = _Kept()
    kept: _Kept = _of_this_thread.kept
    return kept
