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
