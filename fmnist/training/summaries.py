"""What lists say of every run, kept so that no page reads a long run twice.

Forty runs of 500 epochs have 20 MB of events; parsed anew for each visit they take seconds. Here
each run is followed: what was read stays as long as the files are the same, and of a file that has
grown only the new part is read.
"""

import threading
from dataclasses import dataclass
from pathlib import Path

from fmnist.recipe import Recipe
from fmnist.training import runs
from fmnist.training.progress import Epoch, Follower, TestResult
from fmnist.training.runs import Description, Run, RunError

Mark = tuple[int, int, int]  # inode, bytes, time of the last change in nanoseconds


@dataclass(frozen=True)
class Summary:
    """A run as a list shows it.

    Attributes
    ----------
    state : one of the states of `fmnist.training.progress`, true when the summary was made
    epochs : the complete ones
    test : the final evaluation, if there was one
    """

    run: Run
    recipe: Recipe
    created: float
    state: str
    epochs: tuple[Epoch, ...]
    completed: int
    test: TestResult | None
    data_name: str
    data_official: bool


@dataclass(frozen=True)
class Damaged:
    """A folder of runs that cannot be shown, and why in plain words."""

    run: Run
    problem: str


@dataclass
class _Kept:
    recipe: Mark | None
    events: Mark | None
    description: Description
    follower: Follower


class Summaries:
    """Summaries of all runs; one object serves all sessions, from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[Path, _Kept] = {}

    def all(self) -> list[Summary | Damaged]:
        """Every run that is there now, newest first."""
        present = runs.folders()
        found = [self._look(run) for run in present]
        with self._lock:
            folders = {run.folder for run in present}
            self._kept = {path: kept for path, kept in self._kept.items() if path in folders}
        return found

    def sound(self) -> list[Summary]:
        """Every run that can be shown, newest first."""
        return [item for item in self.all() if isinstance(item, Summary)]

    def of(self, run: Run) -> Summary:
        """One run. Raises RunError if it cannot be shown."""
        with self._lock:
            kept = self._read(run)
            state, progress = kept.follower.state(), kept.follower.progress
            return Summary(
                run=run,
                recipe=kept.description.recipe,
                created=kept.description.created,
                state=state,
                epochs=tuple(progress.epochs),
                completed=progress.completed,
                test=progress.test,
                data_name=progress.data_name,
                data_official=progress.data_official,
            )

    def _look(self, run: Run) -> Summary | Damaged:
        try:
            return self.of(run)
        except RunError as problem:
            return Damaged(run, str(problem))

    def _read(self, run: Run) -> _Kept:
        """What is known of a run, or a new reader of it if its files are others now."""
        recipe, events = _mark(run.folder / "recipe.json"), _mark(run.events_path)
        kept = self._kept.get(run.folder)
        if kept is None or kept.recipe != recipe or not _continues(kept.events, events):
            self._kept.pop(run.folder, None)
            kept = _Kept(recipe, events, run.check(), Follower(run, points=False))
            self._kept[run.folder] = kept
        kept.events = events
        return kept


def _mark(path: Path) -> Mark | None:
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _continues(before: Mark | None, now: Mark | None) -> bool:
    """Whether a file is the same, or has only grown."""
    if before is None or now is None:
        return before == now
    return before == now or (before[0] == now[0] and before[1] < now[1])
