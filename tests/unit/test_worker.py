"""The worker process by itself: what it hears, says, and when it ends."""

import json
import shutil
import signal
import subprocess
import sys
import time

import pytest

from benchmarks.processes import started
from fmnist.recipe import Recipe
from fmnist.training import progress, runs
from fmnist.training.progress import Follower
from fmnist.training.runs import Control

pytestmark = pytest.mark.slow

SMALL = Recipe(epochs=500, training_images=1000, hidden_units=(8,))


class Worker:
    def __init__(self, process):
        self.process = process

    def tell(self, **job):
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()

    def hear(self):
        return json.loads(self.process.stdout.readline())


@pytest.fixture(scope="module")
def worker(tmp_path_factory):
    """One process for all tests here; its runs have a folder of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FMNIST_RUNS_DIR", str(tmp_path_factory.mktemp("runs")))
        command = [sys.executable, "-m", "fmnist.training.worker"]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        with started(command, **pipes, text=True) as process:
            worker = Worker(process)
            assert worker.hear() == {"say": "ready"}
            yield worker


def test_a_run_is_begun_and_done(worker):
    run = runs.create(Recipe(epochs=2, training_images=500, hidden_units=(8,)))
    worker.tell(job="train", run=run.id)
    assert worker.hear() == {"say": "begun"}
    assert worker.hear() == {"say": "done", "message": ""}
    assert Follower(run).state() == progress.FINISHED


def test_bad_runs_are_answered_and_harm_no_other(worker):
    deleted, damaged, odd = (runs.create(SMALL) for _ in range(3))
    shutil.rmtree(deleted.folder)
    (damaged.folder / "recipe.json").write_text("{")
    odd.events_path.mkdir()
    worker.tell(job="train", run=deleted.id)
    assert "There is no run" in worker.hear()["message"]
    worker.tell(job="train", run="../../etc/passwd")
    assert "is not the name of a run" in worker.hear()["message"]
    worker.tell(job="train", run=odd.id)
    assert "cannot be written" in worker.hear()["message"]
    worker.tell(job="train", run=damaged.id)
    assert "half-written or damaged" in worker.hear()["message"]
    test_a_run_is_begun_and_done(worker)


def test_the_interrupt_key_is_the_servers(worker):
    worker.process.send_signal(signal.SIGINT)
    test_a_run_is_begun_and_done(worker)


def test_it_ends_with_its_server_in_the_middle_of_a_run(worker):
    run = runs.create(SMALL)
    worker.tell(job="train", run=run.id)
    assert worker.hear() == {"say": "begun"}
    deadline = time.monotonic() + 60
    follower = Follower(run)
    while follower.poll().completed < 2:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert follower.state() == progress.RUNNING
    worker.process.stdin.close()
    assert worker.process.wait(timeout=30) == 0
    assert follower.state() == progress.INTERRUPTED
    assert run.control() == Control()
