import numpy as np
import pytest

from fmnist.insight.neurons import (
    TOP_IMAGES,
    influence,
    neuron_statistics,
    order_by,
    order_by_class,
)
from fmnist.network import Dense, Network
from tests.archives import archive, configuration, random_network


def with_dead_neuron(network, number):
    first = network.layers[0]
    bias = first.bias.copy()
    bias[number] = -1000
    return Network((Dense(first.name, first.kernel, bias, "relu"), *network.layers[1:]))


@pytest.mark.parametrize("hidden", [(1,), (30,), (16, 9), (16, 12, 9)])
def test_statistics_by_the_definition(hidden, data):
    network = random_network(hidden)
    images, labels = data.train_images[:4300], data.train_labels[:4300]
    statistics = neuron_statistics(network, images, labels)
    outputs = network.activations(images.astype(np.float32) / np.float32(255))[0]
    np.testing.assert_allclose(statistics.firing_rate, (outputs > 0).mean(axis=0), atol=1e-3)
    for label in range(10):
        expected = outputs[labels == label].mean(axis=0)
        np.testing.assert_allclose(statistics.class_activation[:, label], expected, atol=1e-5)
    best = -np.sort(-outputs, axis=0)[:TOP_IMAGES].T
    np.testing.assert_allclose(statistics.top_activation, best, atol=1e-5)
    at_best = np.take_along_axis(outputs.T, statistics.top_images, axis=1)
    np.testing.assert_allclose(at_best, best, atol=1e-5)


@pytest.mark.parametrize("hidden", [(30,), (16, 9), (16, 12, 9), (8, 7, 6, 5)])
def test_influence_is_activation_times_gradient_of_tensorflow(hidden, data, tensorflow):
    import tensorflow as tf

    network = random_network(hidden)
    images = data.train_images[:120]
    pixels = images.astype(np.float32).reshape(-1, 784) / np.float32(255)
    hidden_output = tf.constant(network.activations(pixels)[0])
    with tf.GradientTape() as tape:
        tape.watch(hidden_output)
        value = hidden_output
        for layer in network.layers[1:]:
            value = value @ layer.kernel + layer.bias
            value = tf.nn.relu(value) if layer.activation == "relu" else value
    jacobian = tape.batch_jacobian(value, hidden_output)
    parts = np.einsum("nu,ncu->uc", hidden_output.numpy(), jacobian.numpy()) / len(images)
    expected = parts - parts.mean(axis=1, keepdims=True)
    np.testing.assert_allclose(influence(network, images), expected, atol=2e-6)


def test_without_hidden_layer_each_neuron_is_its_class(data):
    network = random_network(())
    statistics = neuron_statistics(network, data.train_images[:3000], data.train_labels[:3000])
    np.testing.assert_array_equal(statistics.speaks_for, range(10))
    pixels = data.train_images[:3000].astype(np.float32) / np.float32(255)
    answers = network.probabilities(pixels).argmax(axis=1)
    np.testing.assert_allclose(statistics.firing_rate, np.bincount(answers, minlength=10) / 3000)
    best = network.logits(pixels).argmax(axis=0)
    np.testing.assert_array_equal(statistics.top_images[:, 0], best)


def test_dead_neurons_are_found_and_have_no_say(data):
    network = with_dead_neuron(random_network((20, 9)), 4)
    statistics = neuron_statistics(network, data.train_images[:2500], data.train_labels[:2500])
    assert statistics.dead[4]
    assert statistics.speaks_for[4] == -1
    np.testing.assert_array_equal(statistics.influence[4], 0)
    assert order_by_class(statistics)[-1] == 4


def test_fewer_images_than_are_shown(data):
    statistics = neuron_statistics(random_network(), data.train_images[:5], data.train_labels[:5])
    assert statistics.top_images.shape == (12, 5)


def test_orders():
    np.testing.assert_array_equal(order_by(np.array([1.0, 3.0, 3.0, 2.0])), [1, 2, 3, 0])


def test_order_by_class_groups(data):
    statistics = neuron_statistics(
        random_network((40,)), data.train_images[:2000], data.train_labels[:2000]
    )
    order = order_by_class(statistics)
    assert sorted(order) == list(range(40))
    groups = statistics.speaks_for[order]
    assert (np.diff(groups) >= 0).all()
    for label in np.unique(groups):
        strength = statistics.influence[order[groups == label], label]
        assert (np.diff(strength) <= 0).all()


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_activations_are_those_of_keras(data, tmp_path, tensorflow):
    import keras

    from fmnist.keras_model import build_sequential
    from fmnist.network import read_network
    from fmnist.recipe import Recipe

    model = build_sequential(Recipe(hidden_units=(24, 13)))
    model.save(tmp_path / "model.keras")
    images = data.train_images[:300].astype(np.float32) / np.float32(255)
    outputs = [layer.output for layer in model.layers if layer.weights]
    expected = keras.Model(model.inputs, outputs).predict(images, verbose=0)
    actual = read_network(tmp_path / "model.keras").activations(images)
    for ours, theirs in zip(actual, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_linear_hidden_layers_pass_gradients_on(data):
    network = random_network((10, 6))
    config = configuration(network)
    config["config"]["layers"][3]["config"]["activation"] = "linear"
    from fmnist.network import read_network

    linear = read_network(archive(network, config=config))
    images = data.train_images[:50]
    outputs = linear.activations(images.astype(np.float32) / np.float32(255))[0]
    parts = outputs.mean(axis=0)[:, None] * (linear.layers[1].kernel @ linear.layers[2].kernel)
    expected = parts - parts.mean(axis=1, keepdims=True)
    np.testing.assert_allclose(influence(linear, images), expected, atol=1e-5)
