"""The layers of a recipe: one description that the model, its table and its code are made from.

A new kind of layer is a class here and its place in `layers`.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from fmnist.classes import CLASS_COUNT, PIXELS, SIDE
from fmnist.keras_call import KerasCall, keras_call
from fmnist.recipe import Recipe
from fmnist.recipe_fields import MAX_HIDDEN_LAYERS

INPUT = keras_call("Input", (SIDE, SIDE))
SEEDS_PER_RECIPE = 2 * (MAX_HIDDEN_LAYERS + 1)


class Layer(ABC):
    """One layer of the network, between so many inputs and as many outputs of each image."""

    @abstractmethod
    def call(self) -> KerasCall:
        """How Keras makes it."""

    def title(self) -> str:
        """What the layer table calls it."""
        return type(self).__name__

    def outputs(self, inputs: int) -> int:
        """Numbers that it gives for each image."""
        return inputs

    def parameters(self, inputs: int) -> int:
        """Numbers in it that are trained."""
        return 0


@dataclass(frozen=True)
class Flatten(Layer):
    """An image (28, 28) as one row of 784 pixels."""

    def call(self) -> KerasCall:
        """Reshaping alone."""
        return keras_call("layers.Flatten")


@dataclass(frozen=True)
class Dense(Layer):
    """``activation(inputs @ kernel + bias)``.

    Attributes
    ----------
    l2 : factor of the sum of the kernel's squares in the loss; 0 for none
    seed : of the first weights, drawn by Keras's default initializer; None draws others each time
    """

    units: int
    activation: str
    l2: float = 0.0
    seed: int | None = None

    def call(self) -> KerasCall:
        """What is not set is left to Keras."""
        seeded, penalised = self.seed is not None, self.l2 > 0
        return keras_call(
            "layers.Dense",
            self.units,
            activation=self.activation,
            # Seeded by itself: a process-wide seed would make runs that share a process depend on
            # each other.
            kernel_initializer=keras_call("initializers.GlorotUniform", seed=self.seed)
            if seeded
            else None,
            kernel_regularizer=keras_call("regularizers.L2", self.l2) if penalised else None,
        )

    def title(self) -> str:
        """Kind, units and activation."""
        return f"Dense {self.units} {self.activation}"

    def outputs(self, inputs: int) -> int:
        """One for each unit."""
        return self.units

    def parameters(self, inputs: int) -> int:
        """The kernel (inputs, units) and the bias (units,)."""
        return (inputs + 1) * self.units


@dataclass(frozen=True)
class Dropout(Layer):
    """Sets a share of its inputs to 0 in training; `seed` as in `Dense`."""

    rate: float
    seed: int | None = None

    def call(self) -> KerasCall:
        """Without a seed Keras draws one."""
        return keras_call("layers.Dropout", self.rate, seed=self.seed)

    def title(self) -> str:
        """Kind and rate."""
        return f"Dropout {self.rate:g}"


def layers(recipe: Recipe, seeded: bool = True) -> tuple[Layer, ...]:
    """Flatten → Dense relu (and Dropout) … → Dense softmax.

    Parameters
    ----------
    seeded : whether each layer with random numbers has a seed of its own, which follows from the
        recipe's, so that the model starts as every other of the recipe
    """

    def seed(number: int) -> int | None:
        return recipe.seed * SEEDS_PER_RECIPE + number if seeded else None

    def l2(number: int) -> float:
        # Weights that stay as they are have no say in the loss.
        return recipe.l2 if number or recipe.first_layer == "trained" else 0.0

    stack: list[Layer] = [Flatten()]
    for position, units in enumerate(recipe.hidden_units):
        stack.append(Dense(units, "relu", l2(position), seed(position)))
        if recipe.dropout:
            stack.append(Dropout(recipe.dropout, seed(MAX_HIDDEN_LAYERS + 1 + position)))
    last = len(recipe.hidden_units)
    return (*stack, Dense(CLASS_COUNT, "softmax", l2(last), seed(last)))


@dataclass(frozen=True)
class LayerRow:
    """One line of the layer table, as Keras's ``summary`` prints it."""

    title: str
    outputs: int
    parameters: int


def layer_table(recipe: Recipe) -> list[LayerRow]:
    """Layers with their outputs and parameter counts, without building the model."""
    rows, inputs = [], PIXELS
    for layer in layers(recipe):
        outputs = layer.outputs(inputs)
        rows.append(LayerRow(layer.title(), outputs, layer.parameters(inputs)))
        inputs = outputs
    return rows


def parameter_count(recipe: Recipe) -> int:
    """Weights and biases of all layers."""
    return sum(row.parameters for row in layer_table(recipe))


def sequential_code(stack: Sequence[Layer]) -> str:
    """Python source that builds these layers as a list given to ``keras.Sequential``."""
    calls = [INPUT, *(layer.call() for layer in stack)]
    lines = [f"        {call.code()}," for call in calls]
    return "\n".join(["model = keras.Sequential(", "    [", *lines, "    ]", ")"])


def functional_code(stack: Sequence[Layer]) -> str:
    """Python source that builds these layers by the functional API."""
    names = ["inputs", *["hidden"] * (len(stack) - 1), "outputs"]
    lines = [f"inputs = {INPUT.code()}"]
    for before, name, layer in zip(names, names[1:], stack, strict=False):
        lines.append(f"{name} = {layer.call().code()}({before})")
    return "\n".join([*lines, "model = keras.Model(inputs, outputs)"])
