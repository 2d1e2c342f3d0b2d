"""Writes a training run into its folder while Keras trains, and obeys what people ask.

The hooks carry Keras's names; `trainer.Trainer.fit` connects them to a `keras.callbacks.Callback`.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist import environment
from fmnist.recipe import Recipe
from fmnist.training import line, runs
from fmnist.training.files import save_arrays
from fmnist.training.kept import stride
from fmnist.training.runs import Control, EventLog, Run
from fmnist.training.trainer import Trainer

HOLD_SECONDS = 0.05  # how often a paused run looks for a new wish
TELL_SECONDS = 0.3  # between two words on how far the images are
WISH = "wish"  # name in the saved state
LOOK_SECONDS = 1.0  # how often a run that was paused too long looks whether others wait


@dataclass(frozen=True)
class Limits:
    """When a run makes room for others, in seconds.

    Attributes
    ----------
    pause : that it may be held while others wait
    seconds : of training
    unwatched : that nobody need look at it while other people wait
    """

    pause: float = math.inf
    seconds: float = math.inf
    unwatched: float = math.inf

    @classmethod
    def of_environment(cls) -> Limits:
        """Those that the environment variables set."""
        return cls(
            environment.pause_seconds(),
            environment.run_seconds(),
            environment.unwatched_seconds(),
        )


NO_LIMITS = Limits()


class Stopped(Exception):  # noqa: N818 - somebody's wish, not an error
    """Somebody asked the run to stop, or it made room for others and the message says so."""


class Diverged(Exception):  # noqa: N818
    """The loss is no longer a finite number."""


def obeyed_wish(state: dict[str, NDArray[Any]]) -> float | None:
    """Learning rate that people asked for before a state was saved; None if they did not."""
    wish = float(state.get(WISH, math.nan))
    return None if math.isnan(wish) else wish


class Preparation:
    """Says how far the images of a run are, and looks whether somebody wants it to stop."""

    def __init__(self, run: Run, log: EventLog) -> None:
        self._run, self._log = run, log
        self._told = -math.inf

    def tell(self, share: float) -> None:
        """Append the share, a few times a second at most. Raises Stopped if that is the wish."""
        if self._run.control().state == "stop":
            raise Stopped
        if time.monotonic() > self._told + TELL_SECONDS:
            self._told = time.monotonic()
            self._log.append("preparing", share=share)


class Recorder:
    """Appends events, keeps first-layer weights and the newest state; holds, stops, sets the rate.

    Parameters
    ----------
    run, log : the folder and the only writer of its events
    trainer : whose weights are kept
    completed : epochs that were complete before, for a resumed run
    elapsed : seconds of training that these took
    wish : learning rate that people asked for and that the restored state has obeyed, or None
    limits : after which the run makes room
    """

    def __init__(
        self,
        run: Run,
        log: EventLog,
        trainer: Trainer,
        completed: int = 0,
        elapsed: float = 0.0,
        wish: float | None = None,
        limits: Limits = NO_LIMITS,
    ) -> None:
        self.run, self.log, self.trainer = run, log, trainer
        self.completed = completed
        self.elapsed = elapsed
        self._limits = limits
        self._watched, self._watched_at = run.watched(), time.monotonic()
        self._wish = wish
        self._recipe: Recipe = trainer.recipe
        self._mark = time.perf_counter()
        self._epoch_elapsed = elapsed
        self._seen: tuple[int, float, float] = (0, 0.0, 0.0)  # images, loss sum, correct sum

    def on_train_begin(self) -> None:
        """Keep the first weights, so that a run can be seen from its very start."""
        if self.completed == 0:
            self.run.kept.save(0, *self.trainer.weights())
        self._obey(float(self.completed))
        self._mark = time.perf_counter()

    def on_epoch_begin(self) -> None:
        """Start counting anew."""
        self._seen = (0, 0.0, 0.0)
        self._epoch_elapsed = self.elapsed

    def on_train_batch_end(self, batch: int, logs: dict[str, float]) -> None:
        """After a chunk of mini-batches: the means of this chunk, from Keras's running means."""
        before = self.elapsed
        self._tick()
        images = min((batch + 1) * self._recipe.batch_size, self._recipe.fitted_images)
        totals = (images, logs["loss"] * images, logs["accuracy"] * images)
        fresh = images - self._seen[0]
        loss, accuracy = (
            (now - old) / fresh for now, old in zip(totals[1:], self._seen[1:], strict=True)
        )
        self._seen = totals
        self._check(loss)
        position = self.completed + images / self._recipe.fitted_images
        self.log.append(
            "batch_end",
            position=position,
            loss=loss,
            accuracy=min(max(accuracy, 0.0), 1.0),
            elapsed=self.elapsed,
            images_per_second=fresh / max(self.elapsed - before, 1e-9),
        )
        # At the end of an epoch a wish waits for validation. So the epoch is kept, and its event
        # names the rate it was trained at.
        if images < self._recipe.fitted_images:
            self._obey(position)

    def on_epoch_end(self, logs: dict[str, float]) -> None:
        """After validation: the epoch's figures, weights and state."""
        self._tick()
        self._check(logs["loss"])
        self._check(logs["val_loss"])
        self.completed += 1
        # The event comes first, the state after. If the process is killed in between, the epoch is
        # trained again, to the same figures, and the reader drops what a new worker_begin repeats.
        self.log.append(
            "epoch_end",
            epoch=self.completed,
            learning_rate=self.trainer.learning_rate(),
            seconds=self.elapsed - self._epoch_elapsed,
            elapsed=self.elapsed,
            **{
                name: float(logs[name]) for name in ("loss", "accuracy", "val_loss", "val_accuracy")
            },
        )
        if self.completed % stride(self._recipe.epochs) == 0 or self._is_last():
            self.run.kept.save(self.completed, *self.trainer.weights())
        save_arrays(self.run.folder / "state.npz", self._state())
        if not self._is_last():
            self._obey(float(self.completed))
            self._make_room()

    def _make_room(self) -> None:
        """Stop when the run has trained for long enough, or nobody looks and others wait."""
        if self.elapsed > self._limits.seconds:
            raise Stopped(
                f"It has been trained for {self._limits.seconds / 60:g} min, which is as long as "
                "one run may be here."
            )
        now = time.monotonic()
        if (mark := self.run.watched()) != self._watched:
            self._watched, self._watched_at = mark, now
        if now - self._watched_at > self._limits.unwatched and self._others_wait():
            raise Stopped(
                f"Nobody had looked at it for {self._limits.unwatched / 60:g} min while others "
                "waited, so it made room for them."
            )

    def _others_wait(self) -> bool:
        return any(item.place.person != self.run.owner for item in line.look().waiting)

    def _state(self) -> dict[str, NDArray[Any]]:
        """What Resume carries on from, and the wish it has obeyed, so that none is obeyed twice."""
        wish = math.nan if self._wish is None else self._wish
        return self.trainer.state(self.completed) | {WISH: np.asarray(wish)}

    def _is_last(self) -> bool:
        return self.completed == self._recipe.epochs

    def _tick(self) -> None:
        """Add the time since the last mark; time spent holding is never added."""
        now = time.perf_counter()
        self.elapsed += now - self._mark
        self._mark = now

    def _check(self, loss: float) -> None:
        if not math.isfinite(loss):
            raise Diverged(
                f"The loss is no longer a number in epoch {self.completed + 1}: a learning rate of "
                f"{self.trainer.learning_rate():g} makes steps too big for this recipe. "
                "Set a smaller one and resume, or start again."
            )

    def _obey(self, position: float) -> None:
        """Do what people ask: hold as long as they wish, stop, or set another rate."""
        control = self.run.control()
        self._set_rate(control, position)
        if self._holds(control):
            self._tick()
            self.log.append("pause")
            enough = time.monotonic() + self._limits.pause
            while self._holds(control):
                time.sleep(HOLD_SECONDS)
                if time.monotonic() > enough:
                    if runs.someone_waits():
                        raise Stopped(
                            f"It was paused for more than {self._limits.pause / 60:g} min while "
                            "others waited, so it made room for them."
                        )
                    enough = time.monotonic() + LOOK_SECONDS
                control = self.run.control()
                self._set_rate(control, position)
            if control.state != "stop":
                self.log.append("continue")
            self._mark = time.perf_counter()
        if control.state == "stop":
            raise Stopped

    def _holds(self, control: Control) -> bool:
        return control.holds(self.completed)

    def _set_rate(self, control: Control, position: float) -> None:
        rate = control.learning_rate
        if rate is None or rate == self._wish:  # obeyed already; a schedule may have moved on
            return
        self._wish = rate
        if math.isclose(rate, self.trainer.learning_rate(), rel_tol=1e-5):
            return
        self.trainer.set_learning_rate(rate)
        self.log.append("learning_rate", position=position, value=rate)
