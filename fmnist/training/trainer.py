"""The training engine: Keras ``fit``, with the data on the device and fast steps.

Plain ``fit`` spends most of its time handing mini-batches of 32 small images from Python to the
device. Here the images lie on the device as uint8, and one *step* of ``fit`` is a whole epoch, in
chunks of mini-batches that each are one XLA-compiled loop. It stays Keras's own ``fit``,
optimizers, losses, metrics and callbacks, with the same mathematics; a test compares it with plain
``fit``.

TensorFlow is imported when the first class is built: only workers and the command line pay.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from fmnist.arrays import scale
from fmnist.dataset import Dataset
from fmnist.keras_model import build_learning_rate, build_optimizer, build_sequential, compile_model
from fmnist.recipe import Recipe
from fmnist.training.device import device_model_class
from fmnist.training.feed import make_feed
from fmnist.training.keras_internals import name_the_random_numbers, peak_variable

if TYPE_CHECKING:
    import keras


class Observer(Protocol):
    """What `Trainer.fit` tells, in Keras's vocabulary."""

    def on_train_begin(self) -> None:
        """Before the first mini-batch."""

    def on_epoch_begin(self) -> None:
        """Before each epoch."""

    def on_train_batch_end(self, batch: int, logs: dict[str, float]) -> None:
        """After each chunk, with its last mini-batch (from 0) and the epoch's running means."""

    def on_epoch_end(self, logs: dict[str, float]) -> None:
        """After each epoch, with its figures on training and validation images."""


