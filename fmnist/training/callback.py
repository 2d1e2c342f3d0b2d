"""Anybody's Keras training in the app: a callback that records what ``model.fit`` does.

    from fmnist.training.callback import RunCallback
    model.fit(x, y, validation_split=0.15, callbacks=[RunCallback("my idea")])

Any Keras model on any data. It writes a run folder where the app looks for runs
(``FMNIST_RUNS_DIR``, or ``runs`` in the working directory), which shows it live and can stop it,
pause it and change its rate. A fault of the disk ends the recording, never the training.
"""

import math
import time
import warnings
from contextlib import suppress
from typing import Any

import keras
import numpy as np

from fmnist.arrays import Float32
from fmnist.classes import PIXELS
from fmnist.network import ModelError, read_network
from fmnist.recipe import MAX_UNITS, Recipe
from fmnist.training import files, progress, runs
from fmnist.training.events import EventLog
from fmnist.training.foreign import Foreign
from fmnist.training.kept import stride
from fmnist.training.locking import Lock
from fmnist.training.run import Run
from fmnist.training.runs import RunError

POINT_SECONDS = 0.2  # between two points of the curves
HOLD_SECONDS = 0.1  # between two looks while a run is paused
FIGURES = ("loss", "accuracy", "val_loss", "val_accuracy")


class RunCallback(keras.callbacks.Callback):  # type: ignore[misc, unused-ignore]
    """Writes a run folder that the app shows live.

    Parameters
    ----------
    name : what the run is called; the model's own name if empty
    data : what it is trained on, in a few words

    Attributes
    ----------
    run : the run, once training has begun
    """

    def __init__(self, name: str = "", data: str = "data of your own") -> None:
        super().__init__()
        self.name, self.data = str(name), str(data)
        self.run: Run | None = None
        self._log: EventLog | None = None
        self._lock: Lock | None = None

    # What Keras calls -------------------------------------------------------------------------

    def on_train_begin(self, logs: Any = None) -> None:
        """Make the run folder."""
        self._close()
        self._epoch, self._batches, self._stopped = 0, 0, False
        self._elapsed, self._mark, self._point_at = 0.0, time.perf_counter(), -math.inf
        self._wish: float | None = None
        try:
            self._begin()
        except (RunError, OSError) as problem:
            self._give_up(problem)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Start counting anew."""
        self._epoch, self._seen, self._epoch_elapsed = epoch, (0, 0.0, 0.0), self._elapsed

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """A point of the curves, a few times a second; then what people ask for."""
        now = time.perf_counter()
        self._last_batch = batch + 1
        steps = (self.params or {}).get("steps") or self._batches
        if now - self._point_at < POINT_SECONDS or not steps:
            return
        self._point_at = now
        self._recorded(self._tell_point, batch + 1, steps, logs or {})

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """The epoch's figures and first layer."""
        self._batches = getattr(self, "_last_batch", 0)
        self._recorded(self._tell_epoch, epoch, logs or {})

    def on_train_end(self, logs: Any = None) -> None:
        """The end of the run, with its model if the app can open it."""
        self._recorded(self._tell_end)
        self._close()

    def __del__(self) -> None:
        self._close()

    # What is written ---------------------------------------------------------------------------

    def _begin(self) -> None:
        planned = int((self.params or {}).get("epochs") or 1)
        foreign = Foreign.of(self.model, self.name, planned)
        self.run = runs.create(Recipe(), foreign=foreign)
        self._lock = self.run.acquire("worker")
        self._log = EventLog(self.run)
        self._log.append("worker_begin", epoch=0)
        self._log.append(
            "train_begin",
            learning_rate=self._rate(),
            data_name=self.data[:200],
            data_official=False,
        )
        self._keep_first_layer(0)

    def _tell_point(self, batches: int, steps: int, logs: dict[str, Any]) -> None:
        self._tick()
        figures = _figures(logs)
        loss, accuracy = (
            (figures[name] * batches - old) / max(batches - self._seen[0], 1)
            for name, old in zip(("loss", "accuracy"), self._seen[1:], strict=True)
        )
        self._seen = (batches, figures["loss"] * batches, figures["accuracy"] * batches)
        position = self._epoch + min(batches / steps, 1.0)
        self._append(
            "batch_end",
            position=position,
            loss=loss,
            accuracy=min(max(accuracy, 0.0), 1.0),
            elapsed=self._elapsed,
            images_per_second=0.0,
        )
        if batches < steps:
            self._obey(position)

    def _tell_epoch(self, epoch: int, logs: dict[str, Any]) -> None:
        self._tick()
        self._append(
            "epoch_end",
            epoch=epoch + 1,
            learning_rate=self._rate(),
            seconds=self._elapsed - self._epoch_elapsed,
            elapsed=self._elapsed,
            **_figures(logs),
        )
        assert self.run is not None and self.run.foreign is not None
        planned = self.run.foreign.epochs
        if (epoch + 1) % stride(planned) == 0 or epoch + 1 == planned:
            self._keep_first_layer(epoch + 1)
        if epoch + 1 < planned:
            self._obey(float(epoch + 1))

    def _tell_end(self) -> None:
        assert self.run is not None
        # The pages open dense networks; whatever else Keras can save is left out, and so is what
        # it cannot: of a layer that does not describe itself it says that with NotImplementedError.
        unreadable = (ModelError, ValueError, TypeError, NotImplementedError)
        with suppress(*unreadable), files.replacing(self.run.model_path) as temporary:
            self.model.save(temporary)
            read_network(temporary, "the model")
        self._append("train_end", state=progress.STOPPED if self._stopped else progress.FINISHED)

    def _keep_first_layer(self, epoch: int) -> None:
        assert self.run is not None
        found = first_layer(self.model)
        if found is not None and all(np.isfinite(values).all() for values in found):
            self.run.kept.save(epoch, *found)

    def _append(self, event: str, **values: Any) -> None:
        """Append an event; a figure that is no number is left out of it."""
        assert self._log is not None
        kept = {
            name: value
            for name, value in values.items()
            if not (isinstance(value, float) and not math.isfinite(value))
        }
        self._log.append(event, **kept)

    # What people ask for -----------------------------------------------------------------------

    def _obey(self, position: float) -> None:
        """Hold, stop or set another rate, as the run's page asks."""
        assert self.run is not None
        control, completed = self.run.control(), int(position)
        self._set_rate(control.learning_rate, position)
        if control.holds(completed):
            self._append("pause")
            while control.holds(completed):
                time.sleep(HOLD_SECONDS)
                control = self.run.control()
            self._append("continue")
            self._mark = time.perf_counter()
        if control.state == "stop":
            self._stopped = self.model.stop_training = True

    def _set_rate(self, rate: float | None, position: float) -> None:
        if rate is None or rate == self._wish:
            return
        self._wish = rate
        try:
            self.model.optimizer.learning_rate = rate
        except (AttributeError, TypeError, ValueError):
            return  # a schedule of the person's own decides
        self._append("learning_rate", position=position, value=rate)

    def _rate(self) -> float:
        return float(f"{float(self.model.optimizer.learning_rate):.6g}")

    # ----------------------------------------------------------------------------------------

    def _recorded(self, tell: Any, *arguments: Any) -> None:
        """Write something down; a fault ends the recording, with a warning, and nothing else."""
        if self._log is None:
            return
        try:
            tell(*arguments)
        except (RunError, OSError) as problem:
            self._give_up(problem)

    def _give_up(self, problem: Exception) -> None:
        warnings.warn(f"This run is not recorded any more: {problem}", stacklevel=2)
        self._close()

    def _tick(self) -> None:
        now = time.perf_counter()
        self._elapsed += now - self._mark
        self._mark = now

    def _close(self) -> None:
        log, self._log = getattr(self, "_log", None), None
        lock, self._lock = getattr(self, "_lock", None), None
        if log is not None:
            log.close()
        if lock is not None:
            lock.release()


