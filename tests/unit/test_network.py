from pathlib import Path

import numpy as np
import pytest

from fmnist.layers import functional_code, layers, sequential_code
from fmnist.network import Dense, ModelError, Network, activate, read_network
from fmnist.recipe import Recipe
from tests.archives import archive, random_network

NETWORK = random_network()
# Keras hands TensorFlow's variables to NumPy in a way that NumPy 2 warns about.
keras_warnings = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@keras_warnings
@pytest.mark.parametrize("hidden", [(), (1,), (100, 75), (20, 512, 30)])
@pytest.mark.parametrize("write", [sequential_code, functional_code])
def test_keras_and_numpy_give_the_same_probabilities(hidden, write, data, tmp_path, tensorflow):
    recipe = Recipe(hidden_units=hidden, dropout=0.2 if hidden else 0.0, l2=0.001, seed=3)
    names: dict = {}
    exec(f"import keras\n{write(layers(recipe))}", names)
    model = names["model"]
    model.save(tmp_path / "model.keras")
    network = read_network(tmp_path / "model.keras")
    images = data.test_images[:200].astype(np.float32) / np.float32(255)
    expected = model.predict(images, verbose=0)
    np.testing.assert_allclose(network.probabilities(images), expected, atol=1e-6)
    assert network.parameters == model.count_params()
    assert [layer.units for layer in network.layers] == [*hidden, 10]


def test_logits_give_the_probabilities():
    images = np.random.default_rng(1).random((5, 28, 28), np.float32)
    softmax = activate("softmax", NETWORK.logits(images))
    np.testing.assert_allclose(softmax, NETWORK.probabilities(images), atol=1e-7)


def test_softmax_of_huge_logits_is_finite():
    values = activate("softmax", np.array([[1e4, -1e4, 0.0]], np.float32))
    np.testing.assert_array_equal(values, [[1.0, 0.0, 0.0]])


def test_archive_is_read_back():
    network = read_network(archive(NETWORK))
    for read, written in zip(network.layers, NETWORK.layers, strict=True):
        np.testing.assert_array_equal(read.kernel, written.kernel)
        np.testing.assert_array_equal(read.bias, written.bias)
        assert read.activation == written.activation


def test_missing_file_says_so(tmp_path):
    with pytest.raises(ModelError, match=r"There is no model at gone\.keras"):
        read_network(tmp_path / "gone.keras")


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_weights_that_are_not_numbers_are_refused(bad):
    first = NETWORK.layers[0]
    kernel = first.kernel.copy()
    kernel[3, 4] = bad
    network = Network((Dense("a", kernel, first.bias, "relu"), *NETWORK.layers[1:]))
    with pytest.raises(ModelError, match="not numbers"):
        read_network(archive(network), "burst")


@pytest.mark.parametrize(
    "shapes", [((100, 10),), ((784, 9),), ((784, 5), (6, 10)), ((784, 5), (5, 10), (10, 11))]
)
def test_wrong_shapes_are_refused(shapes):
    layers = [
        Dense(f"d{i}", np.zeros(s, np.float32), np.zeros(s[1], np.float32), "relu")
        for i, s in enumerate(shapes)
    ]
    layers[-1] = Dense("last", layers[-1].kernel, layers[-1].bias, "softmax")
    with pytest.raises(ModelError, match=r"expected is a kernel|need 10"):
        read_network(archive(Network(tuple(layers))), "odd")


def test_softmax_in_the_middle_or_missing_is_refused():
    for activations in (("softmax", "relu", "softmax"), ("relu", "relu", "linear")):
        layers = tuple(
            Dense(layer.name, layer.kernel, layer.bias, activation)
            for layer, activation in zip(NETWORK.layers, activations, strict=True)
        )
        with pytest.raises(ModelError, match="must end in softmax"):
            read_network(archive(Network(layers)), "odd")


def test_reading_never_imports_tensorflow():
    import subprocess
    import sys

    code = (
        "import sys; from tests.archives import archive, random_network;"
        "from fmnist.network import read_network; read_network(archive(random_network()));"
        "assert not {'tensorflow', 'keras', 'pickle5'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])
