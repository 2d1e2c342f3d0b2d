"""Build the Keras model of a recipe.

TensorFlow is imported inside the functions, so that importing this module costs nothing.
"""

from typing import TYPE_CHECKING, Any

from fmnist.layers import INPUT, layers
from fmnist.recipe import Recipe, field_table

if TYPE_CHECKING:
    import keras


def build_sequential(recipe: Recipe) -> "keras.Model":
    """The model as a list given to `keras.Sequential`; first weights follow from the seed."""
    import keras

    calls = [INPUT, *(layer.call() for layer in layers(recipe))]
    return keras.Sequential([call.make(keras) for call in calls])


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

    make = getattr(keras.optimizers, recipe.optimizer)
    return make(
        learning_rate=learning_rate or build_learning_rate(recipe), **optimizer_options(recipe)
    )


def optimizer_options(recipe: Recipe) -> dict[str, Any]:
    """What the recipe's optimizer is given beside the learning rate, by Keras's names."""
    options: dict[str, Any] = {
        name: getattr(recipe, name)
        for name, item in field_table().items()
        if item.optimizers and recipe.uses(name)
    }
    if recipe.ema_momentum:
        options |= {"use_ema": True, "ema_momentum": recipe.ema_momentum}
    return options