def first_layer(model: Any) -> tuple[Float32, Float32] | None:
    """Kernel (784, units) and bias (units,), if the first layer with weights is dense on pixels."""
    layer = model
    while hasattr(layer, "layers"):  # models within models
        layer = next((inner for inner in layer.layers if inner.weights), None)
    if type(layer).__name__ != "Dense":
        return None
    kernel, *bias = (np.asarray(values, np.float32) for values in layer.get_weights())
    if kernel.ndim != 2 or kernel.shape[0] != PIXELS or kernel.shape[1] > MAX_UNITS:
        return None
    return kernel, bias[0] if bias else np.zeros(kernel.shape[1], np.float32)


def _figures(logs: dict[str, Any]) -> dict[str, float]:
    """The figures that the app draws, by the app's names; NaN for what ``fit`` does not give."""
    found = {}
    for name in FIGURES:
        prefix = "val_" if name.startswith("val_") else ""
        wanted = [name] if name.endswith("loss") else [
            key for key in logs
            if key.startswith("val_") == bool(prefix) and "acc" in key.removeprefix("val_")
        ]  # fmt: skip
        value = next((logs[key] for key in wanted if key in logs), None)
        try:
            found[name] = float(np.asarray(value, np.float64)) if value is not None else math.nan
        except (TypeError, ValueError):
            found[name] = math.nan
    return found
