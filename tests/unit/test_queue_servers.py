"""Several servers on one folder of runs, and what is left when one of them is killed."""

import subprocess
import sys
import time

import pytest

from benchmarks.processes import started
from fmnist.recipe import Recipe
from fmnist.training import line, progress, runs
from fmnist.training.progress import Follower
from fmnist.training.queue import JobQueue
from fmnist.training.runs import Control
from tests.unit.test_queue import SMALL, alive, history, state, until, wait

pytestmark = pytest.mark.slow

SHORT = Recipe(epochs=2, training_images=600, hidden_units=(8,))
SERVER = """
import sys, time
from fmnist.training import runs
from fmnist.training.queue import JobQueue
queue = JobQueue()
for name in sys.argv[1:]:
    queue.submit(runs.open_run(name))
print(*queue.process_ids(), flush=True)
time.sleep(600)
"""


@pytest.fixture
def queues(runs_dir, monkeypatch):
    """Makes queues as servers have them, with one worker each; all are closed at the end."""
    monkeypatch.setenv("FMNIST_WORKERS", "1")
    made = []

    def make():
        made.append(JobQueue())
        return made[-1]

    yield make
    for queue in made:
        queue.close()


def begins(run):
    return sum(event["event"] == "worker_begin" for event in runs.read_events(run)[0])


def test_two_servers_share_one_line_and_start_no_run_twice(queues):
    made = [runs.create(SHORT) for _ in range(6)]
    first, second = queues(), queues()
    for number, run in enumerate(made):
        (first, second)[number % 2].submit(run)
    waiting = [item.run.id for item in line.look().waiting]
    time.sleep(0.5)
    assert [first.position(name) for name in waiting] == [second.position(name) for name in waiting]
    for run in made:
        until(run, progress.FINISHED)
    assert [begins(run) for run in made] == [1] * 6
    assert line.look().waiting == ()


def test_a_server_that_is_killed_leaves_nothing_behind(queues):
    alone, run = runs.create(SMALL), runs.create(SMALL)
    run.ask(Control("run", pause_after=1))
    command = [sys.executable, "-c", SERVER, run.id]
    with started(command, stdout=subprocess.PIPE, text=True) as server:
        pids = [int(word) for word in server.stdout.readline().split()]
        assert pids and all(map(alive, pids))
        assert state(run) == progress.WAITING
        until(run, progress.PAUSED)
        server.kill()
        server.wait()
    wait(lambda: not any(map(alive, pids)))
    until(run, progress.INTERRUPTED)
    run.ask(Control())
    queue = queues()
    for either in (run, alone):
        queue.submit(either)
    for either in (run, alone):
        until(either, progress.FINISHED)
    assert history(run) == history(alone)


def test_the_line_outlives_its_server_and_keeps_its_order(queues):
    """Killed before a worker is warm: the next server trains them all, in the same order."""
    made = [runs.create(SHORT) for _ in range(3)]
    command = [sys.executable, "-c", SERVER, *(run.id for run in made)]
    with started(command, stdout=subprocess.PIPE, text=True) as server:
        pids = [int(word) for word in server.stdout.readline().split()]
        server.kill()
        server.wait()
    wait(lambda: not any(map(alive, pids)))
    assert [state(run) for run in made] == [progress.WAITING] * 3
    assert [item.run.id for item in line.look().waiting] == [run.id for run in made]
    queues()
    for run in made:
        until(run, progress.FINISHED)
    times = [runs.read_events(run)[0][0]["time"] for run in made]
    assert times == sorted(times)
    assert [begins(run) for run in made] == [1] * 3


