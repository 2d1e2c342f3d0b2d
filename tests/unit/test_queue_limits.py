"""Lines and pauses have an end: nobody can hold everything for ever."""

import os
import threading
import time
from pathlib import Path

import pytest

from fmnist.recipe import Recipe
from fmnist.training import line, progress, runs
from fmnist.training.job import train_run
from fmnist.training.progress import Follower
from fmnist.training.queue import JobQueue
from fmnist.training.recorder import Limits
from fmnist.training.runs import Control, EventLog, RunError

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
SMALL = Recipe(epochs=3, training_images=6000, batch_size=8, hidden_units=(16,))


# The line ------------------------------------------------------------------------------------


@pytest.fixture
def queue(runs_dir, monkeypatch):
    """One worker, which has a run at once, and a line of two."""
    monkeypatch.setenv("FMNIST_WORKERS", "1")
    monkeypatch.setenv("FMNIST_MAX_WAITING", "2")
    queue = JobQueue(delay=3600)
    yield queue
    queue.close()


def open_locks():
    links = []
    for path in Path("/proc/self/fd").iterdir():
        try:
            links.append(path.readlink().name)
        except OSError:
            continue  # the folder's own
    return links.count("queue.lock")


def test_a_full_line_is_told_and_leaves_nothing_behind(queue):
    made = [queue.start(SMALL) for _ in range(3)]
    assert [queue.position(run.id) for run in made] == [None, 1, 2]
    folders = set(runs.folders())
    for _ in range(5):
        with pytest.raises(RunError, match=r"The line is full: 2 runs wait.*Try again"):
            queue.start(SMALL)
    assert set(runs.folders()) == folders
    assert open_locks() <= 3
    assert queue.withdraw(made[1].id)
    assert queue.position(queue.start(SMALL).id) == 2


def test_resume_joins_no_full_line_and_can_be_pressed_again(queue):
    resumed = runs.create(SMALL)
    for _ in range(3):
        queue.start(SMALL)
    with pytest.raises(RunError, match="The line is full"):
        queue.submit(resumed)
    assert Follower(resumed).state() == progress.INTERRUPTED
    assert queue.withdraw(runs.folders()[0].id)
    queue.submit(resumed)
    assert queue.position(resumed.id) == 2


def test_start_without_end_deletes_nobody_s_run(queue, monkeypatch):
    monkeypatch.setenv("FMNIST_MAX_RUNS", "5")
    finished = []
    for _ in range(5):
        run = runs.create(SMALL)
        log = EventLog(run)
        log.append("train_end", state="finished")
        log.close()
        finished.append(run)
    for press in range(60):
        try:
            run = queue.start(SMALL)
        except RunError:
            continue
        if press % 2:  # Stop, while it waits
            queue.withdraw(run.id)
            os.utime(run.folder, (0, 0))  # long ago
    assert set(finished) <= set(runs.list_runs())
    assert len(runs.folders()) <= 5 + 1 + 2


# Pauses --------------------------------------------------------------------------------------


@pytest.fixture
def paused(tensorflow, runs_dir, data):
    """A run that a thread trains and holds, with a limit of a fifth of a second for pauses."""
    run = runs.create(SMALL)
    run.ask(Control("run", pause_after=1))
    thread = threading.Thread(
        target=train_run, args=(run, lambda: data), kwargs={"limits": Limits(pause=0.2)}
    )
    thread.start()
    try:
        until(run, progress.PAUSED)
        yield run
    finally:
        run.ask(Control("stop"))
        thread.join(60)
        assert not thread.is_alive()


def until(run, state):
    deadline = time.monotonic() + 60
    while Follower(run).state() != state:
        assert time.monotonic() < deadline, f"{run.id} is {Follower(run).state()}, not {state}"
        time.sleep(0.02)


def until_written(run):
    """The state is told before the model is written; the lock is kept until then."""
    deadline = time.monotonic() + 60
    while run.is_locked("worker"):
        assert time.monotonic() < deadline, f"{run.id} is still at work"
        time.sleep(0.02)


def test_a_long_pause_ends_when_somebody_waits_and_not_before(paused, data):
    time.sleep(2.0)
    assert Follower(paused).state() == progress.PAUSED
    other = runs.create(SMALL)
    line.join(other)
    until(paused, progress.STOPPED)
    other.leave_line()
    seen = Follower(paused).poll()
    assert "was paused for more than" in seen.message
    assert "others waited" in seen.message
    assert seen.completed == 1
    until_written(paused)
    assert paused.has_model()
    # Nothing is lost: it carries on as if it had never been stopped.
    paused.ask(Control())
    train_run(paused, lambda: data)
    alone = runs.create(SMALL)
    train_run(alone, lambda: data)
    curves = [
        [(item.epoch, item.loss, item.val_loss) for item in Follower(run).poll().epochs]
        for run in (paused, alone)
    ]
    assert len(curves[0]) == 3
    assert curves[0] == curves[1]
    assert Follower(paused).poll().message == ""
