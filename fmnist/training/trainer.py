"""The training engine: Keras ``fit``, with the data on the device and fast steps.

Plain ``fit`` spends most of its time handing mini-batches of 32 small images from Python to the
device. Here the images lie on the device as uint8, and one *step* of ``fit`` is a whole chunk of
mini-batches in one XLA-compiled loop. It stays Keras's own ``fit``, optimizers, losses, metrics
and callbacks, with the same mathematics; a test compares it with plain ``fit``.

TensorFlow is imported when the first class is built: only workers and the command line pay.
"""

import os
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from fmnist.dataset import Dataset, scale
from fmnist.model import build_optimizer, build_sequential, compile_model
from fmnist.recipe import Recipe

if TYPE_CHECKING:
    import keras

# One chunk should take about 50 ms, so that Stop and Pause are felt at once.
CHUNK_SECONDS = 0.05
UPDATE_SECONDS = 2e-5  # fixed cost of one weight update on one core
FLOPS_PER_SECOND = 1e11  # multiply-adds of one core, counted as two operations
EVALUATION_BATCH = 1000


def start_tensorflow() -> None:
    """Import TensorFlow for small dense layers: one thread for each operation.

    The matrices are too small to gain from threads; with one thread each, two runs side by side
    do not slow each other down and every run is the same to the last bit.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)


def epoch_order(seed: int, epoch: int, images: int) -> NDArray[np.int32]:
    """Order of the training images in an epoch (from 0): a function of seed and epoch alone.

    So a resumed run continues with the order that it would have had anyway.
    """
    return np.random.default_rng([seed, epoch]).permutation(images).astype(np.int32)


def chunk_bounds(recipe: Recipe) -> NDArray[np.int32]:
    """Split an epoch's mini-batches into chunks: ndarray of shape (chunks, 2), [start, stop)."""
    widths = (784, *recipe.hidden_units, 10)
    weights = sum(a * b for a, b in pairwise(widths))
    seconds = UPDATE_SECONDS + 6 * weights * recipe.batch_size / FLOPS_PER_SECOND
    size = max(1, int(CHUNK_SECONDS / seconds))
    chunks = -(-recipe.batches_per_epoch // size)
    edges = np.linspace(0, recipe.batches_per_epoch, chunks + 1).round().astype(np.int32)
    return np.stack([edges[:-1], edges[1:]], axis=1)


class Observer(Protocol):
    """What `Trainer.fit` tells, in Keras's vocabulary."""

    def on_train_begin(self) -> None:
        """Before the first mini-batch."""

    def on_epoch_begin(self) -> None:
        """Before each epoch."""

    def on_train_batch_end(self, step: int, logs: dict[str, float]) -> None:
        """After each chunk of mini-batches, with the running means of the epoch."""

    def on_epoch_end(self, logs: dict[str, float]) -> None:
        """After each epoch, with its figures on training and validation images."""


class Trainer:
    """One run's network, optimizer and data on the device.

    Attributes
    ----------
    network : the plain Keras model that is trained
    model : the Keras model around it whose ``fit`` is called
    bounds : ndarray of shape (chunks, 2), int32: mini-batches [start, stop) of each chunk
    """

    def __init__(self, recipe: Recipe, data: Dataset) -> None:
        self.recipe = recipe
        self.bounds = chunk_bounds(recipe)
        self.network = build_sequential(recipe)
        self.model = _device_model_class()(self.network, recipe, data)
        self.model.compile(optimizer=build_optimizer(recipe), jit_compile=False)
        self.model.optimizer.build(self.network.trainable_variables)

    def fit(self, observer: Observer, initial_epoch: int = 0) -> "keras.callbacks.History":
        """Run Keras's ``fit`` from that epoch (counted from 0) to the recipe's last."""
        fitted, used = self.recipe.fitted_images, self.recipe.training_images
        history: keras.callbacks.History = self.model.fit(
            _steps(self.bounds),
            epochs=self.recipe.epochs,
            initial_epoch=initial_epoch,
            shuffle=False,
            validation_data=_steps(np.array([[fitted, used]], np.int32)),
            callbacks=[self._callback(observer)],
            verbose=0,
        )
        return history

    def evaluate_test(self) -> tuple[float, float]:
        """Loss and accuracy on the test split, as Keras's ``evaluate`` defines them."""
        bounds = np.array([self.model.test_bounds], np.int32)
        logs = self.model.evaluate(_steps(bounds), verbose=0, return_dict=True)
        return float(logs["loss"]), float(logs["accuracy"])

    def predict(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Probabilities (n, 10) of images (n, 28, 28), uint8."""
        return np.asarray(self.network(scale(images), training=False), np.float32)

    def save(self, path: Path) -> None:
        """Write the plain network as a ``.keras`` archive that can be evaluated at once."""
        compile_model(self.network, self.recipe).save(path)

    def set_learning_rate(self, rate: float) -> None:
        """Use another learning rate from the next mini-batch on."""
        self.model.optimizer.learning_rate.assign(rate)

    def learning_rate(self) -> float:
        """The present learning rate."""
        return float(f"{self.model.optimizer.learning_rate.numpy():.6g}")  # 0.01, not 0.0099999998

    def first_layer(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Kernel (784, units) and bias (units,) of the first dense layer."""
        kernel, bias = self.network.get_weights()[:2]
        return kernel, bias

    def state(self, epoch: int) -> dict[str, NDArray[Any]]:
        """All that training depends on: weights, dropout's random state, optimizer, epoch."""
        state = {f"{index:03d}": item.numpy() for index, item in enumerate(self._variables())}
        return state | {"epoch": np.asarray(epoch)}

    def restore(self, state: dict[str, NDArray[Any]]) -> int:
        """Put back what `state` gave; returns its epoch. ValueError if it is another network's."""
        variables = self._variables()
        values = [state.get(f"{index:03d}") for index in range(len(variables))]
        if len(state) != len(variables) + 1 or any(
            value is None or value.shape != tuple(item.shape)
            for value, item in zip(values, variables, strict=True)
        ):
            raise ValueError("The saved state belongs to another recipe; start a new run instead.")
        for value, item in zip(values, variables, strict=True):
            item.assign(value)
        return int(state["epoch"])

    def _variables(self) -> list[Any]:
        """Weights, dropout's random states and the optimizer's variables, in a fixed order."""
        dropouts = [layer for layer in self.network.layers if hasattr(layer, "seed_generator")]
        return [
            *self.network.weights,
            *(layer.seed_generator.state for layer in dropouts),
            *self.model.optimizer.variables,
        ]

    def _callback(self, observer: Observer) -> "keras.callbacks.Callback":
        """Keras callback that shuffles each epoch and tells the observer."""
        import keras

        trainer = self

        class Streaming(keras.callbacks.Callback):  # type: ignore[misc, unused-ignore]
            def on_train_begin(self, logs: Any = None) -> None:
                observer.on_train_begin()

            def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
                recipe = trainer.recipe
                order = epoch_order(recipe.seed, epoch, recipe.fitted_images)
                trainer.model.order.assign(order)
                observer.on_epoch_begin()

            def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
                observer.on_train_batch_end(batch, logs)

            def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
                observer.on_epoch_end(logs)

        return Streaming()


def _steps(bounds: NDArray[np.int32]) -> Any:
    """Bounds as the plainest `tf.data.Dataset`: tuning costs more than eight numbers save."""
    import tensorflow as tf

    options = tf.data.Options()
    options.autotune.enabled = False
    options.experimental_optimization.apply_default_optimizations = False
    return tf.data.Dataset.from_tensor_slices(bounds).with_options(options)


@cache
def _device_model_class() -> Any:
    """The Keras model class; made on first use because its base is imported late."""
    import keras
    import tensorflow as tf

    class DeviceModel(keras.Model):  # type: ignore[misc, unused-ignore]
        """A network with its data on the device; its batches are bounds of chunks."""

        def __init__(self, network: Any, recipe: Recipe, data: Dataset) -> None:
            super().__init__()
            self.network = network
            self.float = keras.backend.floatx()
            self.batch_size = recipe.batch_size
            self.fitted_images = recipe.fitted_images
            # One array for both splits, so that one compiled program evaluates either. The test
            # images lie behind all training images and are read by `evaluate_test` alone.
            self.test_bounds = (
                len(data.train_images),
                len(data.train_images) + len(data.test_images),
            )
            with tf.device("CPU:0"):
                self.images = tf.concat([data.train_images, data.test_images], axis=0)
                self.labels = tf.concat([data.train_labels, data.test_labels], axis=0)
                self.order = tf.Variable(np.arange(recipe.fitted_images, dtype=np.int32))
            self.loss_mean = keras.metrics.Mean(name="loss")
            self.accuracy_mean = keras.metrics.Mean(name="accuracy")
            self.built = True

        @property
        def metrics(self) -> list[Any]:
            return [self.loss_mean, self.accuracy_mean]

        def train_step(self, bounds: Any) -> dict[str, Any]:
            self.train_chunk(bounds[0], bounds[1])
            return {metric.name: metric.result() for metric in self.metrics}

        def test_step(self, bounds: Any) -> dict[str, Any]:
            self.evaluate_range(bounds[0], bounds[1])
            return {metric.name: metric.result() for metric in self.metrics}

        # Autograph does not reach into train_step, so each loop is a tf.function of its own.
        @tf.function(jit_compile=True)  # type: ignore[misc, untyped-decorator, unused-ignore]
        def train_chunk(self, start: Any, stop: Any) -> None:
            # A while over a scalar, since tf.range would be compiled anew for every start and stop.
            batch = start
            while batch < stop:
                positions = batch * self.batch_size + tf.range(self.batch_size)  # (batch,)
                # The last mini-batch of an epoch may be smaller: what lies beyond has weight 0.
                weights = tf.cast(positions < self.fitted_images, self.float)  # (batch,)
                chosen = tf.gather(self.order, tf.minimum(positions, self.fitted_images - 1))
                with tf.GradientTape() as tape:
                    loss, correct = self.score(chosen, weights, training=True)
                variables = self.network.trainable_variables
                self.optimizer.apply(tape.gradient(loss, variables), variables)
                self.record(loss, correct, weights)
                batch += 1

        @tf.function(jit_compile=True)  # type: ignore[misc, untyped-decorator, unused-ignore]
        def evaluate_range(self, start: Any, stop: Any) -> None:
            first = start
            while first < stop:
                positions = first + tf.range(EVALUATION_BATCH)  # (batch,)
                weights = tf.cast(positions < stop, self.float)
                loss, correct = self.score(tf.minimum(positions, stop - 1), weights, training=False)
                self.record(loss, correct, weights)
                first += EVALUATION_BATCH

        def score(self, chosen: Any, weights: Any, training: bool) -> tuple[Any, Any]:
            images = tf.cast(tf.gather(self.images, chosen), self.float) / 255.0  # (batch, 28, 28)
            labels = tf.gather(self.labels, chosen)  # (batch,)
            probabilities = self.network(images, training=training)  # (batch, 10)
            losses = keras.losses.sparse_categorical_crossentropy(labels, probabilities)
            loss = tf.reduce_sum(losses * weights) / tf.reduce_sum(weights)
            if self.network.losses:  # L2 penalties
                loss += tf.add_n(self.network.losses)
            predicted = tf.argmax(probabilities, axis=-1, output_type=tf.int32)
            return loss, tf.cast(predicted == tf.cast(labels, tf.int32), self.float)

        def record(self, loss: Any, correct: Any, weights: Any) -> None:
            self.loss_mean.update_state(loss, sample_weight=tf.reduce_sum(weights))
            self.accuracy_mean.update_state(correct, sample_weight=weights)

    return DeviceModel
