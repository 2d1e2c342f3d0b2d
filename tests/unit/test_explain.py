from itertools import pairwise

import numpy as np
import pytest

from fmnist.network import Dense, Network
from fmnist.prediction.explain import (
    Neighbours,
    evidence,
    gradient_times_input,
    loudest,
    neuron_votes,
    occlusion,
)


def random_network(*units: int, seed: int = 0) -> Network:
    rng = np.random.default_rng(seed)
    widths = (784, *units, 10)
    layers = []
    for k, (inputs, outputs) in enumerate(pairwise(widths)):
        kernel = rng.normal(0, inputs**-0.5, (inputs, outputs)).astype(np.float32)
        bias = rng.normal(0, 0.1, outputs).astype(np.float32)
        last = k == len(widths) - 2
        layers.append(Dense(f"dense_{k}", kernel, bias, "softmax" if last else "relu"))
    return Network(tuple(layers))


@pytest.fixture
def image():
    return np.random.default_rng(1).random((28, 28)).astype(np.float32)


@pytest.mark.parametrize("units", [(), (30,), (100, 75), (20, 20, 20)])
def test_gradient_is_the_slope_of_the_evidence(units, image):
    network = random_network(*units)
    attribution = gradient_times_input(network, image, 3)
    for row, column in [(0, 0), (5, 20), (13, 13), (27, 27)]:
        step = 1e-2
        nudged = np.stack([image, image])
        nudged[0, row, column] -= step
        nudged[1, row, column] += step
        below, above = evidence(network, nudged, 3)
        slope = (above - below) / (2 * step)
        assert attribution[row, column] == pytest.approx(slope * image[row, column], abs=2e-3)


def test_gradient_times_input_and_biases_make_up_the_evidence(image):
    network = random_network(40, 30)
    without_bias = Network(
        tuple(
            Dense(layer.name, layer.kernel, np.zeros_like(layer.bias), layer.activation)
            for layer in network.layers
        )
    )
    total = gradient_times_input(without_bias, image, 7).sum()
    assert total == pytest.approx(evidence(without_bias, image[None], 7)[0], rel=1e-4)


def test_neuron_votes_make_up_the_evidence(image):
    network = random_network(40)
    votes = neuron_votes(network, image, 2)
    bias = network.layers[1].bias
    expected = evidence(network, image[None], 2)[0] - (bias[2] - bias.mean())
    assert sum(vote.evidence for vote in votes) == pytest.approx(expected, rel=1e-4)
    values = [vote.evidence for vote in votes]
    assert values == sorted(values, reverse=True)


def test_silencing_the_loudest_neuron_lowers_the_evidence_by_its_vote(image):
    network = random_network(40)
    vote = neuron_votes(network, image, 2)[0]
    first, last = network.layers
    kernel = last.kernel.copy()
    kernel[vote.index] = 0
    silenced = Network((first, Dense(last.name, kernel, last.bias, last.activation)))
    change = evidence(network, image[None], 2) - evidence(silenced, image[None], 2)
    assert change[0] == pytest.approx(vote.evidence, rel=1e-4)


def test_loudest_leaves_silent_neurons_out(image):
    network = random_network(40)
    speaking_for, against = loudest(neuron_votes(network, image, 0))
    assert len(speaking_for) == len(against) == 3
    assert all(vote.evidence > 0 for vote in speaking_for)
    assert all(vote.evidence < 0 for vote in against)
    assert against[0].evidence == min(vote.evidence for vote in against)
    black = np.zeros((28, 28), np.float32)
    dark = Network(
        (Dense("a", network.layers[0].kernel, np.full(40, -1, np.float32), "relu"),
         network.layers[1])
    )  # fmt: skip
    assert loudest(neuron_votes(dark, black, 0)) == ([], [])


def test_a_network_without_hidden_layer_has_no_votes(image):
    assert neuron_votes(random_network(), image, 0) == []


def test_occlusion_finds_the_one_patch_that_counts():
    kernel = np.zeros((28, 28, 10), np.float32)
    kernel[10:14, 6:10, 4] = 1
    network = Network(
        (Dense("only", kernel.reshape(784, 10), np.zeros(10, np.float32), "softmax"),)
    )
    attribution = occlusion(network, np.ones((28, 28), np.float32), 4)
    row, column = np.unravel_index(attribution.argmax(), attribution.shape)
    assert 10 <= row < 14
    assert 6 <= column < 10
    assert attribution[20:, 20:] == pytest.approx(0, abs=1e-5)
    assert (occlusion(network, np.ones((28, 28), np.float32), 3) <= 1e-6).all()


def test_occlusion_of_black_is_zero():
    attribution = occlusion(random_network(20), np.zeros((28, 28), np.float32), 1)
    assert not attribution.any()


@pytest.mark.slow
def test_an_image_is_its_own_nearest_neighbour(data):
    images = data.train_images[:3000]
    index = Neighbours(images)
    for k in (0, 17, 2999):
        nearest = index.nearest(images[k].astype(np.float32) / 255, 4)
        assert nearest[0] == k
        assert len(set(nearest)) == 4


def test_neighbours_are_mostly_those_of_a_full_search(real_data):
    """Made-up images differ in every pixel by chance: there a rough search finds others."""
    data = real_data
    images = data.train_images[:3000]
    index = Neighbours(images)
    flat = images.reshape(3000, -1).astype(np.float32) / 255
    found = 0
    for k in range(20):
        query = data.test_images[k].astype(np.float32) / 255
        distance = ((flat - query.ravel()) ** 2).sum(1)
        found += len(set(np.argsort(distance)[:6]) & set(index.nearest(query, 6)))
    assert found >= 72  # of 120
