"""The queue with real worker processes: order, faults, and nothing left behind."""

import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest

from fmnist.recipe import Recipe
from fmnist.training import progress, runs
from fmnist.training.progress import Follower
from fmnist.training.queue import JobQueue
from fmnist.training.runs import Control, RunError

pytestmark = pytest.mark.slow

SMALL = Recipe(epochs=6, training_images=6000, batch_size=2, hidden_units=(16,), dropout=0.1)


def wait(condition, what=""):
    deadline = time.monotonic() + 240
    while not (value := condition()):
        assert time.monotonic() < deadline, what
        time.sleep(0.02)
    return value


def alive(pid):
    """Whether a process runs; one that ended and is not waited for yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def state(run):
    return Follower(run).state()


def until(run, *states):
    wait(lambda: state(run) in states, f"{run.id} is {state(run)}, not {states}")


def history(run):
    """All figures that do not depend on the clock."""
    return [replace(epoch, seconds=0.0) for epoch in Follower(run).poll().epochs]


@pytest.fixture(scope="module")
def queue(tmp_path_factory):
    """One queue with two workers for all tests here; in the end none of them is left.

    No test here has a folder of runs of its own: this queue would take those runs as well.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FMNIST_RUNS_DIR", str(tmp_path_factory.mktemp("runs")))
        patch.setenv("FMNIST_WORKERS", "2")
        queue = JobQueue()
        yield queue
        pids = queue.process_ids()
        queue.close()
        assert not any(map(alive, pids))
        assert queue.process_ids() == []


@pytest.fixture(scope="module")
def alone(queue):
    """A run that trained with nothing beside it."""
    run = runs.create(SMALL)
    queue.submit(run)
    assert state(run) in (progress.WAITING, progress.WARMING_UP)
    until(run, progress.FINISHED)
    return run


def held_run(queue, control=None, recipe=SMALL):
    """A run that a worker has and holds before its first mini-batch."""
    run = runs.create(recipe)
    run.ask(control or Control("pause"))
    queue.submit(run)
    return run


def test_a_run_is_trained(queue, alone):
    assert len(history(alone)) == 6
    assert queue.failure(alone.id) is None
    assert queue.position(alone.id) is None
    assert not alone.is_locked("queue")
    wait(queue.ready)
    assert 1 <= len(queue.process_ids()) <= 2


def test_two_at_once_train_as_one_alone(queue, alone):
    both = [held_run(queue), held_run(queue)]
    for run in both:
        until(run, progress.PAUSED)
    for run in both:
        run.ask(Control())
    for run in both:
        until(run, progress.FINISHED)
    first, second = ([e["time"] for e in runs.read_events(run)[0]][3:] for run in both)
    assert first[0] < second[-1] and second[0] < first[-1]
    assert history(both[0]) == history(both[1]) == history(alone)


def test_more_runs_than_workers_wait_in_line(queue):
    busy = [held_run(queue), held_run(queue)]
    for run in busy:
        until(run, progress.PAUSED)
    assert not queue.ready()
    short = Recipe(epochs=1, training_images=500)
    waiting = [runs.create(short) for _ in range(3)]
    for place, run in enumerate(waiting, start=1):
        queue.submit(run)
        assert queue.position(run.id) == place
        assert state(run) == progress.WAITING
    with pytest.raises(RunError, match="already"):
        queue.submit(waiting[0])
    with pytest.raises(RunError, match="already training"):
        queue.submit(busy[0])
    assert queue.withdraw(waiting[1].id)
    assert not queue.withdraw(waiting[1].id)
    assert not queue.withdraw(busy[0].id)
    assert [queue.position(run.id) for run in waiting] == [1, None, 2]
    assert state(waiting[1]) == progress.INTERRUPTED
    busy[0].ask(Control("stop"))  # the other worker stays taken, so one takes both
    until(waiting[2], progress.FINISHED)
    until(waiting[0], progress.FINISHED)
    busy[1].ask(Control("stop"))
    for run in busy:
        until(run, progress.STOPPED)
    begun = [runs.read_events(run)[0][0]["time"] for run in (waiting[0], waiting[2])]
    assert begun == sorted(begun)
    assert runs.read_events(waiting[1])[0] == []


