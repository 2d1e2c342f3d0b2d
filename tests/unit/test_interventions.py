"""Broken networks and changed pictures, against straightforward loops."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from fmnist.insight import interventions as act
from fmnist.insight.backpropagation import network_of, untrained
from fmnist.insight.evaluation import predict
from fmnist.network import Network

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (20, 28, 28), dtype=np.uint8)
LABELS = np.zeros(20, np.uint8)
NETWORK = network_of(untrained((12, 7), 3))


def test_neurons_that_are_off_say_nothing():
    off = act.switch_off(NETWORK, [0, 5, 11])
    pixels = (IMAGES / np.float32(255)).reshape(-1, 784)
    first, second, last = NETWORK.layers
    for image, got in zip(pixels, predict(off, IMAGES, LABELS).predicted, strict=True):
        hidden = np.maximum(image @ first.kernel + first.bias, 0)
        hidden[[0, 5, 11]] = 0
        value = np.maximum(hidden @ second.kernel + second.bias, 0) @ last.kernel + last.bias
        assert value.argmax() == got
    assert np.array_equal(act.switch_off(NETWORK, []).layers[1].kernel, second.kernel)


@pytest.mark.parametrize("neurons", [[-1], [12], [10**9]])
def test_neurons_that_are_not_there_are_told(neurons):
    with pytest.raises(ValueError, match="0 to 11"):
        act.switch_off(NETWORK, neurons)
    with pytest.raises(ValueError, match="no hidden layer"):
        act.switch_off(network_of(untrained((), 0)), [0])


@given(st.floats(0, 1))
@settings(max_examples=20, deadline=None)
def test_pruning_takes_the_smallest_weights(share):
    for before, after in zip(NETWORK.layers, act.prune(NETWORK, share).layers, strict=True):
        gone = (after.kernel == 0) & (before.kernel != 0)
        assert gone.sum() == round(share * before.kernel.size)
        kept = np.abs(before.kernel[~gone])
        if gone.any() and kept.size:
            assert np.abs(before.kernel[gone]).max() <= kept.min()
        assert np.array_equal(after.kernel[~gone], before.kernel[~gone])


@pytest.mark.parametrize("bits", range(1, 17))
def test_rounding_leaves_so_many_levels(bits):
    for before, after in zip(NETWORK.layers, act.quantise(NETWORK, bits).layers, strict=True):
        levels = len(np.unique(after.kernel))
        assert levels <= max(2**bits - 1, 2)
        if bits > 1:
            limit = np.abs(before.kernel).max()
            width = limit / (2 ** (bits - 1) - 1)
            assert np.abs(after.kernel - before.kernel).max() <= width / 2 + 1e-6


@pytest.mark.parametrize(("name", "value"), [("prune", -0.1), ("prune", 1.1), ("quantise", 0),
                                             ("quantise", 17)])  # fmt: skip
def test_what_cannot_be_is_told(name, value):
    with pytest.raises(ValueError, match=str(value)):
        getattr(act, name)(NETWORK, value)


@given(st.integers(-40, 40), st.integers(-40, 40))
@settings(max_examples=30, deadline=None)
def test_shifting_moves_every_pixel(right, down):
    moved = act.shifted(IMAGES[:2], right, down)
    for row in range(28):
        for column in range(28):
            source = (row - down, column - right)
            inside = all(0 <= place < 28 for place in source)
            expected = IMAGES[:2, source[0], source[1]] if inside else np.zeros(2)
            assert np.array_equal(moved[:, row, column], expected)


@pytest.mark.parametrize("degrees", [-180, -33, 0, 7.5, 90, 180])
def test_turning_is_scipy_s(degrees):
    options = {"reshape": False, "order": 1, "mode": "grid-constant"}
    expected = [ndimage.rotate(image.astype(float), -degrees, **options) for image in IMAGES[:3]]
    assert np.abs(act.turned(IMAGES[:3], degrees) - np.array(expected)).max() <= 1.5


def test_inverting_twice_is_nothing_and_noise_comes_from_a_seed():
    assert np.array_equal(act.inverted(act.inverted(IMAGES)), IMAGES)
    assert np.array_equal(act.noisy(IMAGES, 0.0), IMAGES)
    assert np.array_equal(act.noisy(IMAGES, 0.2, 1), act.noisy(IMAGES, 0.2, 1))
    grey = np.full((50, 28, 28), 128, np.uint8)
    assert (act.noisy(grey, 0.1).astype(float) - 128).std() == pytest.approx(25.5, rel=0.02)


def test_the_attack_finds_the_smallest_step_that_is_enough(tensorflow):
    import tensorflow as tf

    for image in IMAGES[:6] / np.float32(255):
        answer = int(NETWORK.probabilities(image[None])[0].argmax())
        attack = act.fast_gradient_sign(NETWORK, image, answer)
        pixels = tf.Variable(image.reshape(1, 784).astype(np.float64))
        with tf.GradientTape() as tape:
            value = pixels
            for number, layer in enumerate(NETWORK.layers):
                value = value @ layer.kernel.astype(np.float64) + layer.bias
                value = tf.nn.relu(value) if number < 2 else value
            loss = tf.nn.sparse_softmax_cross_entropy_with_logits([answer], value)
        sign = np.sign(tape.gradient(loss, pixels).numpy()).reshape(28, 28)
        for steps in range(1, act.EPSILONS + 1):
            moved = np.clip(image + steps / 255 * sign, 0, 1).astype(np.float32)
            if NETWORK.probabilities(moved[None])[0].argmax() != answer:
                break
        else:
            steps = None
        assert attack.steps == steps
        if steps:
            assert attack.image == pytest.approx(moved, abs=1e-6)
            assert attack.after.argmax() != answer
        assert attack.image - image == pytest.approx(attack.change, abs=1e-6)


def test_importance_is_zero_for_a_neuron_that_is_off():
    first, second, last = NETWORK.layers
    kernel = second.kernel.copy()
    kernel[4] = 0
    broken = Network((first, type(second)(second.name, kernel, second.bias, "relu"), last))
    found = act.importance(broken, IMAGES, np.arange(20, dtype=np.uint8) % 10)
    assert found.shape == (12,) and found[4] == 0 and found.max() > 0
