import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmnist.insight import weights
from fmnist.insight.code import layers_of
from fmnist.insight.weights import GAP, grid_columns, neuron_mosaic
from fmnist.layers import Dense, Dropout, Flatten, functional_code, sequential_code
from fmnist.recipe import Recipe
from tests.archives import random_network


def test_kernel_images_put_pixels_where_they_were():
    kernel = np.arange(784 * 3, dtype=np.float32).reshape(784, 3)
    images = weights.kernel_images(kernel)
    assert images.shape == (3, 28, 28)
    assert images[2, 5, 7] == kernel[5 * 28 + 7, 2]


def test_colour_limit_is_shared_and_never_zero():
    small, large = np.full((784, 2), 0.1, np.float32), np.full((784, 5), -0.7, np.float32)
    assert weights.colour_limit(small, large) == pytest.approx(0.7)
    assert weights.colour_limit(np.zeros((784, 2), np.float32)) > 0


def test_norms():
    kernel = np.random.default_rng(0).normal(size=(784, 4)).astype(np.float32)
    np.testing.assert_allclose(weights.norms(kernel), np.linalg.norm(kernel, axis=0), rtol=1e-6)


@given(st.integers(1, 512))
def test_grid_holds_all_neurons_in_a_sensible_shape(units):
    columns = grid_columns(units)
    rows = -(-units // columns)
    assert 4 <= columns <= 30
    assert rows <= columns * 1.2
    assert (rows - 1) * columns < units


@given(st.integers(1, 40), st.integers(4, 9))
def test_mosaic_holds_every_weight_once(units, columns):
    rng = np.random.default_rng(units)
    kernel = rng.normal(0, 0.3, (784, units)).astype(np.float32)
    bias = rng.normal(0, 0.3, units).astype(np.float32)
    limits = np.full(units, 0.5, np.float32)
    mosaic = neuron_mosaic(kernel, bias, limits, 0.4, columns)
    height, width = mosaic.pitch
    for number in range(units):
        row, column = divmod(number, columns)
        top, left = row * height + mosaic.gap, column * width + mosaic.gap
        tile = mosaic.picture[top : top + 28, left : left + 28] / 127 * 0.5
        expected = np.clip(kernel[:, number].reshape(28, 28), -0.5, 0.5)
        np.testing.assert_allclose(tile, expected, atol=0.5 / 127 / 2 + 1e-6)
        bar = mosaic.picture[top + 29 : top + height - mosaic.gap, left : left + 28] / 127 * 0.4
        np.testing.assert_allclose(bar, np.clip(bias[number], -0.4, 0.4), atol=0.4 / 127 / 2 + 1e-6)
    assert (mosaic.picture != GAP).sum() == units * 28 * (28 + weights.BIAS_ROWS)


def test_histogram_is_symmetric_and_counts_all():
    values = np.random.default_rng(0).normal(size=1000).astype(np.float32)
    counted = weights.histogram(values)
    np.testing.assert_allclose(counted.edges, -counted.edges[::-1])
    assert counted.count.sum() == 1000
    assert weights.histogram(values, limit=0.5).count.sum() == 1000
    assert weights.histogram(np.zeros(7, np.float32)).count[20] == 7  # the middle one


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_glorot_is_what_keras_draws(tensorflow):
    from keras.initializers import GlorotUniform

    drawn = np.asarray(GlorotUniform(seed=1)((784, 400)))
    edges = np.linspace(-0.1, 0.1, 22)
    expected = weights.glorot_histogram(784, 400, edges)
    assert np.abs(drawn).max() <= weights.glorot_limit(784, 400)
    assert expected.count.sum() == pytest.approx(784 * 400)
    np.testing.assert_allclose(np.histogram(drawn, edges)[0], expected.count, atol=600)


def test_npz_holds_all_weights():
    network = random_network((12, 8))
    with np.load(io.BytesIO(weights.to_npz(network)), allow_pickle=False) as arrays:
        assert sorted(arrays.files) == sorted(
            f"{kind}_{i}" for i in range(3) for kind in ("kernel", "bias")
        )
        for position, layer in enumerate(network.layers):
            np.testing.assert_array_equal(arrays[f"kernel_{position}"], layer.kernel)
            np.testing.assert_array_equal(arrays[f"bias_{position}"], layer.bias)


@pytest.mark.parametrize("hidden", [(), (5,), (12, 8), (6, 5, 4)])
@pytest.mark.parametrize("write", [sequential_code, functional_code])
def test_code_builds_the_same_layers(hidden, write, tensorflow):
    network = random_network(hidden)
    names: dict = {}
    exec(f"import keras\n{write(layers_of(network))}", names)
    shapes = [tuple(item.shape) for item in names["model"].weights]
    expected = [array.shape for layer in network.layers for array in (layer.kernel, layer.bias)]
    assert shapes == expected


def test_code_tells_of_dropout_and_penalty():
    recipe = Recipe(hidden_units=(12, 8), dropout=0.25, l2=0.01)
    assert layers_of(random_network((12, 8)), recipe) == (
        Flatten(),
        Dense(12, "relu", l2=0.01),
        Dropout(0.25),
        Dense(8, "relu", l2=0.01),
        Dropout(0.25),
        Dense(10, "softmax", l2=0.01),
    )


def test_a_recipe_of_other_layers_is_not_believed():
    found = layers_of(random_network((12, 8)), Recipe(hidden_units=(12,), dropout=0.25))
    assert found == layers_of(random_network((12, 8)))
    assert [layer.title() for layer in found[1:]] == [
        "Dense 12 relu",
        "Dense 8 relu",
        "Dense 10 softmax",
    ]
