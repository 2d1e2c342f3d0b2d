"""Runs make room: what has trained for too long, what nobody looks at, what hangs, what is old."""

import os
import signal
import threading
import time

import pytest

from fmnist.recipe import Recipe
from fmnist.training import expected, label, line, progress, runs
from fmnist.training.job import train_run
from fmnist.training.label import Label
from fmnist.training.line import Line
from fmnist.training.pace import update_seconds
from fmnist.training.progress import Follower
from fmnist.training.queue import JobQueue
from fmnist.training.recorder import Limits
from fmnist.training.run import Place
from fmnist.training.runs import Control, EventLog, RunError
from fmnist.training.summaries import Summaries
from tests.pages.train_runs import make_run
from tests.spoiling import finished_run
from tests.unit.test_queue import history, state, until, wait

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
SMALL = Recipe(epochs=40, training_images=2000, hidden_units=(8,))


# Of its own accord -----------------------------------------------------------------------------


def test_a_run_that_has_trained_for_long_enough_is_stopped(tensorflow, runs_dir, data):
    run = runs.create(SMALL)
    train_run(run, lambda: data, limits=Limits(seconds=0.0))
    seen = Follower(run).poll()
    assert (seen.phase, seen.completed) == (progress.STOPPED, 1)
    assert "as long as one run may be here" in seen.message
    assert run.has_model()


@pytest.mark.parametrize(
    ("waiting", "looks", "stops"),
    [(None, False, False), ("aa", False, False), ("bb", False, True), ("bb", True, False)],
)
def test_a_run_that_nobody_looks_at_makes_room_for_other_people(
    tensorflow, runs_dir, data, waiting, looks, stops
):
    run = runs.create(SMALL, "aa")
    if waiting:
        line.join(runs.create(SMALL, waiting))
    done = threading.Event()

    def look():
        while not done.wait(0.01):
            run.watch()

    thread = threading.Thread(target=look)
    if looks:
        thread.start()
    train_run(run, lambda: data, limits=Limits(unwatched=0.5 if looks else 0.0))
    done.set()
    if looks:
        thread.join()
    seen = Follower(run).poll()
    assert (seen.phase == progress.STOPPED) is stops
    assert ("Nobody had looked at it" in seen.message) is stops


def test_old_runs_go_but_for_pinned_and_living_ones(runs_dir):
    old, pinned, waiting, new = (finished_run() for _ in range(4))
    label.write(pinned, Label(pinned=True))
    waiting.wait(Place(1.0))
    foreign = runs_dir / "a person's own"
    foreign.mkdir()
    for run in (old, pinned, waiting):
        for path in (run.events_path, run.folder):
            os.utime(path, (1000, 1000))
    os.utime(foreign, (1000, 1000))
    runs.delete_old(float("inf"))
    assert len(runs.folders()) == 4
    runs.delete_old(3600.0)
    assert {run.id for run in runs.folders()} == {pinned.id, waiting.id, new.id}
    assert foreign.is_dir()


def test_one_person_cannot_fill_the_line(runs_dir, monkeypatch):
    monkeypatch.setenv("FMNIST_WAITING_PER_PERSON", "2")
    for _ in range(2):
        line.join(runs.create(SMALL, "aa"))
    with pytest.raises(RunError, match="2 of your runs wait in line, and at most 2"):
        line.join(runs.create(SMALL, "aa"))
    line.join(runs.create(SMALL, "bb"))
    with pytest.raises(RunError, match="at most 2"):
        line.check_room(2, "bb")


# A worker that hangs -----------------------------------------------------------------------------


