"""Runs on a real dask cluster on this machine: lost workers, a lost scheduler, two servers."""

import json
import os
import subprocess
import sys
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from benchmarks.processes import started
from benchmarks.server import free_port
from fmnist import environment
from fmnist.recipe import Recipe
from fmnist.training import progress, runs
from fmnist.training.cluster_task import train
from fmnist.training.queue import JobQueue
from fmnist.training.run import Place
from fmnist.training.runs import Control
from tests.unit.test_queue import SMALL, history, state, until, wait
from tests.unit.test_queue_servers import begins

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]

SHORT = Recipe(epochs=2, training_images=600, hidden_units=(8,))
PYTHON = [sys.executable, "-m"]


class Machines:
    """A scheduler, and machines that join it with one core each."""

    def __init__(self, stack, folder):
        self._stack, self._folder, self.port = stack, folder, free_port()
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.scheduler = None
        self.workers = []

    def begin(self):
        self.scheduler = self._run("scheduler", "--host", "127.0.0.1", "--port", str(self.port),
                                   "--no-dashboard")  # fmt: skip

    def join(self, count=1):
        for _ in range(count):
            self.workers.append(
                self._run("worker", self.address, "--nthreads", "1", "--resources", "core=1",
                          "--no-dashboard")
            )  # fmt: skip

    def _run(self, *words):
        environ = os.environ | {"DASK_TEMPORARY_DIRECTORY": str(self._folder)}
        command = [*PYTHON, "distributed.cli.dask_" + words[0], *words[1:]]
        return self._stack.enter_context(
            started(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environ)
        )


@pytest.fixture
def machines(runs_dir, data, monkeypatch, tmp_path):
    with ExitStack() as stack:
        machines = Machines(stack, tmp_path / "dask")
        monkeypatch.setenv("FMNIST_CLUSTER", machines.address)
        yield machines


def trained_by(run):
    """Process ids of the machines that have the run's lock file open."""
    lock = str(run.folder / "worker.lock")
    return [
        process.pid
        for process in psutil.process_iter()
        if lock in map(str, opened(process)) and process.pid != os.getpid()
    ]


def opened(process):
    """What a process has open, as far as one may know."""
    try:
        return [link.readlink() for link in Path(f"/proc/{process.pid}/fd").iterdir()]
    except OSError:
        return []


def is_at_work(run):
    return run.is_locked("worker") and (run.folder / "state.npz").exists()


def test_a_sweep_of_six_outlives_a_lost_machine(machines):
    """Three machines, two servers; one is killed in mid-run, and its run goes on elsewhere."""
    machines.begin()
    machines.join(3)
    with closing(JobQueue()) as queue, closing(JobQueue()) as other:
        wait(lambda: queue.capacity() == other.capacity() == 3, "three machines have joined")
        assert queue.problem() == "" and "3 cores" in queue.about()
        recipe = replace(SMALL, epochs=20)
        made = queue.start_group([replace(recipe, seed=seed) for seed in range(6)], "", "g")
        victim = wait(lambda: next(filter(is_at_work, made), None), "one has an epoch behind it")
        waiting = [run for run in made if run.waits() and not run.is_locked("queue")]
        assert len(waiting) >= 3  # as many as there are machines have been handed over, at most
        for pid in trained_by(victim):
            os.kill(pid, 9)
        for run in made:
            until(run, progress.FINISHED)
        assert begins(victim) == 2
        assert [begins(run) for run in made if run is not victim] == [1] * 5
        alone = queue.start(victim.recipe)
        until(alone, progress.FINISHED)
    assert begins(alone) == 1
    assert history(alone) == history(victim)


def test_a_scheduler_that_goes_and_comes_back(machines):
    machines.begin()
    machines.join()
    with closing(JobQueue()) as queue:
        wait(lambda: queue.capacity() == 1)
        run, later = queue.start_group([replace(SMALL, epochs=40), SHORT], "", "")
        wait((run.folder / "state.npz").exists)
        machines.scheduler.kill()
        for pid in trained_by(run):
            os.kill(pid, 9)
        wait(lambda: "cannot be reached" in queue.problem())
        until(run, progress.INTERRUPTED, progress.WAITING)
        assert state(later) == progress.WAITING
        machines.begin()
        wait(lambda: "No machine" in queue.problem())
        machines.join()
        for each in (run, later):
            until(each, progress.FINISHED)
    assert begins(run) == 2


def test_a_server_that_ends_leaves_its_runs_at_work(machines):
    machines.begin()
    machines.join()
    with closing(JobQueue()) as queue:
        run = queue.start(SMALL)
        wait(lambda: run.is_locked("worker"))
    assert state(run) != progress.INTERRUPTED
    until(run, progress.FINISHED)
    assert begins(run) == 1


def test_a_run_is_controlled_from_afar(machines):
    machines.begin()
    machines.join()
    with closing(JobQueue()) as queue:
        run = queue.start(Recipe(epochs=500, training_images=2000, hidden_units=(8,)))
        wait((run.folder / "state.npz").exists)
        run.ask(Control("pause"))
        until(run, progress.PAUSED)
        run.ask(Control("stop"))
        until(run, progress.STOPPED)
        wait(run.has_model)  # written a moment after the event
        assert queue.failure(run.id) is None


def test_a_second_task_of_a_run_does_nothing(runs_dir, data, tensorflow):
    run = runs.create(SHORT)
    run.wait(Place(0.0))
    assert train(run.id) == ""
    before = runs.read_events(run)[0]
    assert state(run) == progress.FINISHED
    assert train(run.id) == ""
    assert runs.read_events(run)[0] == before


def test_without_a_scheduler_runs_wait_and_the_page_says_why(machines):
    with closing(JobQueue()) as queue:
        run = queue.start(SHORT)
        assert queue.position(run.id) == 1 and queue.capacity() == 0 and queue.about() == ""
        assert machines.address in queue.problem()
        assert queue.withdraw(run.id)


@pytest.mark.parametrize(
    "text", ["127.0.0.1:8786", "http://a:1", "tcp://", "tcp://a", "tcp://a b:1", "tcp://a:1/x"]
)
def test_what_is_no_address_of_a_scheduler(text, monkeypatch):
    monkeypatch.setenv("FMNIST_CLUSTER", text)
    (problem,) = environment.check()
    assert "FMNIST_CLUSTER" in problem and "tcp://10.0.0.5:8786" in problem
    with pytest.raises(ValueError, match="FMNIST_CLUSTER"):
        environment.cluster()


def test_the_command_line_sweeps_on_a_cluster(machines):
    machines.begin()
    machines.join(2)
    command = [*PYTHON, "fmnist", "sweep", "--hidden-units", "4", "--epochs", "1", "--seeds", "2",
               "--training-images", "600", "--json"]  # fmt: skip
    told = subprocess.run(command, capture_output=True, text=True, timeout=240, check=True)
    assert len(json.loads(told.stdout)["runs"]) == 2
