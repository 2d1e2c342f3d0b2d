"""The Keras model of a recipe, and its table and code, which are made without Keras."""

import numpy as np
import pytest

from fmnist.arrays import scale
from fmnist.keras_model import build_optimizer, build_sequential, compile_model
from fmnist.layers import functional_code, layer_table, layers, sequential_code
from fmnist.recipe import Recipe

RECIPES = [
    Recipe(),
    Recipe(hidden_units=()),
    Recipe(hidden_units=(), dropout=0.5),
    Recipe(hidden_units=(1,)),
    Recipe(hidden_units=(512, 512, 512)),
    Recipe(hidden_units=(300, 20), dropout=0.25),
    Recipe(hidden_units=(7, 11, 13), dropout=0.9, l2=0.01),
]


@pytest.fixture(autouse=True)
def _started(tensorflow):
    pass


def named(recipe):
    return f"{recipe.hidden_units} {recipe.dropout}"


def test_the_notebooks_model():
    model = build_sequential(Recipe())
    assert model.count_params() == (784 * 100 + 100) + (100 * 75 + 75) + (75 * 10 + 10) == 86_835
    assert [type(layer).__name__ for layer in model.layers] == ["Flatten"] + ["Dense"] * 3
    assert [layer.activation.__name__ for layer in model.layers[1:]] == ["relu", "relu", "softmax"]
    assert model.input_shape == (None, 28, 28)
    assert model.output_shape == (None, 10)


@pytest.mark.parametrize("recipe", RECIPES, ids=named)
def test_the_table_is_what_keras_says(recipe):
    built = build_sequential(recipe).layers
    rows = layer_table(recipe)
    assert [(None, row.outputs) for row in rows] == [layer.output.shape for layer in built]
    assert [row.parameters for row in rows] == [layer.count_params() for layer in built]
    assert [row.title.split()[0] for row in rows] == [type(layer).__name__ for layer in built]


@pytest.mark.parametrize("write", [sequential_code, functional_code])
@pytest.mark.parametrize("recipe", RECIPES, ids=named)
def test_code_builds_the_very_same_network(recipe, write):
    names = {}
    exec(f"import keras\n{write(layers(recipe))}", names)
    built, written = build_sequential(recipe), names["model"]
    for ours, theirs in zip(built.layers, written.layers[-len(built.layers) :], strict=True):
        mine, same = ours.get_config(), theirs.get_config()
        del mine["name"], same["name"]
        assert mine == same
    images = np.random.default_rng(0).integers(0, 256, (16, 28, 28)).astype(np.uint8)
    np.testing.assert_array_equal(built(scale(images)), written(scale(images)))


def test_first_weights_depend_on_the_seed_alone():
    import keras

    keras.utils.set_random_seed(1)
    first = build_sequential(Recipe(seed=5)).get_weights()
    build_sequential(Recipe(seed=6))
    keras.utils.set_random_seed(2)
    again = build_sequential(Recipe(seed=5, optimizer="Adam", epochs=3)).get_weights()
    other = build_sequential(Recipe(seed=6)).get_weights()
    for mine, same, different in zip(first, again, other, strict=True):
        np.testing.assert_array_equal(mine, same)
        if mine.ndim == 2:
            assert (mine != different).mean() > 0.99


def test_first_weights_are_keras_default_distribution():
    """Glorot and Bengio (2010), equation 16: uniform within sqrt(6 / (inputs + outputs))."""
    for layer in build_sequential(Recipe()).layers[1:]:
        kernel, bias = layer.get_weights()
        limit = np.sqrt(6 / sum(kernel.shape))
        assert np.abs(kernel).max() <= limit
        assert kernel.std() == pytest.approx(limit / np.sqrt(3), rel=0.05)
        assert not bias.any()


def test_layers_of_one_network_do_not_share_their_chance():
    model = build_sequential(Recipe(hidden_units=(512, 512, 512)))
    kernels = [layer.get_weights()[0] for layer in model.layers[1:]]
    second, third = (kernel / np.abs(kernel).max() for kernel in kernels[1:3])
    assert abs(np.corrcoef(second.ravel(), third.ravel())[0, 1]) < 0.02


@pytest.mark.parametrize(
    ("recipe", "expected"),
    [
        (Recipe(), {"learning_rate": 0.01, "momentum": 0.0}),
        (Recipe(momentum=0.9), {"momentum": 0.9}),
        (Recipe(optimizer="RMSprop", momentum=0.5), {"momentum": 0.5, "rho": 0.9}),
        (Recipe(optimizer="Adam", learning_rate=0.002), {"learning_rate": 0.002, "beta_1": 0.9}),
        (Recipe(optimizer="AdamW", weight_decay=0.03), {"weight_decay": 0.03}),
    ],
    ids=lambda value: value.optimizer if isinstance(value, Recipe) else "",
)
def test_the_optimizer_is_configured(recipe, expected):
    optimizer = build_optimizer(recipe)
    assert type(optimizer).__name__ == recipe.optimizer
    config = optimizer.get_config()
    for name, value in expected.items():
        assert config[name] == pytest.approx(value)


def test_the_penalty_is_the_sum_of_squared_kernels():
    model = build_sequential(Recipe(l2=0.25, hidden_units=(20,)))
    squares = sum(float((layer.get_weights()[0] ** 2).sum()) for layer in model.layers[1:])
    assert sum(float(loss) for loss in model.losses) == pytest.approx(0.25 * squares, rel=1e-5)


def test_the_loss_is_cross_entropy_and_the_metric_accuracy():
    model = compile_model(build_sequential(Recipe(hidden_units=(8,))), Recipe(hidden_units=(8,)))
    rng = np.random.default_rng(1)
    images, labels = rng.random((50, 28, 28), np.float32), rng.integers(0, 10, 50)
    loss, accuracy = model.evaluate(images, labels, verbose=0)
    probabilities = np.asarray(model(images), np.float64)
    assert loss == pytest.approx(-np.log(probabilities[np.arange(50), labels]).mean(), rel=1e-4)
    assert accuracy == pytest.approx((probabilities.argmax(1) == labels).mean())
