"""Training processes on a dask.distributed cluster, in place of this machine's.

One run is one task, and a task takes one ``core`` of a dask worker; the line stays in the run
folders, and only as many runs are handed over as there are cores. The run folder, on a file system
that all machines share, is channel and record, so pages know nothing of the cluster. A task whose
worker is lost is given to another one by the scheduler, where it goes on from the run's saved
state. When the scheduler itself is lost, and back, the queue puts the run in line again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from queue import SimpleQueue
from typing import Any

from distributed import Client, Future, Scheduler, fire_and_forget
from distributed.utils import LoopRunner

from fmnist.training import cluster_task
from fmnist.training.run import RunFolder
from fmnist.training.runs import RunError, open_run
from fmnist.training.worker_process import Worker

CORE = "core"  # what a dask worker offers, with ``--resources core=1``, and a run takes
TIMES = 3  # that a run may lose its worker or fail before the scheduler gives it up
CONNECT_SECONDS = 5
LOOK_SECONDS = 0.2
RETRY_SECONDS = 1.0


class Cluster:
    """The connection to a scheduler; a thread keeps it up and knows how many cores there are.

    Parameters
    ----------
    address : of the scheduler
    """

    keeps_one_warm = False

    def __init__(self, address: str) -> None:
        self._address = address
        self._client: Client | None = None
        self._cores = 0
        # One for all clients: a client that does not get through would leave its own loop behind.
        self._loop = LoopRunner(asynchronous=False)
        self._loop.start()
        self._tried, self._closing = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._keep_up, daemon=True)
        self._thread.start()
        self._tried.wait(CONNECT_SECONDS)  # the first page should not tell of trouble too early

    def most(self) -> int:
        """How many cores the workers offer now."""
        return self._cores

    def start(self) -> Worker:
        """One that hands one run to the cluster, and is gone when that has ended."""
        return ClusterWorker(self)

    def problem(self) -> str:
        """Why nothing is trained."""
        if self._client is None:
            return f"The cluster cannot be reached at {self._address}. Runs wait until it can be"
        if not self._cores:
            return "No machine has joined the cluster yet. Runs wait until one does"
        return ""

    def about(self) -> str:
        """How many cores there are, and where the scheduler shows what they do."""
        client, cores = self._client, self._cores
        if client is None or not cores:
            return ""
        many = f"{cores} cores" if cores > 1 else "one core"
        return f"Runs are trained on a cluster of {many}. [Its dashboard]({client.dashboard_link})"

    def client(self) -> Client:
        """The connection. Raises ConnectionError while there is none."""
        if self._client is None:
            raise ConnectionError(f"{self.problem()}.")
        return self._client

    def close(self) -> None:
        """Leave the cluster; what it trains goes on there."""
        if self._closing.is_set():
            return
        self._closing.set()
        self._thread.join(2 * CONNECT_SECONDS)
        self._lose()
        self._loop.loop.add_callback(self._loop.loop.stop)

    def _keep_up(self) -> None:
        while not self._closing.is_set():
            try:
                if self._client is None:
                    self._client = Client(
                        self._address, timeout=CONNECT_SECONDS, set_as_default=False,
                        name="fashion-mnist-live", loop=self._loop.loop,
                    )  # fmt: skip
                self._cores = int(self._client.run_on_scheduler(cores))
            except Exception:  # of a network; the next try may go well
                self._lose()
            self._tried.set()
            self._closing.wait(1)

    def _lose(self) -> None:
        client, self._client, self._cores = self._client, None, 0
        with suppress(Exception):  # whatever is wrong with a connection that is not needed
            if client is not None:
                client.close(timeout=1)


class ClusterWorker(Worker):
    """Stands for a training process on some machine of the cluster, for one run."""

    def __init__(self, cluster: Cluster) -> None:
        super().__init__()
        self._cluster, self._jobs = cluster, SimpleQueue[str]()
        self._future: Future[str] | None = None

    def send(self, **job: str) -> None:
        """Its thread hands the run on."""
        self.busy = True
        self._jobs.put(job["run"])

    def messages(self) -> Iterator[dict[str, Any]]:
        """What becomes of the task."""
        yield {"say": "ready"}
        run_id = self._jobs.get()
        if not run_id:
            return  # there is nothing to do after all
        try:
            run = open_run(run_id)
            self._future = self._submit(run)
        except RunError as problem:
            yield {"say": "done", "message": str(problem)}
            return
        except Exception:  # of a network: the run keeps its place
            time.sleep(RETRY_SECONDS)
            return
        yield from self._follow(run, self._future)

    def _follow(self, run: RunFolder, future: Future[str]) -> Iterator[dict[str, Any]]:
        begun = False
        while not future.done():
            if not begun and not run.waits():
                begun = True
                yield {"say": "begun"}
            time.sleep(LOOK_SECONDS)
        if not begun and not run.waits():
            yield {"say": "begun"}
        try:
            message = future.result(timeout=CONNECT_SECONDS)
        except Exception as problem:
            if future.status != "error":  # the scheduler is gone, and the task with it
                cluster_task.wait_until_free(run)  # what trains it yet ends by itself
                self.lost = True
                return
            message = f"The cluster gave the run up: {type(problem).__name__}: {problem}"
        yield {"say": "done", "message": message}

    def kill(self) -> None:
        """Cancel the task; where it hangs, its dask worker is started again."""
        self._jobs.put("")
        threading.Thread(target=self._restart, daemon=True).start()

    def leave(self) -> None:
        """The cluster goes on with what has begun; the rest keeps its place in line."""
        self._jobs.put("")
        if self.handed and self._future is not None:
            with suppress(Exception):
                self._future.cancel(force=True)

    def last_words(self) -> str:
        """Nothing is known but that it is gone."""
        return "the cluster lost the run"

    def close(self) -> None:
        """Let the scheduler forget what the task returned."""
        if self._future is not None:
            self._future.release()

    def _submit(self, run: RunFolder) -> Future[str]:
        client = self._cluster.client()
        future = client.submit(
            cluster_task.train, run.id, key=cluster_task.key(run), resources={CORE: 1},
            retries=TIMES, pure=False,
        )  # fmt: skip
        fire_and_forget(future)  # it goes on, and is retried, when this server is gone
        return future

    def _restart(self) -> None:
        future = self._future
        if future is None:
            return
        with suppress(Exception):  # the cluster may be gone as well
            client = self._cluster.client()
            at_work = client.processing()
            names = [name for name, keys in at_work.items() if future.key in keys]
            future.cancel(force=True)
            client.restart_workers(names, timeout=30)


def cores(dask_scheduler: Scheduler) -> float:
    """How many runs the workers take at a time; runs on the scheduler."""
    return sum(state.resources.get(CORE, 0) for state in dask_scheduler.workers.values())
