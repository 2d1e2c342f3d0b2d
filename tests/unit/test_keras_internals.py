"""What an upgrade of Keras may break."""

import numpy as np
import pytest

from fmnist.keras_model import build_learning_rate, build_sequential
from fmnist.recipe import Recipe
from fmnist.training.keras_internals import name_the_random_numbers, peak_variable


@pytest.fixture(autouse=True)
def keras(tensorflow):
    import keras

    return keras


def test_the_peak_of_a_schedule_can_be_changed():
    recipe = Recipe(learning_rate=0.25, learning_rate_schedule="cosine")
    schedule = build_learning_rate(recipe)
    peak = peak_variable(schedule)
    assert float(schedule(0)) == 0.25
    peak.assign(0.125)
    assert float(schedule(0)) == 0.125, (
        "CosineDecay no longer reads `initial_learning_rate` at each call: a rate changed by hand "
        "would have no effect on a run with a falling rate."
    )


def test_fit_trains_by_the_function_that_a_model_makes(keras):
    steps = []

    class Model(keras.Model):
        def make_train_function(self, force=False):
            self.train_function = self.train_epoch

        def train_epoch(self, iterator):
            next(iterator)
            steps.append(1)
            return {"told": 0.5}

    model = Model()
    model.built = True
    model.compile(jit_compile=False)
    history = model.fit(np.zeros((1, 2)), epochs=3, verbose=0)
    message = (
        "`fit` no longer calls `make_train_function` and the `train_function` that it sets: "
        "DeviceModel would not train in chunks."
    )
    assert steps == [1] * 3, message
    assert history.history == {"told": [0.5] * 3}, message


def test_the_average_of_the_weights_can_be_asked_for(keras):
    variable = keras.Variable([0.0])
    optimizer = keras.optimizers.SGD(1.0, use_ema=True, ema_momentum=0.5)
    optimizer.build([variable])
    values = []
    for _ in range(2):
        optimizer.apply([np.array([-1.0], np.float32)], [variable])
        values.append(float(variable[0]))
    asked = keras.Variable([7.0])
    optimizer.finalize_variable_values([asked])
    average = 0.5 * values[0] + 0.5 * values[1]  # it starts at the value after the first update
    assert float(asked[0]) == average and values == [1.0, 2.0], (
        "`finalize_variable_values` no longer puts the averages into the variables it is given: "
        "runs with averaged weights would be judged and saved by other weights."
    )


def test_dropout_draws_the_numbers_that_keras_draws():
    """In a compiled loop, where Keras leaves it to TensorFlow how they are made."""
    import tensorflow as tf

    recipe = Recipe(dropout=0.3, hidden_units=(40, 30))
    images = tf.constant(np.random.default_rng(0).random((20, 28, 28), np.float32))

    def answers(network):
        network(images)
        compiled = tf.function(lambda: network(images, training=True), jit_compile=True)
        return [compiled().numpy() for _ in range(3)]

    ours, plain = build_sequential(recipe), build_sequential(recipe)
    name_the_random_numbers(ours)
    found = answers(ours)
    for got, expected in zip(found, answers(plain), strict=True):
        np.testing.assert_array_equal(got, expected)
    assert not np.array_equal(found[0], found[1])
    np.testing.assert_array_equal(ours(images), plain(images))
    for got, expected in zip(ours.layers, plain.layers, strict=True):  # and it saves the same
        names = {"name": None}
        assert type(got) is type(expected)
        assert got.get_config() | names == expected.get_config() | names
