"""What to train: one frozen, validated recipe.

The fields of `Recipe` are the single table that drives the form, the URL, the JSON in the run
folder and the command line. Every field is named as Keras names it.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from reprlib import repr as short_repr
from typing import Any

from fmnist.recipe_fields import RecipeField, checked, recipe_field
from fmnist.terms import TERMS, hint

# Keras's own default rate of each optimizer.
OPTIMIZERS: dict[str, float] = {"SGD": 0.01, "Adam": 0.001, "AdamW": 0.001, "RMSprop": 0.001}
MAX_UNITS = 512
AUGMENTATIONS = ("none", "flip", "pictures", "taught")


@dataclass(frozen=True)
class Recipe:
    """Everything that decides a training run. The defaults are the notebook's.

    Raises
    ------
    ValueError
        If a field is outside its limits; the message names field, value and what is allowed.
    """

    epochs: int = recipe_field(
        50,
        "Epochs",
        f"{TERMS['epoch']} More epochs learn more, until the network starts to memorise.",
        "Training", 1, 1000,
    )  # fmt: skip
    batch_size: int = recipe_field(
        32,
        "Batch size",
        f"{TERMS['batch size']} Small batches update often and noisily, large ones rarely and "
        "smoothly.",
        "Training", 1, 4096, stops=tuple(2**power for power in range(13)),
    )  # fmt: skip
    seed: int = recipe_field(
        0,
        "Seed",
        f"{TERMS['seed']} That is first weights, order of the images and dropout, to the last bit.",
        "Training", 0, 2**31 - 1,
    )  # fmt: skip
    optimizer: str = recipe_field(
        "SGD",
        "Optimizer",
        "The rule that turns gradients into weight updates. SGD takes plain steps downhill; "
        "Adam, AdamW and RMSprop give each weight its own step size.",
        "Optimizer", choices=tuple(OPTIMIZERS),
    )  # fmt: skip
    learning_rate: float = recipe_field(
        0.01,
        "Learning rate",
        f"{TERMS['learning rate']} Too small learns slowly, too big jumps about. You can change "
        "it while the network trains.",
        "Optimizer", 1e-6, 10.0, step=None,
    )  # fmt: skip
    learning_rate_schedule: str = recipe_field(
        "constant",
        "Learning rate schedule",
        "Constant keeps the rate. Cosine lets it fall along half a cosine wave to zero at the "
        "last epoch, which settles the weights.",
        "Optimizer", choices=("constant", "cosine"),
    )  # fmt: skip
    momentum: float = recipe_field(
        0.0,
        "Momentum",
        f"{TERMS['momentum']} Used by SGD and RMSprop.",
        "Optimizer", 0.0, 0.999, step=0.001, stops=(0.0, 0.5, 0.9, 0.95, 0.99, 0.999),
        optimizers=("SGD", "RMSprop"),
    )  # fmt: skip
    weight_decay: float = recipe_field(
        0.004,
        "Weight decay",
        "How strongly AdamW pulls every weight towards zero. Used by AdamW only.",
        "Optimizer", 0.0, 1.0, step=0.001, optimizers=("AdamW",),
    )  # fmt: skip
    ema_momentum: float = recipe_field(
        0.0,
        "Weight averaging",
        "With a value such as 0.999 the final weights are a moving average over the last "
        "updates, which is steadier than any single one. 0 switches it off.",
        "Optimizer", 0.0, 0.9999, step=0.0001, stops=(0.0, 0.9, 0.99, 0.999, 0.9999),
    )  # fmt: skip
    hidden_units: tuple[int, ...] = recipe_field(
        (100, 75),
        "Hidden units",
        "Neurons in each hidden layer, up to three layers. "
        "Empty means no hidden layer: ten class templates.",
        "Network", 1, MAX_UNITS, step=5,
    )  # fmt: skip
    first_layer: str = recipe_field(
        "trained",
        "First layer",
        "Trained, or random: then its weights stay as they were drawn at the start, and the layers "
        "after it have to make do with that.",
        "Network", choices=("trained", "random"),
    )  # fmt: skip
    dropout: float = recipe_field(
        0.0,
        "Dropout",
        TERMS["dropout"],
        "Network", 0.0, 0.9, step=0.1,
    )  # fmt: skip
    l2: float = recipe_field(
        0.0,
        "L2 penalty",
        TERMS["L2 penalty"],
        "Network", 0.0, 1.0, step=0.0001,
    )  # fmt: skip
    training_images: int = recipe_field(
        60_000,
        "Training images",
        "How many of the 60,000 training images to use, from the first on.",
        "Data", 100, 60_000, step=1000,
    )  # fmt: skip
    augmentation: str = recipe_field(
        "none",
        "Augmentation",
        f"{TERMS['augmentation']} Flip mirrors half of them at random. "
        "Pictures mixes in drawings, silhouettes and photo-like versions as well, so that it "
        "copes with what people draw and upload. Taught shows the same, and a larger network, "
        "trained before on 57,000 of the images, says how much each looks like every class: that "
        "is learnt in place of the labels.",
        "Data", choices=AUGMENTATIONS,
    )  # fmt: skip
    validation_split: float = recipe_field(
        0.15,
        "Validation split",
        f"The last share of the training images is kept aside. {hint('validation')}",
        "Data", 0.01, 0.9, step=0.01,
    )  # fmt: skip
    shuffled_labels: float = recipe_field(
        0.0,
        "Shuffled labels",
        "Share of the images it learns from whose labels are mixed up among each other, to see "
        "what wrong labels do. Validation and test images keep theirs.",
        "Data", 0.0, 1.0, step=0.1,
    )  # fmt: skip

    def __post_init__(self) -> None:
        for name in field_table():
            object.__setattr__(self, name, _checked(name, getattr(self, name)))

    @property
    def validation_images(self) -> int:
        """Images set aside for validation: Keras keeps the first ``int(n * (1 - split))``."""
        return self.training_images - self.fitted_images

    @property
    def fitted_images(self) -> int:
        """Images the network learns from in each epoch."""
        return math.floor(self.training_images * (1.0 - self.validation_split))

    @property
    def shuffled_images(self) -> int:
        """Images the network learns from whose labels are mixed up."""
        return round(self.shuffled_labels * self.fitted_images)

    @property
    def batches_per_epoch(self) -> int:
        """Weight updates per epoch; the last mini-batch may be smaller."""
        return math.ceil(self.fitted_images / self.batch_size)

    def uses(self, name: str) -> bool:
        """Whether a field changes anything: not if the optimizer does not take it."""
        optimizers = field_table()[name].optimizers
        return not optimizers or self.optimizer in optimizers

    def to_dict(self) -> dict[str, Any]:
        """All fields as JSON types."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in ((name, getattr(self, name)) for name in field_table())
        }

    def to_query(self) -> dict[str, str]:
        """Fields that differ from what `from_mapping` takes for missing ones, as URL parameters."""
        implied = Recipe(learning_rate=OPTIMIZERS[self.optimizer])
        return {
            name: to_text(getattr(self, name))
            for name in field_table()
            if getattr(self, name) != getattr(implied, name)
        }

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> "Recipe":
        """Recipe from JSON types or text; missing fields take their defaults.

        A missing learning rate is the default rate of the optimizer.

        Raises
        ------
        ValueError
            If a field is unknown or a value is not allowed.
        """
        recipe, problems = cls.from_mapping_leniently(values)
        if problems:
            raise ValueError(" ".join(problems))
        return recipe

    @classmethod
    def from_mapping_leniently(cls, values: Mapping[str, Any]) -> "tuple[Recipe, tuple[str, ...]]":
        """Keep what is valid; give one plain sentence for each value that is not."""
        kept: dict[str, Any] = {}
        problems = []
        for name, value in values.items():
            try:
                kept[name] = _checked(name, value)
            except ValueError as problem:
                problems.append(str(problem))
        if "learning_rate" not in kept:
            kept["learning_rate"] = OPTIMIZERS[kept.get("optimizer", "SGD")]
        return cls(**kept), tuple(problems)


