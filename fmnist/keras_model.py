"""Build the Keras model of a recipe, in both ways that Keras offers.

TensorFlow is imported inside the functions, so that importing this module costs nothing.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fmnist.classes import CLASS_COUNT
from fmnist.recipe import Recipe

if TYPE_CHECKING:
    import keras

INPUT_SHAPE = (28, 28)


@dataclass(frozen=True)
class LayerRow:
    """One line of the layer table, as Keras's ``summary`` prints it."""

    name: str
    output_shape: tuple[int, ...]
    parameters: int


def layer_table(recipe: Recipe) -> list[LayerRow]:
    """Layers with output shapes and parameter counts, without building the model."""
    inputs = INPUT_SHAPE[0] * INPUT_SHAPE[1]
    rows = [LayerRow("Flatten", (inputs,), 0)]
    for units in recipe.hidden_units:
        rows.append(LayerRow(f"Dense {units} relu", (units,), (inputs + 1) * units))
        if recipe.dropout:
            rows.append(LayerRow(f"Dropout {recipe.dropout:g}", (units,), 0))
        inputs = units
    rows.append(LayerRow("Dense 10 softmax", (CLASS_COUNT,), (inputs + 1) * CLASS_COUNT))
    return rows


def build_sequential(recipe: Recipe) -> "keras.Model":
    """The model as a list given to `keras.Sequential`; first weights follow from the seed."""
    import keras

    return keras.Sequential([keras.Input(INPUT_SHAPE), *_layers(recipe)])


def build_functional(recipe: Recipe) -> "keras.Model":
    """The same network by the functional API."""
    import keras

    inputs = keras.Input(INPUT_SHAPE)
    outputs = inputs
    for layer in _layers(recipe):
        outputs = layer(outputs)
    return keras.Model(inputs, outputs)


def compile_model(model: "keras.Model", recipe: Recipe) -> "keras.Model":
    """Compile with the recipe's optimizer, cross-entropy and accuracy."""
    model.compile(
        optimizer=build_optimizer(recipe),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    # A model that is saved before its optimizer has all its variables could not be loaded again.
    model.optimizer.build(model.trainable_variables)
    return model


def build_learning_rate(recipe: Recipe) -> "float | keras.optimizers.schedules.CosineDecay":
    """The rate itself, or Keras's cosine decay to zero over all updates of the recipe."""
    import keras

    if recipe.learning_rate_schedule == "constant":
        return recipe.learning_rate
    updates = recipe.epochs * recipe.batches_per_epoch
    return keras.optimizers.schedules.CosineDecay(recipe.learning_rate, updates)


def build_optimizer(recipe: Recipe, learning_rate: Any = None) -> "keras.optimizers.Optimizer":
    """The recipe's optimizer; what the recipe does not name stays at Keras's default.

    Parameters
    ----------
    learning_rate : takes the place of the recipe's `build_learning_rate`
    """
    import keras

    options: dict[str, Any] = {"learning_rate": learning_rate or build_learning_rate(recipe)}
    if recipe.optimizer in ("SGD", "RMSprop"):
        options["momentum"] = recipe.momentum
    if recipe.optimizer == "AdamW":
        options["weight_decay"] = recipe.weight_decay
    if recipe.ema_momentum:
        options |= {"use_ema": True, "ema_momentum": recipe.ema_momentum}
    return getattr(keras.optimizers, recipe.optimizer)(**options)


def _layers(recipe: Recipe) -> "list[keras.layers.Layer]":
    """Flatten → Dense relu (and Dropout) … → Dense softmax, each with a seed of its own."""
    from keras import initializers, layers, regularizers

    def dense(units: int, activation: str, position: int) -> "keras.layers.Layer":
        # Keras's default initializer, but seeded by itself: a process-wide seed would make runs
        # that share a process depend on each other.
        return layers.Dense(
            units,
            activation=activation,
            kernel_initializer=initializers.GlorotUniform(seed=recipe.seed * 8 + position),
            kernel_regularizer=regularizers.L2(recipe.l2) if recipe.l2 else None,
        )

    stack = [layers.Flatten()]
    for position, units in enumerate(recipe.hidden_units):
        stack.append(dense(units, "relu", position))
        if recipe.dropout:
            stack.append(layers.Dropout(recipe.dropout, seed=recipe.seed * 8 + 4 + position))
    stack.append(dense(CLASS_COUNT, "softmax", len(recipe.hidden_units)))
    return stack
