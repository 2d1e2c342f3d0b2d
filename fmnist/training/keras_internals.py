"""What the app uses of Keras beyond its public interface.

An upgrade of Keras may change it; `tests/unit/test_keras_internals.py` then says what broke. Of the
same kind is `make_train_function` in `fmnist.training.device`, which `fit` calls.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras


def peak_variable(schedule: "keras.optimizers.schedules.CosineDecay") -> Any:
    """Give a schedule its first rate as a `tf.Variable`, so that it can be changed at any time.

    A compiled loop reads a variable at each update; a plain number would be compiled into it.
    """
    import tensorflow as tf

    schedule.initial_learning_rate = tf.Variable(schedule.initial_learning_rate)
    return schedule.initial_learning_rate


def name_the_random_numbers(network: "keras.Model") -> None:
    """Have each Dropout layer say which generator it draws from; it draws the same numbers.

    Keras leaves that to TensorFlow, which then finds it out anew in each mini-batch: inside a
    compiled loop an epoch of the notebook's network took fourteen times as long with dropout as
    without. Nothing of it is saved with the network.
    """
    import keras
    import tensorflow as tf

    def call_of(layer: Any) -> Any:
        def call(inputs: Any, training: bool = False) -> Any:
            if not training:
                return inputs
            # Keras's own way to two int32 from the state of a layer's generator.
            seed = tf.cast(
                tf.math.floormod(layer.seed_generator.next(), tf.int32.max - 1), tf.int32
            )
            return tf.nn.experimental.stateless_dropout(
                inputs, rate=layer.rate, seed=seed, rng_alg="philox"
            )

        return call

    for layer in network.layers:
        if isinstance(layer, keras.layers.Dropout):
            layer.call = call_of(layer)
