"""What the events of a run add up to, and the state of a run by its locks."""

import gc
import os
import signal
import subprocess
import sys
import threading
import weakref
from dataclasses import replace

import pytest

from benchmarks.processes import started
from fmnist.recipe import Recipe
from fmnist.training import progress, runs
from fmnist.training.progress import Epoch, Follower, Point, Progress, RateChange, Sample
from fmnist.training.run import Place
from fmnist.training.runs import EventLog
from fmnist.ui.parts.known_runs import Followers

HOLD = """
import sys, time
from fmnist.training import runs
run = runs.open_run(sys.argv[1])
log = runs.EventLog(run)
lock = run.acquire("worker")
log.append("worker_begin", epoch=0)
print("acquired", flush=True)
time.sleep(600)
"""


@pytest.fixture
def run(runs_dir):
    return runs.create(Recipe(epochs=5))


@pytest.fixture
def log(run):
    log = EventLog(run)
    yield log
    log.close()


def begin(log, epoch=0):
    log.append("worker_begin", epoch=epoch)
    log.append("train_begin", learning_rate=0.01, data_name="some data", data_official=True)


def batch(log, position, elapsed=0.0, loss=1.0):
    values = {"position": position, "loss": loss, "accuracy": 0.5}
    log.append("batch_end", **values, elapsed=elapsed, images_per_second=1000.0)


def epoch(log, number, val_loss=0.5, seconds=2.0, rate=0.01):
    log.append(
        "epoch_end",
        epoch=number,
        loss=1.0 / number,
        accuracy=0.5,
        val_loss=val_loss,
        val_accuracy=0.4,
        learning_rate=rate,
        seconds=seconds,
        elapsed=seconds * number,
    )


def followed(run):
    return Follower(run).poll()


def test_nothing_yet(run):
    seen = followed(run)
    assert seen == Progress()
    assert (seen.completed, seen.position, seen.best_epoch) == (0, 0.0, None)


def test_a_whole_run(run, log):
    begin(log)
    for number in (1, 2, 3):
        for part in (0.5, 1.0):
            batch(log, number - 1 + part, elapsed=number - 1 + part)
        epoch(log, number, val_loss=abs(number - 2) + 0.25, seconds=1.5)
    sample = {"index": 0, "true": 9, "predicted": 7, "probabilities": [0.1] * 10}
    log.append("test_end", loss=0.4, accuracy=0.8, samples=[sample])
    log.append("train_end", state="finished")
    seen = followed(run)
    assert seen.phase == progress.FINISHED
    assert seen.epochs[0] == Epoch(1, 1.0, 0.5, 1.25, 0.4, 0.01, 1.5)
    assert [point.position for point in seen.points] == [0.5, 1.0, 1.5, 2.0, 2.5, 3.0]
    assert seen.points[0] == Point(0.5, 1.0, 0.5)
    assert seen.best_epoch == seen.epochs[1]
    assert (seen.completed, seen.position, seen.elapsed) == (3, 3.0, 4.5)
    assert (seen.images_per_second, seen.learning_rate) == (1000.0, 0.01)
    assert (seen.data_name, seen.data_official) == ("some data", True)
    assert seen.test is not None
    assert (seen.test.loss, seen.test.accuracy) == (0.4, 0.8)
    assert seen.test.samples == (Sample(0, 9, 7, (0.1,) * 10),)


def test_reading_as_it_grows_gives_the_same_as_reading_at_once(run, log):
    follower = Follower(run)
    begin(log)
    for number in (1, 2):
        batch(log, number - 0.5)
        follower.poll()
        epoch(log, number)
        assert follower.poll() == followed(run)
    assert follower.progress.completed == 2


def test_position_inside_an_epoch(run, log):
    begin(log)
    epoch(log, 1)
    batch(log, 1.25, elapsed=2.5)
    seen = followed(run)
    assert (seen.completed, seen.position, seen.elapsed) == (1, 1.25, 2.5)


def test_resuming_drops_what_is_trained_again(run, log):
    """Killed in epoch 4 after epoch 3 was told but before its state was kept."""
    begin(log)
    for number in (1, 2, 3):
        batch(log, number - 0.5)
        if number == 2:
            log.append("learning_rate", position=1.5, value=0.1)
        epoch(log, number)
        # After the state of epoch 2 was kept, and therefore not in it.
        log.append("learning_rate", position=float(number), value=0.15 + number)
    log.append("learning_rate", position=3.5, value=0.2)
    batch(log, 3.5, elapsed=7.0)
    begin(log, epoch=2)
    seen = followed(run)
    assert [item.epoch for item in seen.epochs] == [1, 2]
    assert [point.position for point in seen.points] == [0.5, 1.5]
    assert seen.rate_changes == [RateChange(1.0, 1.15, 1), RateChange(1.5, 0.1, 1)]
    assert seen.elapsed == 4.0
    for number in (3, 4):
        epoch(log, number)
    assert [item.epoch for item in followed(run).epochs] == [1, 2, 3, 4]


def test_resuming_forgets_the_failure_and_an_old_test(run, log):
    begin(log)
    epoch(log, 1)
    log.append("failed", message="The disk is full.")
    assert (followed(run).phase, followed(run).message) == ("failed", "The disk is full.")
    log.append("worker_begin", epoch=1)
    seen = followed(run)
    assert (seen.phase, seen.message, seen.completed) == ("warming up", "", 1)


