"""What the events of a run add up to: the state and the curves that every page shows."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from fmnist.classes import CLASS_NAMES
from fmnist.training.runs import Run, read_events
from fmnist.training.values import number, share, text, truth, whole

MAX_EPOCHS = 100_000  # more than any recipe has
MAX_SECONDS = 1e9
CLASSES, TEST_IMAGES = len(CLASS_NAMES), 10_000

# States of a run, in the order in which they usually come.
WAITING = "waiting"
WARMING_UP = "warming up"
RUNNING = "running"
PAUSED = "paused"
STOPPED = "stopped"
INTERRUPTED = "interrupted"
FAILED = "failed"
FINISHED = "finished"

LIVE = (WAITING, WARMING_UP, RUNNING, PAUSED)
RESUMABLE = (STOPPED, INTERRUPTED, FAILED)


@dataclass(frozen=True, slots=True)
class Epoch:
    """Figures at the end of one epoch, as Keras logs them."""

    epoch: int  # epochs completed, from 1
    loss: float
    accuracy: float
    val_loss: float
    val_accuracy: float
    learning_rate: float
    seconds: float  # of training in this epoch, validation included, pauses excluded


@dataclass(frozen=True, slots=True)
class Point:
    """Mean training figures since the point before, at a position inside an epoch."""

    position: float  # in epochs: 2.25 is a quarter through the third epoch
    loss: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class RateChange:
    """A new learning rate, where it took effect."""

    position: float  # in epochs
    learning_rate: float
    completed: int  # epochs that were complete before it


@dataclass(frozen=True)
class Sample:
    """One image of the three-sample check."""

    index: int  # in the test split
    true_class: int
    predicted_class: int
    probabilities: tuple[float, ...]


@dataclass(frozen=True)
class TestResult:
    """The final evaluation on the test split, made once."""

    loss: float
    accuracy: float
    samples: tuple[Sample, ...]


@dataclass
class Progress:
    """A run as far as it has been read.

    Attributes
    ----------
    phase : last thing the worker said; see `state` for what is true now
    prepared : share of the images that is made for a run that warms up; None once it trains
    elapsed : seconds of training so far, pauses excluded
    images_per_second : over the last chunk of mini-batches
    foreign : whether a person's own program trains it, which may not measure everything
    """

    phase: str = WAITING
    prepared: float | None = None
    epochs: list[Epoch] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)
    rate_changes: list[RateChange] = field(default_factory=list)
    learning_rate: float | None = None
    elapsed: float = 0.0
    images_per_second: float = 0.0
    data_name: str = ""
    data_official: bool = True
    test: TestResult | None = None
    message: str = ""
    foreign: bool = False

    @property
    def completed(self) -> int:
        """Complete epochs, by the number of the last: a damaged line may have lost others."""
        return self.epochs[-1].epoch if self.epochs else 0

    @property
    def position(self) -> float:
        """How far the run is, in epochs."""
        return max(self.points[-1].position if self.points else 0.0, float(self.completed))

    @property
    def best_epoch(self) -> Epoch | None:
        """The epoch of the lowest validation loss."""
        known = [item for item in self.epochs if not math.isnan(item.val_loss)]
        return min(known, key=lambda item: item.val_loss) if known else None

    def copy(self) -> Progress:
        """Another that may grow while this one stays."""
        return replace(
            self,
            epochs=list(self.epochs),
            points=list(self.points),
            rate_changes=list(self.rate_changes),
        )

    def feed(self, event: dict[str, Any]) -> None:
        """Take in one event; unknown and damaged events are ignored."""
        handler = getattr(self, f"_on_{event['event']}", None)
        if handler is not None:
            with suppress(KeyError, TypeError, ValueError, OverflowError):
                handler(event)

    def _on_worker_begin(self, event: dict[str, Any]) -> None:
        """A worker took the run, for the first time or to carry on after the last saved epoch."""
        kept = whole(event["epoch"], 0, MAX_EPOCHS)
        self.phase, self.message, self.test = WARMING_UP, "", None
        self.prepared = None
        self.epochs = [item for item in self.epochs if item.epoch <= kept]
        self.points = [point for point in self.points if point.position <= self.completed]
        # A change after the kept epoch, even at its very end, is not in the state that was kept.
        self.rate_changes = [change for change in self.rate_changes if change.completed < kept]
        self.elapsed = sum(item.seconds for item in self.epochs)

    def _on_preparing(self, event: dict[str, Any]) -> None:
        """The worker makes changed copies of the images, which takes minutes."""
        self.prepared = share(event["share"])

    def _on_train_begin(self, event: dict[str, Any]) -> None:
        self.prepared = None
        name, official = text(event["data_name"]), truth(event["data_official"])
        self.learning_rate = number(event["learning_rate"])
        self.phase, self.data_name, self.data_official = RUNNING, name, official

    def _on_batch_end(self, event: dict[str, Any]) -> None:
        point = Point(
            number(event["position"], 0, MAX_EPOCHS),
            self._figure(event, "loss", number),
            self._figure(event, "accuracy", share),
        )
        pace = number(event["images_per_second"])
        self.elapsed, self.images_per_second = number(event["elapsed"], 0, MAX_SECONDS), pace
        self.points.append(point)

    def _on_epoch_end(self, event: dict[str, Any]) -> None:
        epoch = Epoch(
            epoch=whole(event["epoch"], self.completed + 1, MAX_EPOCHS),
            loss=self._figure(event, "loss", number),
            accuracy=self._figure(event, "accuracy", share),
            val_loss=self._figure(event, "val_loss", number),
            val_accuracy=self._figure(event, "val_accuracy", share),
            learning_rate=number(event["learning_rate"]),
            seconds=number(event["seconds"], 0, MAX_SECONDS),
        )
        self.elapsed = number(event["elapsed"], 0, MAX_SECONDS)
        self.learning_rate = epoch.learning_rate
        self.epochs.append(epoch)

    def _figure(self, event: dict[str, Any], name: str, read: Callable[[Any], float]) -> float:
        """A figure; NaN where somebody's own training does not measure it."""
        return math.nan if self.foreign and name not in event else read(event[name])

    def _on_learning_rate(self, event: dict[str, Any]) -> None:
        position, value = number(event["position"], 0, MAX_EPOCHS), number(event["value"])
        change = RateChange(position, value, self.completed)
        # Of several changes at one position, only the last was trained with.
        self.rate_changes = [item for item in self.rate_changes if item.position < position]
        self.rate_changes.append(change)
        self.learning_rate = change.learning_rate

    def _on_pause(self, _event: dict[str, Any]) -> None:
        self.phase = PAUSED

    def _on_continue(self, _event: dict[str, Any]) -> None:
        self.phase = RUNNING

    def _on_test_end(self, event: dict[str, Any]) -> None:
        samples = tuple(_sample(item) for item in event["samples"])
        self.test = TestResult(number(event["loss"]), share(event["accuracy"]), samples)

    def _on_train_end(self, event: dict[str, Any]) -> None:
        message = text(event.get("message", ""))
        if event["state"] in (FINISHED, STOPPED):
            self.phase, self.message = event["state"], message

    def _on_failed(self, event: dict[str, Any]) -> None:
        self.phase, self.message = FAILED, text(event["message"])