@pytest.mark.slow
def test_a_worker_that_hangs_is_replaced_and_its_run_resumed(runs_dir, monkeypatch):
    monkeypatch.setenv("FMNIST_WORKERS", "1")
    queue = JobQueue()
    recipe = Recipe(epochs=6, training_images=6000, batch_size=2, hidden_units=(16,), dropout=0.1)
    try:
        alone, run = runs.create(recipe), runs.create(recipe)
        queue.submit(alone)
        until(alone, progress.FINISHED)
        queue.submit(run)
        wait(lambda: Follower(run).poll().completed >= 2)
        (pid,) = queue.process_ids()
        os.kill(pid, signal.SIGSTOP)
        queue._crew.watchdog._limit = 3.0  # FMNIST_HANG_MINUTES takes whole minutes
        wait(lambda: pid not in queue.process_ids())
        queue._crew.watchdog._limit = 300.0  # the next one has yet to start
        until(run, progress.FINISHED)
        assert history(run) == history(alone)
        begun = [e for e in runs.read_events(run)[0] if e["event"] == "worker_begin"]
        assert len(begun) == 2
        # A run that a person holds is silent too, and nothing happens to it.
        held = runs.create(recipe)
        held.ask(Control("pause"))
        queue.submit(held)
        until(held, progress.PAUSED)
        (pid,) = queue.process_ids()
        queue._crew.watchdog._limit = 3.0
        time.sleep(7)
        assert queue.process_ids() == [pid] and state(held) == progress.PAUSED
        held.ask(Control("stop"))
        until(held, progress.STOPPED)
    finally:
        queue.close()


# What is expected ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at_work", "waiting", "workers", "starts"),
    [
        ([], [5, 5, 5], 2, [0, 0, 5]),
        ([3, 9], [4, 4, 4], 2, [3, 7, 9]),
        ([3], [4], 2, [0]),
        ([3, 5, 7], [1, 1], 2, [3, 4]),  # the setting was lowered: they end one by one all the same
        ([], [], 2, []),
    ],
)
def test_who_waits_is_taken_when_somebody_ends(at_work, waiting, workers, starts):
    assert expected.schedule(at_work, waiting, workers) == starts


def test_a_wait_is_told_in_words_that_are_true_within_a_quarter():
    assert expected.in_words(0) == expected.in_words(49.9) == "within a minute"
    assert expected.in_words(50) == "in about 1 min"
    assert expected.in_words(90) == "in about 1½ min"
    assert expected.in_words(3600) == "in about 60 min"
    for seconds in range(50, 5000):
        assert abs(expected.told_minutes(seconds) * 60 / seconds - 1) <= 1 / 4, seconds


def test_a_wait_is_told_from_the_pace_of_those_before(runs_dir):
    working = make_run(epochs=2)  # of five, at a second each
    lock = working.acquire("worker")
    first, second = (runs.create(Recipe(epochs=5)) for _ in range(2))
    for run in (first, second):
        line.join(run)
    told = expected.waits(line.look(), Summaries(), 1)
    lock.release()
    left = 3.0 + expected.END_SECONDS
    its_turn = left + expected.START_SECONDS + 5.0 + expected.END_SECONDS
    assert told == {first.id: pytest.approx(left), second.id: pytest.approx(its_turn)}
    assert expected.waits(Line(), Summaries(), 1) == {}
    assert expected.waits(line.look(), Summaries(), 0) == {}  # a cluster that nobody has joined


def test_a_run_that_was_handed_out_counts_before_it_has_begun(runs_dir):
    handed, waiting = (runs.create(Recipe(epochs=5)) for _ in range(2))
    for run in (handed, waiting):
        line.join(run)
    lock = handed.acquire("queue")
    told = expected.waits(line.look(), Summaries(), 1)
    lock.release()
    assert list(told) == [waiting.id]
    assert told[waiting.id] > expected.START_SECONDS + expected.END_SECONDS


@pytest.mark.parametrize(
    ("seconds", "pace"), [([9.0, 2.0], 2.0), ([9.0, 2.0, 2.2, 2.1], 2.1), ([9.0], None), ([], None)]
)
def test_the_first_epoch_which_compiles_tells_no_pace(runs_dir, seconds, pace):
    run = runs.create(Recipe(epochs=5))
    log = EventLog(run)
    log.append("worker_begin", epoch=0)
    log.append("train_begin", learning_rate=0.01, data_name="some data", data_official=True)
    for number, each in enumerate(seconds, 1):
        figures = dict.fromkeys(("loss", "accuracy", "val_loss", "val_accuracy"), 0.5)
        log.append(
            "epoch_end", epoch=number, **figures, learning_rate=0.01, seconds=each, elapsed=0
        )
    log.close()
    (item,) = Summaries().sound()
    recipe = item.run.recipe
    by_updates = recipe.batches_per_epoch * update_seconds(recipe) * 1.5
    assert expected.pace_of(item, {(): 1.5}) == pytest.approx(pace or by_updates)