def test_rate_changes_are_kept_where_they_took_effect(run, log):
    begin(log)
    log.append("learning_rate", position=0.25, value=0.5)
    seen = followed(run)
    assert seen.rate_changes == [RateChange(0.25, 0.5, 0)]
    assert seen.learning_rate == 0.5
    epoch(log, 1, rate=0.5)
    assert followed(run).learning_rate == 0.5


@pytest.mark.parametrize(
    "damaged",
    [
        '{"event": "epoch_end"}',
        '{"event": "epoch_end", "epoch": 1, "loss": 2}',
        '{"event": "batch_end", "loss": 1}',
        '{"event": "worker_begin"}',
        '{"event": "worker_begin", "epoch": "two"}',
        '{"event": "train_begin"}',
        '{"event": "train_end"}',
        '{"event": "learning_rate"}',
        '{"event": "failed"}',
        '{"event": "test_end", "loss": 1, "accuracy": 1, "samples": [{}]}',
        '{"event": "test_end", "loss": 1, "accuracy": 1, "samples": 7}',
        '{"event": "news", "from": "a later version"}',
        '{"event": ""}',
    ],
)
def test_a_damaged_event_is_passed_over(run, log, damaged):
    begin(log)
    epoch(log, 1)
    with run.events_path.open("a") as file:
        file.write(damaged + "\n")
    epoch(log, 2)
    seen = followed(run)
    assert [item.epoch for item in seen.epochs] == [1, 2]
    assert seen.test is None


# States, with real locks ---------------------------------------------------------------------


def state(run):
    return Follower(run).state()


def test_a_run_that_nobody_has_locked_is_interrupted(run):
    assert state(run) == progress.INTERRUPTED


def test_the_states_of_a_run_from_line_to_end(run, log):
    run.wait(Place(1.0))
    assert state(run) == progress.WAITING
    at_work = run.acquire("worker")
    assert state(run) == progress.WARMING_UP
    run.leave_line()
    assert state(run) == progress.WARMING_UP
    log.append("worker_begin", epoch=0)
    assert state(run) == progress.WARMING_UP
    begin(log)
    assert state(run) == progress.RUNNING
    log.append("pause")
    assert state(run) == progress.PAUSED
    log.append("continue")
    assert state(run) == progress.RUNNING
    log.append("train_end", state="finished")
    assert state(run) == progress.FINISHED
    at_work.release()
    assert state(run) == progress.FINISHED


@pytest.mark.parametrize(
    ("event", "values", "expected"),
    [
        ("train_end", {"state": "stopped"}, progress.STOPPED),
        ("train_end", {"state": "finished"}, progress.FINISHED),
        ("failed", {"message": "Why."}, progress.FAILED),
    ],
)
def test_an_ended_run_keeps_its_state_until_it_waits_again(run, log, event, values, expected):
    begin(log)
    log.append(event, **values)
    assert state(run) == expected
    run.wait(Place(1.0))
    assert state(run) == progress.WAITING
    at_work = run.acquire("worker")
    log.append("worker_begin", epoch=0)
    run.leave_line()
    assert state(run) == progress.WARMING_UP
    at_work.release()
    assert state(run) == progress.INTERRUPTED


@pytest.mark.parametrize("last", ["worker_begin", "train_begin", "pause"])
def test_a_killed_worker_leaves_an_interrupted_run(run, last):
    command = [sys.executable, "-c", HOLD, run.id]
    with started(command, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout.readline() == "acquired\n"
        log = EventLog(run)
        if last != "worker_begin":
            begin(log)
        if last == "pause":
            log.append("pause")
        log.close()
        follower = Follower(run)
        assert follower.state() in (progress.WARMING_UP, progress.RUNNING, progress.PAUSED)
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
        assert follower.state() == progress.INTERRUPTED


def test_every_state_is_either_live_resumable_or_finished():
    states = {
        progress.WAITING,
        progress.WARMING_UP,
        progress.RUNNING,
        progress.PAUSED,
        progress.STOPPED,
        progress.INTERRUPTED,
        progress.FAILED,
        progress.FINISHED,
    }
    assert len(states) == 8
    assert {*progress.LIVE, *progress.RESUMABLE, progress.FINISHED} == states


def test_a_reader_is_shared_by_all_who_keep_it_and_goes_with_the_last(run, log):
    followers = Followers()
    first, second = followers.of(run), followers.of(runs.open_run(run.id))
    assert first is second
    other = followers.of(runs.create(Recipe(epochs=5)))
    assert other is not first
    kept = weakref.ref(first)
    del first, second
    gc.collect()
    assert kept() is None


def test_another_run_in_the_same_folder_has_a_reader_of_its_own(run):
    followers = Followers()
    first = followers.of(run)
    assert followers.of(replace(run, recipe=Recipe(epochs=6))) is not first


def test_threads_that_share_a_reader_see_each_event_once(run, log):
    begin(log)
    follower, seen, stop = Follower(run), [], threading.Event()

    def look():
        while not stop.is_set():
            found = follower.poll()
            positions = [point.position for point in found.points]
            seen.append(positions == sorted(set(positions)))

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(1, 301):
        batch(log, number / 100)
    stop.set()
    for thread in threads:
        thread.join()
    assert all(seen)
    assert len(follower.poll().points) == 300


def test_what_was_seen_stays_as_it_was(run, log):
    begin(log)
    batch(log, 0.5)
    follower = Follower(run)
    before = follower.poll()
    batch(log, 0.6)
    epoch(log, 1)
    after = follower.poll()
    assert (len(before.points), before.completed) == (1, 0)
    assert (len(after.points), after.completed) == (2, 1)
    assert follower.poll() is after