class Trainer:
    """One run's network, optimizer and data on the device.

    Attributes
    ----------
    network : the plain Keras model that is trained
    model : the Keras model around it whose ``fit`` is called

    Parameters
    ----------
    tell : gets the share of the images that is prepared; what it raises ends that work
    """

    def __init__(
        self, recipe: Recipe, data: Dataset, tell: Callable[[float], None] = lambda share: None
    ) -> None:
        self.recipe, self.data = recipe, data
        self.network = build_sequential(recipe)
        name_the_random_numbers(self.network)
        self.feed = make_feed(recipe, data, tell)
        self.model = device_model_class()(self.network, self.feed)
        schedule = build_learning_rate(recipe)
        self._peak = None
        if not isinstance(schedule, float):  # a variable, so that the rate can be changed by hand
            self._peak = peak_variable(schedule)
        self.model.compile(optimizer=build_optimizer(recipe, schedule), jit_compile=False)
        if recipe.first_layer == "random":  # no gradient moves it; AdamW's decay would
            self.model.optimizer.exclude_from_weight_decay(self.model.trained[:2])
        self.model.optimizer.build(self.model.trained)
        self._optimizer_at_first = [item.numpy() for item in self.model.optimizer.variables]

    def can_begin_again(self, recipe: Recipe, data: Dataset) -> bool:
        """Whether another recipe needs nothing compiled or laid out anew."""
        ours = replace(self.recipe, seed=recipe.seed, learning_rate=recipe.learning_rate)
        if recipe.learning_rate_schedule == "constant":
            ours = replace(ours, epochs=recipe.epochs)
        laid_out_by_seed = recipe.augmentation not in ("none", "flip") or recipe.shuffled_labels > 0
        return self.data is data and not laid_out_by_seed and ours == recipe

    def begin_again(self, recipe: Recipe) -> None:
        """Be as a new trainer of a recipe for which `can_begin_again` holds: 1.2 s sooner."""
        fresh = build_sequential(recipe)
        for kind in ("weights", "non_trainable_variables"):
            for item, value in zip(getattr(self.network, kind), getattr(fresh, kind), strict=True):
                item.assign(value)
        optimizer = self.model.optimizer
        for item, value in zip(optimizer.variables, self._optimizer_at_first, strict=True):
            item.assign(value)
        if self._peak is None:
            optimizer.learning_rate.assign(recipe.learning_rate)
        else:
            self._peak.assign(recipe.learning_rate)
        self.recipe, self.feed = recipe, replace(self.feed, recipe=recipe)
        self.model.begin_again(recipe)

    def fit(self, observer: Observer, initial_epoch: int = 0) -> "keras.callbacks.History":
        """Run Keras's ``fit`` from that epoch (counted from 0) to the recipe's last."""
        self.model.tell = observer.on_train_batch_end
        history: keras.callbacks.History = self.model.fit(
            _steps(np.array([[0, self.recipe.batches_per_epoch]], np.int32)),
            epochs=self.recipe.epochs,
            initial_epoch=initial_epoch,
            shuffle=False,
            validation_data=_steps(np.array([self.feed.validation], np.int32)),
            callbacks=[self._callback(observer)],
            verbose=0,
        )
        return history

    def evaluate_test(self) -> tuple[float, float]:
        """Loss and accuracy on the test split, as Keras's ``evaluate`` defines them."""
        bounds = np.array([self.feed.test], np.int32)
        logs = self.model.evaluate(_steps(bounds), verbose=0, return_dict=True)
        return float(logs["loss"]), float(logs["accuracy"])

    def predict(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Probabilities (n, 10) of images (n, 28, 28), uint8."""
        return np.asarray(self.network(scale(images), training=False), np.float32)

    def save(self, path: Path) -> None:
        """Write the plain network as a ``.keras`` archive that can be evaluated at once."""
        self._show_averages()
        compile_model(self.network, self.recipe).save(path)

    def set_learning_rate(self, rate: float) -> None:
        """Use another rate from the next mini-batch on; a schedule goes on falling from there."""
        if self._peak is None:
            self.model.optimizer.learning_rate.assign(rate)
        else:
            self._peak.assign(self._peak * rate / max(self.learning_rate(), 1e-12))

    def learning_rate(self) -> float:
        """The present learning rate."""
        return float(f"{float(self.model.optimizer.learning_rate):.6g}")  # 0.01, not 0.0099999998

    def first_layer(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Kernel (784, units) and bias (units,) of the first layer, averaged if that is on."""
        kernel, bias = self.weights()[:2]
        return kernel, bias

    def weights(self) -> list[NDArray[np.float32]]:
        """Kernel and bias of every layer in turn, averaged if that is on."""
        return [np.array(item) for item in self._averages() or self.network.trainable_variables]

    def state(self, epoch: int) -> dict[str, NDArray[Any]]:
        """All that training depends on: weights, random states of dropout, optimizer, epoch."""
        state = {f"{index:03d}": item.numpy() for index, item in enumerate(self._variables())}
        return state | {"epoch": np.asarray(epoch)}

    def restore(self, state: dict[str, NDArray[Any]]) -> int:
        """Put back what `state` gave; returns its epoch. ValueError if it is another network's.

        Entries under names that are not numbers belong to others and are ignored.
        """
        variables = self._variables()
        values = [state.get(f"{index:03d}") for index in range(len(variables))]
        if sum(name.isdecimal() for name in state) != len(variables) or any(
            value is None or value.shape != tuple(item.shape)
            for value, item in zip(values, variables, strict=True)
        ):
            raise ValueError("The saved state belongs to another recipe; start a new run instead.")
        for value, item in zip(values, variables, strict=True):
            item.assign(value)
        return int(state["epoch"])

    def _variables(self) -> list[Any]:
        """Weights, dropout's random states and the optimizer's variables, in a fixed order."""
        return [
            *self.network.weights,
            *self.network.non_trainable_variables,
            *self.model.optimizer.variables,
            *([] if self._peak is None else [self._peak]),
        ]

    def _averages(self) -> list[Any]:
        """Moving averages of the weights that Keras's optimizer keeps; empty if off.

        Keras's `SwapEMAWeights` would put them into the variables that are trained. One of those
        is the transposed kernel, which the network does not see.
        """
        import keras

        optimizer = self.model.optimizer
        # Until the first update the averages are zeros.
        if not self.recipe.ema_momentum or int(optimizer.iterations) == 0:
            return []
        averages = [keras.Variable(item) for item in self.model.trained]
        optimizer.finalize_variable_values(averages)
        return list(self.model.as_in_network(averages))

    def _show_averages(self) -> None:
        """Put the averages, if that is on, in place of the network's weights."""
        for item, value in zip(self.network.trainable_variables, self._averages(), strict=False):
            item.assign(value)

    def _callback(self, observer: Observer) -> "keras.callbacks.Callback":
        """Keras callback that shuffles each epoch and tells the observer."""
        import keras

        trainer = self

        class Streaming(keras.callbacks.Callback):  # type: ignore[misc, unused-ignore]
            def on_train_begin(self, logs: Any = None) -> None:
                observer.on_train_begin()

            def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
                trainer.model.show(*trainer.feed.epoch(epoch))
                observer.on_epoch_begin()

            def on_test_begin(self, logs: Any = None) -> None:
                # The averaged weights are what will be kept, so they are what is validated.
                weights = trainer.network.trainable_variables if trainer._averages() else []
                self.kept = [(item, item.numpy()) for item in weights]
                trainer._show_averages()

            def on_test_end(self, logs: Any = None) -> None:
                for item, value in self.kept:
                    item.assign(value)

            def on_train_end(self, logs: Any = None) -> None:
                trainer._show_averages()

            def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
                observer.on_epoch_end(logs)

        return Streaming()


class LastTrainer:
    """Makes trainers, and keeps the last: the next run of its kind needs no compiling."""

    def __init__(self) -> None:
        self._kept: Trainer | None = None

    def __call__(
        self, recipe: Recipe, data: Dataset, tell: Callable[[float], None] = lambda share: None
    ) -> Trainer:
        """A trainer, new or as good as new; the one that was given before is used no more."""
        if self._kept is not None and self._kept.can_begin_again(recipe, data):
            self._kept.begin_again(recipe)
        else:
            self._kept = None  # before there are two of them, with all images each
            self._kept = Trainer(recipe, data, tell)
        return self._kept


def _steps(bounds: NDArray[np.int32]) -> Any:
    """Bounds as the plainest `tf.data.Dataset`: tuning costs more than eight numbers save."""
    import tensorflow as tf

    options = tf.data.Options()
    options.autotune.enabled = False
    options.experimental_optimization.apply_default_optimizations = False
    return tf.data.Dataset.from_tensor_slices(bounds).with_options(options)