def test_kill_9_in_the_middle_of_an_epoch_and_resume(queue, alone):
    run = held_run(queue, Control("run", pause_after=2))
    until(run, progress.PAUSED)
    run.ask(Control())
    points = len(Follower(run).poll().points)
    wait(lambda: len(Follower(run).poll().points) > points)
    run.ask(Control("pause"))
    until(run, progress.PAUSED, progress.FINISHED)
    before = queue.process_ids()
    holders = [pid for pid in before if str(run.folder) in open_files(pid)]
    (pid,) = holders
    os.kill(pid, signal.SIGKILL)
    until(run, progress.INTERRUPTED)
    seen = Follower(run).poll()
    assert 2 <= seen.completed < 6
    assert history(run) == history(alone)[: seen.completed]
    run.ask(Control())
    queue.submit(run)
    until(run, progress.FINISHED)
    assert history(run) == history(alone)
    assert Follower(run).poll().test == Follower(alone).poll().test
    positions = [point.position for point in Follower(run).poll().points]
    assert positions == sorted(set(positions)) and positions[-1] == run.recipe.epochs
    assert run.model_path.is_file()
    assert pid not in queue.process_ids()


def open_files(pid):
    return " ".join(str(path.readlink()) for path in Path(f"/proc/{pid}/fd").iterdir())


def test_a_rate_that_was_wished_for_outlives_a_kill_9_and_its_mark_does_not(queue):
    """Killed in the epoch in which it took effect: that epoch is trained again, at the new rate."""
    run = held_run(queue, Control("run", pause_after=2))
    until(run, progress.PAUSED)
    run.ask(Control("pause", learning_rate=0.05))
    wait(lambda: Follower(run).poll().rate_changes)
    run.ask(Control("run", learning_rate=0.05))
    points = len(Follower(run).poll().points)
    wait(lambda: len(Follower(run).poll().points) > points)
    (pid,) = (pid for pid in queue.process_ids() if str(run.folder) in open_files(pid))
    os.kill(pid, signal.SIGKILL)
    until(run, progress.INTERRUPTED, progress.FINISHED)
    queue.submit(run)
    until(run, progress.FINISHED)
    seen = Follower(run).poll()
    (change,) = seen.rate_changes
    assert (change.position, change.learning_rate) == (2.0, 0.05)
    assert [epoch.learning_rate for epoch in seen.epochs] == [0.01] * 2 + [0.05] * 4


def test_a_killed_idle_worker_costs_no_run(queue):
    """The worker dies in the moment in which a run is handed to it: the run goes to another."""
    wait(queue.ready)
    run = runs.create(Recipe(epochs=1, training_images=500))
    with queue._lock:  # so that the queue cannot notice the death first
        for pid in queue.process_ids():
            os.kill(pid, signal.SIGKILL)
            wait(lambda pid=pid: not alive(pid))
        queue.submit(run)
    until(run, progress.FINISHED)
    assert queue.failure(run.id) is None


def test_a_damaged_folder_harms_no_other(queue):
    damaged, deleted, sound = (runs.create(Recipe(epochs=1, training_images=500)) for _ in range(3))
    (damaged.folder / "recipe.json").write_text('{"recipe": ')
    (deleted.folder / "recipe.json").unlink()
    for run in (damaged, deleted, sound):
        queue.submit(run)
    assert "half-written or damaged" in wait(lambda: queue.failure(damaged.id))
    assert "There is no run" in wait(lambda: queue.failure(deleted.id))
    assert not deleted.is_locked("queue")
    until(sound, progress.FINISHED)
