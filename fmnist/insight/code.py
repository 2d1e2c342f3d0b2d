"""A network as Keras code, defined in both of Keras's ways."""

from fmnist.network import Network
from fmnist.recipe import Recipe


def sequential_code(network: Network, recipe: Recipe | None = None) -> str:
    """Python source that builds the same layers as a list given to ``keras.Sequential``."""
    lines = ["import keras", "", "model = keras.Sequential(", "    ["]
    lines += ["        keras.Input((28, 28)),"]
    lines += [f"        {layer}," for layer in _layers(network, recipe)]
    return "\n".join([*lines, "    ]", ")", ""])


def functional_code(network: Network, recipe: Recipe | None = None) -> str:
    """Python source that builds the same layers by the functional API."""
    names = ["hidden"] * (len(_layers(network, recipe)) - 1) + ["outputs"]
    lines = ["import keras", "", "inputs = keras.Input((28, 28))"]
    before = "inputs"
    for name, layer in zip(names, _layers(network, recipe), strict=True):
        lines.append(f"{name} = {layer}({before})")
        before = name
    return "\n".join([*lines, "model = keras.Model(inputs, outputs)", ""])


def _layers(network: Network, recipe: Recipe | None) -> list[str]:
    """One constructor call a layer; dropout and penalty only if the recipe tells of them."""
    penalty = (
        f", kernel_regularizer=keras.regularizers.L2({recipe.l2:g})" if recipe and recipe.l2 else ""
    )
    calls = ["keras.layers.Flatten()"]
    for position, layer in enumerate(network.layers):
        calls.append(f'keras.layers.Dense({layer.units}, activation="{layer.activation}"{penalty})')
        if recipe and recipe.dropout and position < len(network.layers) - 1:
            calls.append(f"keras.layers.Dropout({recipe.dropout:g})")
    return calls