def test_a_person_s_second_run_waits_for_others_first(queues, monkeypatch):
    monkeypatch.setenv("FMNIST_RUNS_PER_PERSON", "1")
    held = runs.create(SMALL, "aa")
    held.ask(Control("pause"))
    queue = queues()
    queue.submit(held)
    until(held, progress.PAUSED)
    other = queues()  # a second server has a worker free, and yet aa has one at work
    second, first_of_b = runs.create(SHORT, "aa"), runs.create(SHORT, "bb")
    for run in (second, first_of_b):
        other.submit(run)
    until(first_of_b, progress.FINISHED)
    time.sleep(2.5)
    assert Follower(second).state() == progress.WAITING
    held.ask(Control("stop"))
    until(second, progress.FINISHED)


# One server alone ----------------------------------------------------------------------------


def test_a_worker_is_warmed_up_after_a_while_or_as_soon_as_there_is_work(monkeypatch, tmp_path):
    monkeypatch.setenv("FMNIST_RUNS_DIR", str(tmp_path))
    later, never = JobQueue(delay=0.3), JobQueue(delay=3600)
    try:
        assert later.process_ids() == never.process_ids() == []
        wait(later.process_ids)
        never.submit(runs.create(SMALL))
        assert len(never.process_ids()) == 1
    finally:
        later.close()
        never.close()


# Workers that cannot start -------------------------------------------------------------------


@pytest.fixture
def broken_tensorflow(tmp_path, monkeypatch, runs_dir):
    """Every process that is started from now on finds a TensorFlow that cannot be imported."""
    (tmp_path / "tensorflow").mkdir()
    marks = tmp_path / "starts"
    (tmp_path / "tensorflow" / "__init__.py").write_text(
        f"open({str(marks)!r}, 'a').write('x')\nraise ImportError('libtensorflow.so is missing')\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return marks


def test_a_worker_that_cannot_start_is_told_and_not_tried_for_ever(broken_tensorflow):
    queue = JobQueue()
    try:
        runs_there = [runs.create(SMALL), runs.create(SMALL)]
        for run in runs_there:
            queue.submit(run)
        for run in runs_there:
            message = wait(lambda run=run: queue.failure(run.id))
            assert "The training process cannot be started" in message
            assert "libtensorflow.so is missing" in message
            assert state(run) == progress.INTERRUPTED
            assert queue.position(run.id) is None
        wait(lambda: not queue.process_ids())
        time.sleep(1.0)
        assert queue.process_ids() == []
        assert len(broken_tensorflow.read_text()) <= 4
        assert not queue.ready()
        # A person may try again: told again, not at once taken for lost.
        queue.submit(runs_there[0])
        assert queue.failure(runs_there[0].id) is None
        assert "cannot be started" in wait(lambda: queue.failure(runs_there[0].id))
    finally:
        queue.close()


def test_close_leaves_every_run_in_line(runs_dir):
    queue = JobQueue()
    made = [runs.create(SMALL) for _ in range(4)]
    for run in made:
        queue.submit(run)
    pids = queue.process_ids()
    assert [state(run) for run in made] == [progress.WAITING] * 4
    assert {run.id for run in made if queue.is_starting(run.id)} == {
        run.id for run in made if queue.position(run.id) is None
    }
    queue.close()
    assert not any(map(alive, pids))
    assert [state(run) for run in made] == [progress.WAITING] * 4
    assert [item.run.id for item in line.look().waiting] == [run.id for run in made]
    assert queue.process_ids() == []
    queue.close()  # safe to call twice


def test_the_data_is_fetched_first_and_the_stand_in_helps_out(runs_dir, tmp_path, monkeypatch):
    monkeypatch.setenv("FMNIST_DATA_DIR", str(tmp_path / "nowhere"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")  # nothing listens there
    monkeypatch.setenv("FMNIST_WORKERS", "1")
    queue = JobQueue()
    try:
        run = runs.create(Recipe(epochs=1, training_images=500))
        queue.submit(run)
        assert queue.download().active
        assert queue.position(run.id) == 1
        wait(lambda: not queue.download().active)
        assert queue.download().failed
        assert queue.download().message == "no network"
        assert "Connection refused" in queue.download().details
        until(run, progress.FINISHED)
        assert not Follower(run).poll().data_official
    finally:
        queue.close()
