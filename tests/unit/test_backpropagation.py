"""Gradients against TensorFlow and finite differences; updates against Keras's SGD."""

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from fmnist.insight.backpropagation import (
    Parameters,
    agreeing_digits,
    backward,
    finite_difference,
    forward,
    network_of,
    parameters_of,
    step,
    untrained,
)
from fmnist.network import Dense, Network

SHAPES = st.lists(st.integers(1, 12), max_size=3)


def some(count, seed=0):
    rng = np.random.default_rng(seed)
    return rng.random((count, 784)), rng.integers(0, 10, count)


def active(weights, images, labels, place, change):
    """Which neurons are on, of every image, if one weight is changed."""
    layer, row, unit = place
    kernels = [kernel.copy() for kernel in weights.kernels]
    kernels[layer][row, unit] += change
    sums = forward(Parameters(tuple(kernels), weights.biases), images, labels).sums
    return [(value > 0).tolist() for value in sums[:-1]]


@given(SHAPES, st.integers(1, 5), st.integers(0, 1000))
@example([1, 1], 2, 465)  # the label gets less than a ten-millionth there
@settings(max_examples=25, deadline=None)
def test_gradients_are_finite_differences(units, count, seed):
    weights, (images, labels) = untrained(units, seed), some(count, seed)
    gradients = backward(weights, forward(weights, images, labels), labels).of_weights
    rng = np.random.default_rng(seed)
    for layer, kernel in enumerate(weights.kernels):
        row, unit = (int(rng.integers(0, size)) for size in kernel.shape)
        on_both_sides = [
            active(weights, images, labels, (layer, row, unit), change) for change in (-1e-5, 1e-5)
        ]
        assume(on_both_sides[0] == on_both_sides[1])  # a relu that tips in between makes a kink
        expected = finite_difference(weights, images, labels, layer, row, unit)
        assert gradients.kernels[layer][row, unit] == pytest.approx(expected, rel=1e-3, abs=1e-8)


@pytest.mark.parametrize("units", [(), (100, 75), (30,), (8, 7, 6)])
def test_gradients_are_tensorflow_s(tensorflow, units):
    import tensorflow as tf

    weights, (images, labels) = untrained(units, 1), some(32, 2)
    kernels = [tf.Variable(kernel) for kernel in weights.kernels]
    biases = [tf.Variable(bias) for bias in weights.biases]
    pixels = tf.Variable(images)
    with tf.GradientTape() as tape:
        value = pixels
        for number, (kernel, bias) in enumerate(zip(kernels, biases, strict=True)):
            value = value @ kernel + bias
            if number < len(kernels) - 1:
                value = tf.nn.relu(value)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, value)
        loss = tf.reduce_mean(losses)
    expected = tape.gradient(loss, [*kernels, *biases, pixels])
    computed = forward(weights, images, labels)
    ours = backward(weights, computed, labels)
    assert computed.loss == pytest.approx(float(loss), abs=1e-9)
    got = [*ours.of_weights.kernels, *ours.of_weights.biases, ours.of_inputs[0]]
    for mine, theirs in zip(got, expected, strict=True):
        assert np.abs(mine - theirs.numpy()).max() < 1e-6


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_steps_are_those_of_keras(tensorflow, momentum):
    import keras

    weights, (images, labels) = untrained((9,), 3), some(16, 4)
    model = keras.Sequential(
        [keras.Input((784,)), keras.layers.Dense(9, "relu"), keras.layers.Dense(10, "softmax")]
    )
    model.set_weights(
        [array for pair in zip(weights.kernels, weights.biases, strict=True) for array in pair]
    )
    model.compile(keras.optimizers.SGD(0.1, momentum), "sparse_categorical_crossentropy")
    velocity = None
    for _ in range(3):
        model.train_on_batch(images, labels)
        computed = forward(weights, images, labels)
        gradients = backward(weights, computed, labels).of_weights
        weights, velocity = step(weights, gradients, 0.1, momentum, velocity)
    for got, theirs in zip(
        (a for pair in zip(weights.kernels, weights.biases, strict=True) for a in pair),
        model.get_weights(), strict=True,
    ):  # fmt: skip
        assert np.abs(got - theirs).max() < 1e-5


def test_a_small_step_lowers_the_loss_and_a_huge_one_overshoots():
    weights, (images, labels) = untrained((20,), 0), some(1)
    before = forward(weights, images, labels)
    gradients = backward(weights, before, labels).of_weights
    small, _ = step(weights, gradients, 0.01)
    assert forward(small, images, labels).loss < before.loss
    noise = untrained((20,), 5)
    batch = some(32, 9)
    slopes = backward(noise, forward(noise, *batch), batch[1]).of_weights
    huge, _ = step(noise, slopes, 1000.0)
    assert forward(huge, *batch).loss > forward(noise, *batch).loss


def test_a_network_goes_there_and_back():
    weights = untrained((5, 4), 0)
    network = network_of(weights)
    images, labels = some(6)
    computed = forward(parameters_of(network), images, labels)
    assert computed.probabilities == pytest.approx(
        network.probabilities(images.astype(np.float32)), abs=1e-5
    )
    linear = Network((Dense("a", network.layers[0].kernel, network.layers[0].bias, "linear"),
                      *network.layers[1:]))  # fmt: skip
    with pytest.raises(ValueError, match="linear"):
        parameters_of(linear)


def test_weights_that_are_no_numbers_are_noticed():
    weights = untrained((3,), 0)
    assert weights.is_finite
    kernels = (weights.kernels[0] * np.nan, weights.kernels[1])
    assert not Parameters(kernels, weights.biases).is_finite


@pytest.mark.parametrize(
    ("first", "second", "digits"),
    [(1.0, 1.0, 15), (1.0, 1.001, 3), (1.0, -1.0, 0), (0.0, 0.0, 15), (0.5, 0.5 + 5e-9, 8)],
)
def test_digits_that_agree_are_counted(first, second, digits):
    assert abs(agreeing_digits(first, second) - digits) <= 1