PRESETS: dict[str, Recipe] = {}


@cache
def field_table() -> dict[str, RecipeField]:
    """The table: field name to `RecipeField`, in the order of the form."""
    return {item.name: item.metadata["recipe_field"] for item in fields(Recipe)}


def _checked(name: str, value: Any) -> Any:
    if name not in field_table():
        raise ValueError(
            f"There is no setting called {short_repr(name)}; there are {', '.join(field_table())}."
        )
    return checked(field_table()[name], default(name), value)


@cache
def default(name: str) -> Any:
    """Default of a field, as the notebook has it."""
    return next(item.default for item in fields(Recipe) if item.name == name)


def to_text(value: Any) -> str:
    """A field's value as it stands in a URL or on the command line."""
    if isinstance(value, tuple):
        return "-".join(map(str, value)) or "none"
    return str(value)


PRESETS["notebook"] = Recipe()
# What that notebook told of the test images.
NOTEBOOK_RESULT = {"loss": 0.3555, "accuracy": 0.8761}
# The notebook's network for pictures that people bring. Its settings were chosen by validation.
PRESETS["tuned"] = Recipe(
    epochs=400,
    batch_size=256,
    optimizer="AdamW",
    learning_rate=0.003,
    learning_rate_schedule="cosine",
    weight_decay=0.05,
    ema_momentum=0.999,
    augmentation="taught",
    validation_split=0.05,
)
__all__ = [
    "NOTEBOOK_RESULT",
    "OPTIMIZERS",
    "PRESETS",
    "Recipe",
    "RecipeField",
    "default",
    "field_table",
    "replace",
    "to_text",
]
