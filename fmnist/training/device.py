"""A Keras model whose data lies on the device and whose step is an epoch, trained in chunks.

TensorFlow is imported when the class is asked for: only workers and the command line pay.
"""

import time
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from fmnist.recipe import Recipe
from fmnist.training.feed import Feed
from fmnist.training.pace import Pace

EVALUATION_BATCH = 1000


@cache
def device_model_class() -> Any:
    """The Keras model class; made on first use because its base is imported late."""
    import keras
    import tensorflow as tf

    class DeviceModel(keras.Model):  # type: ignore[misc, unused-ignore]
        """A network with its data on the device; a batch is a range [start, stop) of mini-batches.

        Attributes
        ----------
        pace : cuts an epoch into chunks
        tell : called after each chunk with its last mini-batch and the epoch's running means
        """

        def __init__(self, network: Any, feed: Feed) -> None:
            super().__init__()
            self.network = network
            self.float = keras.backend.floatx()
            self.pace = Pace(feed.recipe)
            self.tell: Callable[[int, dict[str, float]], None] = lambda _batch, _logs: None
            self.batch_size = feed.recipe.batch_size
            self.fitted_images = feed.recipe.fitted_images
            self.first_layer_stays = feed.recipe.first_layer == "random"
            self.mirrors = feed.recipe.augmentation != "none"
            # One array for all splits, so that one compiled program evaluates any of them.
            with tf.device("CPU:0"):
                self.images = tf.constant(feed.images)
                self.labels = tf.constant(feed.labels)
                self.targets = None if feed.targets is None else tf.constant(feed.targets)
                self.rows = tf.Variable(np.zeros(self.fitted_images, np.int32))
                self.mirrored = tf.Variable(np.zeros(self.fitted_images, bool))
            # XLA gets the gradient of the first kernel a quarter faster as a product of shape
            # (units, 784) than the other way round: the loop trains the transposed kernel.
            kernel, *others = network.trainable_variables
            self.trained = [keras.Variable(tf.transpose(kernel), name="kernel"), *others]
            self.loss_mean = keras.metrics.Mean(name="loss")
            self.accuracy_mean = keras.metrics.Mean(name="accuracy")
            self.built = True

        def begin_again(self, recipe: Recipe) -> None:
            """Measure anew how long a chunk takes, and stop being stopped."""
            self.pace = Pace(recipe)
            self.stop_training = False

        def show(self, rows: Any, mirrored: Any) -> None:
            """Set what the next epoch shows: rows of the images, and which are mirrored."""
            self.rows.assign(rows)
            self.mirrored.assign(mirrored)

        @property
        def metrics(self) -> list[Any]:
            return [self.loss_mean, self.accuracy_mean]

        @property
        def trainable_weights(self) -> list[Any]:
            return self.trained

        def as_in_network(self, values: Any) -> list[Any]:
            """Values of the shapes of `trained`, turned to those of the network's variables."""
            kernel, *others = values
            return [tf.transpose(kernel), *others]

        def make_train_function(self, force: bool = False) -> None:
            # Keras would compile a step of fixed size; the size of a chunk is found on the way.
            self.train_function = self.train_epoch

        def train_epoch(self, iterator: Any) -> dict[str, float]:
            start, stop = next(iterator).numpy().tolist()
            logs: dict[str, float] = {}
            while start < stop:
                end, begun = self.pace.chunk_end(start, stop), time.perf_counter()
                self.train_chunk(tf.constant(start), tf.constant(end))
                logs = {metric.name: float(metric.result()) for metric in self.metrics}
                self.pace.took(end - start, time.perf_counter() - begun)
                self.tell(end - 1, logs)
                start = end
            return logs

        def test_step(self, bounds: Any) -> dict[str, Any]:
            self.evaluate_range(bounds[0], bounds[1])
            return {metric.name: metric.result() for metric in self.metrics}

        # Loops are written out, because autograph would leave a temporary file for each function
        # behind whenever a worker is killed. They count with a scalar, because tf.range would be
        # compiled anew for every start and stop.
        @tf.function(jit_compile=True, autograph=False)  # type: ignore[misc, untyped-decorator, unused-ignore]
        def train_chunk(self, start: Any, stop: Any) -> None:
            kernel = self.network.trainable_variables[0]
            self.trained[0].assign(tf.transpose(kernel))
            tf.while_loop(lambda batch: batch < stop, self.train_batch, [start])
            kernel.assign(tf.transpose(self.trained[0]))

        def train_batch(self, batch: Any) -> list[Any]:
            positions = batch * self.batch_size + tf.range(self.batch_size)  # (batch,)
            # The last mini-batch of an epoch may be smaller; rows beyond its end get weight 0.
            weights = tf.cast(positions < self.fitted_images, self.float)  # (batch,)
            positions = tf.minimum(positions, self.fitted_images - 1)
            rows = tf.gather(self.rows, positions)
            images, labels = self.take(rows)
            if self.mirrors:
                mirrored = tf.gather(self.mirrored, positions)[:, None, None]
                images = tf.where(mirrored, images[:, :, ::-1], images)
            with tf.GradientTape() as tape:
                probabilities, states, penalties = self.network.stateless_call(
                    self.as_in_network(self.trained),
                    self.network.non_trainable_variables,
                    images,
                    training=True,
                    return_losses=True,
                )
                targets = None if self.targets is None else tf.gather(self.targets, rows)
                loss, correct = self.score(probabilities, labels, weights, penalties, targets)
            gradients = tape.gradient(loss, [variable.value for variable in self.trained])
            if self.first_layer_stays:
                gradients[:2] = [tf.zeros_like(gradient) for gradient in gradients[:2]]
            self.optimizer.apply(gradients, self.trained)
            for variable, state in zip(self.network.non_trainable_variables, states, strict=True):
                variable.assign(state)
            self.record(loss, correct, weights)
            return [batch + 1]

        @tf.function(jit_compile=True, autograph=False)  # type: ignore[misc, untyped-decorator, unused-ignore]
        def evaluate_range(self, start: Any, stop: Any) -> None:
            def evaluate_batch(first: Any) -> list[Any]:
                positions = first + tf.range(EVALUATION_BATCH)  # (batch,)
                weights = tf.cast(positions < stop, self.float)
                images, labels = self.take(tf.minimum(positions, stop - 1))
                probabilities = self.network(images, training=False)
                loss, correct = self.score(probabilities, labels, weights, self.network.losses)
                self.record(loss, correct, weights)
                return [first + EVALUATION_BATCH]

            tf.while_loop(lambda first: first < stop, evaluate_batch, [start])

        def take(self, rows: Any) -> tuple[Any, Any]:
            images = tf.cast(tf.gather(self.images, rows), self.float) / 255.0  # (batch, 28, 28)
            return images, tf.gather(self.labels, rows)  # (batch,)

        def score(
            self, probabilities: Any, labels: Any, weights: Any, penalties: Any, targets: Any = None
        ) -> tuple[Any, Any]:
            if targets is None:
                losses = keras.losses.sparse_categorical_crossentropy(labels, probabilities)
            else:
                losses = keras.losses.categorical_crossentropy(targets, probabilities)
            loss = tf.reduce_sum(losses * weights) / tf.reduce_sum(weights)
            if penalties:  # L2
                loss += tf.add_n(penalties)
            predicted = tf.argmax(probabilities, axis=-1, output_type=tf.int32)
            return loss, tf.cast(predicted == tf.cast(labels, tf.int32), self.float)

        def record(self, loss: Any, correct: Any, weights: Any) -> None:
            self.loss_mean.update_state(loss, sample_weight=tf.reduce_sum(weights))
            self.accuracy_mean.update_state(correct, sample_weight=weights)

    return DeviceModel
