"""What lists say of every run, kept so that no page reads a long run twice.

Forty runs of 500 epochs have 20 MB of events, which take seconds to parse. Here each run is
followed. What was read is kept as long as the files are the same; if one has grown, only its new
part is read.
"""

import math
import os
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field

from fmnist.training import label as labels
from fmnist.training import runs
from fmnist.training.label import Label
from fmnist.training.progress import FINISHED, Epoch, Follower, TestResult
from fmnist.training.runs import Run, RunError, RunFolder

FILES = ("recipe.json", "events.jsonl", "model.keras", "label.json")  # what a summary is made of
Mark = tuple[int, int, int]  # inode, bytes, time of the last change in nanoseconds
# A finished run does not change by itself: somebody would have to damage or mend its files.
SETTLED_SECONDS = 1.0


@dataclass(frozen=True)
class Summary:
    """A run as a list shows it, without who is at work on it, which `Summaries.state` tells.

    Attributes
    ----------
    epochs : the complete ones
    test : the final evaluation, if there was one
    has_model : whether there is a file with the trained model
    seconds : of training
    label : what a person has written on it
    """

    run: Run
    epochs: tuple[Epoch, ...]
    completed: int
    test: TestResult | None
    data_name: str
    data_official: bool
    has_model: bool
    seconds: float = 0.0
    label: Label = field(default_factory=Label)

    @property
    def best(self) -> float | None:
        """The best validation accuracy of its epochs; None before the first."""
        known = (i.val_accuracy for i in self.epochs if not math.isnan(i.val_accuracy))
        return max(known, default=None)

    @property
    def last(self) -> float | None:
        """The validation accuracy of its last epoch; None if there is none."""
        value = self.epochs[-1].val_accuracy if self.epochs else math.nan
        return None if math.isnan(value) else value


@dataclass
class _Kept:
    """What was read of a run, and which files it was read from.

    Attributes
    ----------
    settled : whether the run has come to its end and its model is there
    looked : when its files were looked at, on the clock of ``time.monotonic``
    """

    marks: tuple[Mark | None, ...]  # of FILES
    follower: Follower
    summary: Summary
    settled: bool
    looked: float


class Summaries:
    """Summaries of all runs; one object serves all sessions, from any thread."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._kept: dict[str, _Kept] = {}  # by the id of the run

    def sound(self) -> list[Summary]:
        """Every run that can be shown, newest first; a finished one as it was a second ago."""
        with self._lock:
            present = runs.folders()
            found = []
            for folder in present:
                with suppress(RunError):
                    found.append(self._settled(folder) or self.of(folder))
            there = {folder.id for folder in present}
            self._kept = {name: kept for name, kept in self._kept.items() if name in there}
        return found

    def of(self, folder: RunFolder) -> Summary:
        """One run as it is now. Raises RunError if it cannot be shown."""
        with self._lock:
            return self._read(folder).summary

    def state(self, folder: RunFolder) -> str:
        """What is true of a run now: one of the states of `fmnist.training.progress`.

        Raises RunError if it cannot be shown.
        """
        with self._lock:
            return self._read(folder).follower.state()

    def _settled(self, folder: RunFolder) -> Summary | None:
        """A finished run with its model, if it was looked at a moment ago."""
        kept = self._kept.get(folder.id)
        if kept is None or not kept.settled:
            return None
        return kept.summary if time.monotonic() - kept.looked < SETTLED_SECONDS else None

    def _read(self, folder: RunFolder) -> _Kept:
        """What is known of a run, with what is new in its files."""
        marks = tuple(_mark(f"{folder.folder}/{name}") for name in FILES)
        kept = self._kept.pop(folder.id, None)
        if kept is None or not _continues(kept.marks, marks):
            run = folder.read()
            run.check_events()
            kept = _keep(marks, Follower(run, points=False))
        elif kept.marks != marks:
            kept = _keep(marks, kept.follower)
        kept.looked = time.monotonic()
        self._kept[folder.id] = kept
        return kept


def _keep(marks: tuple[Mark | None, ...], follower: Follower) -> _Kept:
    """Read what is new in a run."""
    progress, has_model = follower.poll(), follower.run.has_model()
    summary = Summary(
        run=follower.run,
        epochs=tuple(progress.epochs),
        completed=progress.completed,
        test=progress.test,
        data_name=progress.data_name,
        data_official=progress.data_official,
        has_model=has_model,
        seconds=progress.elapsed,
        label=labels.read(follower.run),
    )
    return _Kept(marks, follower, summary, progress.phase == FINISHED and has_model, 0.0)


def _mark(path: str) -> Mark | None:
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _continues(before: tuple[Mark | None, ...], now: tuple[Mark | None, ...]) -> bool:
    """Whether the recipe is the same, and the events are the same or have only grown."""
    (recipe_before, was, *_), (recipe, events, *_) = before, now
    grown = was is not None and events is not None and was[0] == events[0] and was[1] < events[1]
    return recipe_before == recipe and (was == events or grown)