def _sample(item: dict[str, Any]) -> Sample:
    probabilities = tuple(share(value) for value in item["probabilities"])
    if len(probabilities) != CLASSES:
        raise ValueError(f"{len(probabilities)} probabilities instead of {CLASSES}")
    return Sample(
        whole(item["index"], 0, TEST_IMAGES - 1),
        whole(item["true"], 0, CLASSES - 1),
        whole(item["predicted"], 0, CLASSES - 1),
        probabilities,
    )


class Follower:
    """Reads a run as it grows: each `poll` reads only what is new. Several threads may share one.

    Parameters
    ----------
    points : whether to read the figures inside epochs, which are most of a long run's events

    Attributes
    ----------
    progress : as of the last poll; the next one makes another and leaves this as it is
    """

    def __init__(self, run: Run, points: bool = True) -> None:
        self.run = run
        self.progress = Progress(foreign=run.foreign is not None)
        self._lock = threading.Lock()
        self._offset = 0
        self._passed_over = None if points else "batch_end"

    def poll(self) -> Progress:
        """Take in what is new."""
        with self._lock:
            progress = None
            while True:
                events, offset = read_events(self.run, self._offset, self._passed_over)
                if offset == self._offset:
                    break
                progress = progress or self.progress.copy()
                for event in events:
                    progress.feed(event)
                self._offset = offset
            self.progress = progress or self.progress
            return self.progress

    def state(self) -> str:
        """What is true now: the last thing said, checked against who is alive.

        The line and the lock are looked at before the events. So a run that ends in between is
        seen as ended, never as interrupted.
        """
        queued, working = self.run.waits(), self.run.is_locked("worker")
        phase = self.poll().phase
        if phase in (STOPPED, FAILED, FINISHED):
            return WAITING if queued else phase
        if working:
            return WARMING_UP if phase == WAITING else phase
        return WAITING if queued else INTERRUPTED
