"""The training processes of one server: which there are, who is free, and who hangs."""

import threading
from collections.abc import Callable
from typing import Any

from fmnist import environment
from fmnist.training.watchdog import Watchdog
from fmnist.training.worker_process import LocalWorker, Pool, ThisMachine, Worker

# A worker that dies this often before it is ready will not get better by starting it again.
MAX_FALSE_STARTS = 2


class Crew:
    """Starts workers and listens to each in a thread of its own.

    Whoever calls its methods holds one lock; `hear` and `gone` are called without it.

    Parameters
    ----------
    hear : called with each message of a worker
    gone : called once when a worker has ended, whatever ended it
    """

    def __init__(
        self, hear: Callable[[Worker, dict[str, Any]], None], gone: Callable[[Worker], None]
    ) -> None:
        self._hear, self._gone = hear, gone
        self.pool: Pool = _pool()
        self.workers: list[Worker] = []
        self.watchdog = Watchdog(environment.hang_seconds())
        self._false_starts = 0

    def warm_up(self) -> None:
        """Let one stand by, if there is none and it would."""
        if not self.workers and self.pool.keeps_one_warm:
            self._welcome(self.pool.start())

    def free(self, at_work: int) -> Worker | None:
        """A worker without a job, a warm one first; a new one if there is none but room for it.

        Parameters
        ----------
        at_work : runs that train by now, those of other servers included
        """
        if not self.pool.keeps_one_warm:  # a cluster, where other servers' runs are at work too
            return self._welcome(self.pool.start()) if at_work < self.pool.most() else None
        trains = [worker for worker in self.workers if worker.trains]
        free = [worker for worker in trains if not worker.busy]
        free.sort(key=lambda worker: not worker.ready)
        if not free and len(trains) < self.pool.most() and self.can_start():
            return self._welcome(self.pool.start())
        return free[0] if free else None

    def downloader(self) -> Worker | None:
        """A worker of this machine: its pages need the data, wherever runs are trained."""
        if self.pool.keeps_one_warm:
            return self.free(0)
        return self._welcome(LocalWorker(trains=False))

    def can_start(self) -> bool:
        """Whether it is worth to start one: not if the last ones died before they were ready."""
        return self._false_starts < MAX_FALSE_STARTS

    def try_again(self) -> None:
        """Somebody asks for something new: forget that workers did not start."""
        self._false_starts = 0

    def is_ready(self, worker: Worker) -> None:
        """It is warm."""
        worker.ready, self._false_starts = True, 0

    def end_hung(self) -> None:
        """End those that give no sign of life; their threads hear of it."""
        for worker in self.watchdog.hung(self.workers):
            worker.lost = True
            worker.kill()

    def bury(self, worker: Worker) -> None:
        """It has ended."""
        if worker in self.workers:
            self.workers.remove(worker)
        self._false_starts += 0 if worker.ready else 1

    def dismiss(self) -> list[Worker]:
        """The server ends: let all go; returns them."""
        workers, self.workers = self.workers, []
        return workers

    def _welcome(self, worker: Worker) -> Worker:
        self.workers.append(worker)
        threading.Thread(target=self._listen, args=(worker,), daemon=True).start()
        return worker

    def _listen(self, worker: Worker) -> None:
        for message in worker.messages():
            self._hear(worker, message)
        self._gone(worker)
        worker.close()


def _pool() -> Pool:
    """Where runs are trained."""
    if address := environment.cluster():
        from fmnist.training.cluster import Cluster  # needs dask, which is not for everybody

        return Cluster(address)
    return ThisMachine()
