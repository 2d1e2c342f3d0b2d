"""Hands the runs in line to worker processes. Lives in the web process."""

import atexit
import logging
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, ClassVar

from fmnist import dataset, environment
from fmnist.recipe import Recipe
from fmnist.training import line, runs
from fmnist.training.crew import Crew
from fmnist.training.fetch import Download, Fetch
from fmnist.training.line import Line
from fmnist.training.locking import Lock
from fmnist.training.run import Place
from fmnist.training.runs import Run, RunError, RunFolder
from fmnist.training.worker_process import Handed, Worker

MAX_LOSSES = 2  # of one run, after which it is not resumed by itself
# How often the line is looked at: runs also join and leave it in other processes.
LOOK_SECONDS = 1.0
CLEAN_SECONDS = 60.0  # between two looks for runs that are too old
LINE_SECONDS = 0.4  # pages of the same moment see the same line


@dataclass
class _State:
    failures: dict[str, str] = field(default_factory=dict)
    seen: Line = field(default_factory=Line)
    seen_at: float = float("-inf")  # on the clock of time.monotonic
    losses: Counter[str] = field(default_factory=Counter)
    closed: bool = False


class JobQueue:
    """Hands runs in order to worker processes, one of which is warmed up beforehand.

    There may be one more of them than cores: while one compiles, validates or writes, another
    trains, and of five runs on two cores none trains alone in the end.

    Parameters
    ----------
    delay : seconds until that one is started; earlier if there is work
    """

    makes_crew: ClassVar[type[Crew]] = Crew

    def __init__(self, delay: float = 0) -> None:
        self._lock = threading.RLock()
        self._state, self._fetch = _State(), Fetch()
        self._crew = self.makes_crew(self._hear, self._gone)
        atexit.register(self.close)
        self._timer = threading.Timer(delay, self._warm_up)
        self._timer.daemon = True
        if delay:
            self._timer.start()
        else:
            self._warm_up()
        if dataset.find() is None:
            self.fetch_data()
        self._closing = threading.Event()
        self._ticker = threading.Thread(target=self._tick, daemon=True)
        self._ticker.start()

    def start(self, recipe: Recipe, owner: str = "") -> Run:
        """Make a new run and put it in line. Raises RunError, and then leaves none behind."""
        return self.start_group([recipe], owner, "")[0]

    def start_group(self, recipes: Sequence[Recipe], owner: str, group: str) -> list[Run]:
        """Make several runs and put all in line, or none: RunError, and none is left behind."""
        made: list[Run] = []
        with self._lock:
            line.check_room(len(recipes), owner)
            try:
                for recipe in recipes:
                    made.append(runs.create(recipe, owner, group))
                for run in made:
                    self._join(run)
            except RunError:
                for run in made:
                    with suppress(RunError):
                        run.leave_line()
                        runs.delete(run.id)
                raise
            self._dispatch()
        return made

    def submit(self, run: Run) -> None:
        """Put a new run in line, or one that is to carry on.

        Raises RunError if it is already at work or the line is full.
        """
        with self._lock:
            self._join(run)
            self._dispatch()

    def withdraw(self, run_id: str) -> bool:
        """Take a run out of the line; False if it does not wait."""
        run = runs.folder_of(run_id)
        with self._lock:
            if any(run_id == worker.run_id and worker.handed for worker in self._crew.workers):
                return False
            self._state.seen_at = float("-inf")
            return run is not None and run.leave_line()

    def line(self) -> Line:
        """Who waits, whichever server's page they started from, without those handed out."""
        with self._lock:
            if time.monotonic() - self._state.seen_at > LINE_SECONDS:
                self._look()
            return self._state.seen

    def position(self, run_id: str) -> int | None:
        """Position in the line: 1 is next; None if it does not wait."""
        return self.line().position(run_id)

    def is_starting(self, run_id: str) -> bool:
        """Whether the run has been handed to a training process that still starts."""
        with self._lock:
            workers = self._crew.workers
            return any(worker.run_id == run_id and not worker.ready for worker in workers)

    def ready(self) -> bool:
        """Whether a warm worker stands by."""
        with self._lock:
            return any(worker.ready and not worker.busy for worker in self._crew.workers)

    def failure(self, run_id: str) -> str | None:
        """What went wrong with a run whose own folder could not take the message."""
        with self._lock:
            return self._state.failures.get(run_id)

    def fetch_data(self) -> None:
        """Download the data set in a worker, unless that is going on already."""
        with self._lock:
            if not self._fetch.active:
                self._fetch.begin()
                self._crew.try_again()
                self._dispatch()

    def download(self) -> Download | None:
        """The latest download, or None if there was none."""
        with self._lock:
            return self._fetch.latest

    def process_ids(self) -> list[int]:
        """Process ids of the living workers."""
        with self._lock:
            ids = [worker.process_id for worker in self._crew.workers]
        return [number for number in ids if number is not None]

    def capacity(self) -> int:
        """How many runs may train side by side."""
        return self._crew.pool.most()

    def problem(self) -> str:
        """Why nothing is trained at all, in one sentence; empty if nothing is wrong."""
        return self._crew.pool.problem()

    def about(self) -> str:
        """Where runs are trained, as Markdown; empty if that is this machine."""
        return self._crew.pool.about()

    def close(self) -> None:
        """End this machine's workers: their runs can be resumed. Those in line stay there."""
        self._timer.cancel()
        self._closing.set()
        with self._lock:
            self._state.closed = True
            workers = self._crew.dismiss()
        for worker in workers:
            worker.leave()
            if worker.handed:
                worker.handed.lock.release()
        self._crew.pool.close()

    def _warm_up(self) -> None:
        with self._lock:
            if not self._state.closed:
                self._crew.warm_up()

    # Under the lock ------------------------------------------------------------------------

    def _join(self, run: Run) -> None:
        if run.is_locked("worker"):
            raise RunError(f"Run {run.id} is already training.")
        line.join(run)
        self._state.failures.pop(run.id, None)
        self._crew.try_again()
        self._state.seen_at = float("-inf")

    def _look(self) -> None:
        self._state.seen, self._state.seen_at = line.look(), time.monotonic()

    def _dispatch(self) -> None:
        """Hand out what can be handed out. A run waits while the data is being downloaded."""
        state = self._state
        if state.closed:
            return
        if self._fetch.wanted and (worker := self._crew.downloader()):
            self._fetch.wanted = False
            worker.send(job="download")
        if self._fetch.active:
            return
        self._look()
        most, passed_over = environment.runs_per_person(), set(state.failures)
        while run := line.next_run(state.seen, most, passed_over):
            if not (worker := self._crew.free(sum(state.seen.working.values()))):
                return
            passed_over.add(run.id)
            if lock := _taken(run):
                worker.handed, worker.run_id = Handed(run, lock), run.id
                worker.send(job="train", run=run.id)
            elif not self._crew.pool.keeps_one_warm:
                worker.kill()  # it was made for this run
            self._look()

    def _tick(self) -> None:
        """Look at the line from time to time, until the end."""
        clean = time.monotonic()
        while not self._closing.wait(LOOK_SECONDS):
            try:
                with self._lock:
                    self._crew.end_hung()
                    self._dispatch()
                if time.monotonic() > clean:
                    runs.delete_old(environment.keep_seconds())
                    clean = time.monotonic() + CLEAN_SECONDS
            except Exception:  # of a disk, or of a setting; the next look may go well
                logging.getLogger(__name__).exception("looking at the line failed")

    # In a thread of each worker --------------------------------------------------------------

    def _hear(self, worker: Worker, said: dict[str, Any]) -> None:
        with self._lock:
            self._take_in(worker, said)
            self._dispatch()

    def _gone(self, worker: Worker) -> None:
        with self._lock:
            self._crew.bury(worker)
            self._take_back(worker)

    # Under the lock ------------------------------------------------------------------------

    def _take_in(self, worker: Worker, said: dict[str, Any]) -> None:
        if said["say"] == "ready":
            self._crew.is_ready(worker)
        elif said["say"] == "begun" and worker.handed:
            worker.handed.lock.release()
            worker.handed = None
        elif said["say"] == "share":
            self._fetch.came(said["share"])
        elif said["say"] == "done":
            if worker.run_id:
                self._end_run(worker, said["message"])
            else:
                self._fetch.end(said["message"], said.get("details", ""))
            worker.busy, worker.run_id = False, ""
            if not worker.trains:
                worker.kill()

    def _end_run(self, worker: Worker, message: str) -> None:
        if worker.handed:
            if message:  # not even begun: it would be handed out again and again
                with suppress(RunError):
                    worker.handed.run.leave_line()
            worker.handed.lock.release()
            worker.handed = None
        if message:
            self._state.failures[worker.run_id] = message

    def _take_back(self, worker: Worker) -> None:
        """A worker is gone. Its run is interrupted if it had begun; otherwise it waits again."""
        state = self._state
        if worker.busy and not worker.run_id and self._fetch.active:
            details = f"The last that it wrote: {worker.last_words()}"
            self._fetch.end("the process that downloaded it has ended", details)
        if worker.handed and not state.closed:
            worker.handed.lock.release()  # it keeps its place in line
        elif worker.lost and worker.run_id and not state.closed:
            self._go_on(worker.run_id)
        if state.closed:
            return
        if not self._crew.workers:  # otherwise the others take what waits when they are free
            if self._crew.can_start():
                self._crew.warm_up()
            else:
                self._give_up(worker.last_words())
        self._dispatch()

    def _go_on(self, run_id: str) -> None:
        """Put a run whose worker was lost in line again, where it comes first; not for ever."""
        self._state.losses[run_id] += 1
        if self._state.losses[run_id] > MAX_LOSSES:
            self._state.failures[run_id] = (
                f"The training process hung or was lost {MAX_LOSSES + 1} times. Resume carries on "
                "after the last complete epoch."
            )
            return
        with suppress(RunError):
            run = runs.open_run(run_id)
            run.wait(Place(run.created, run.owner))

    def _give_up(self, reason: str) -> None:
        """Tell every waiting run that no worker can be started."""
        message = f"The training process cannot be started: {reason}. Is TensorFlow installed?"
        self._look()
        for item in self._state.seen.waiting:
            self._state.failures[item.run.id] = message
            with suppress(RunError):
                item.run.leave_line()
        if self._fetch.active:
            self._fetch.end("the training process cannot be started", message)


def _taken(run: RunFolder) -> Lock | None:
    """The lock of a run that is to be handed out; None if another server was faster."""
    try:
        lock = run.acquire("queue")
    except RunError:
        return None
    if not run.waits():  # handed out, and begun, between two looks
        lock.release()
        return None
    return lock
