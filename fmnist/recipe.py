"""What to train: one frozen, validated table of settings.

The fields of `Recipe` are the single table that drives the form, the URL, the JSON in the run
folder and the command line. Every field is named as Keras names it.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")

# Keras's own default rate of each optimizer.
OPTIMIZERS: dict[str, float] = {"SGD": 0.01, "Adam": 0.001, "AdamW": 0.001, "RMSprop": 0.001}
MAX_HIDDEN_LAYERS = 3
MAX_UNITS = 512


@dataclass(frozen=True)
class Setting:
    """How one field of a recipe is shown, explained and limited."""

    label: str
    help: str
    group: str
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()


def setting(
    default: T,
    label: str,
    help: str,
    group: str,
    minimum: float | None = None,
    maximum: float | None = None,
    choices: tuple[str, ...] = (),
) -> T:
    """Declare a field of `Recipe`; typed as its default so that type checkers see the value."""
    declared: Any = field(
        default=default,
        metadata={"setting": Setting(label, help, group, minimum, maximum, choices)},
    )
    return declared  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Recipe:
    """Everything that decides a training run. The defaults are the notebook's.

    Raises
    ------
    ValueError
        If a field is outside its limits; the message names field, value and what is allowed.
    """

    epochs: int = setting(
        50,
        "Epochs",
        "One epoch is one pass over all training images. More epochs learn more, "
        "until the network starts to memorise.",
        "Training", 1, 1000,
    )  # fmt: skip
    batch_size: int = setting(
        32,
        "Batch size",
        "Images per weight update. Small batches update often and noisily, "
        "large ones rarely and smoothly.",
        "Training", 1, 4096,
    )  # fmt: skip
    seed: int = setting(
        0,
        "Seed",
        "Starting point of all chance: first weights, order of the images, dropout. "
        "The same seed gives the same run, to the last bit.",
        "Training", 0, 2**31 - 1,
    )  # fmt: skip
    optimizer: str = setting(
        "SGD",
        "Optimizer",
        "The rule that turns gradients into weight updates. SGD takes plain steps downhill; "
        "Adam, AdamW and RMSprop give each weight its own step size.",
        "Optimizer", choices=tuple(OPTIMIZERS),
    )  # fmt: skip
    learning_rate: float = setting(
        0.01,
        "Learning rate",
        "How big a step each update takes. Too small learns slowly, too big jumps about. "
        "You can change it while the network trains.",
        "Optimizer", 1e-6, 10.0,
    )  # fmt: skip
    momentum: float = setting(
        0.0,
        "Momentum",
        "How much of the last step is carried into the next, like a rolling ball. "
        "Used by SGD and RMSprop.",
        "Optimizer", 0.0, 0.999,
    )  # fmt: skip
    weight_decay: float = setting(
        0.004,
        "Weight decay",
        "How strongly AdamW pulls every weight towards zero. Used by AdamW only.",
        "Optimizer", 0.0, 1.0,
    )  # fmt: skip
    hidden_units: tuple[int, ...] = setting(
        (100, 75),
        "Hidden units",
        "Neurons in each hidden layer, up to three layers. "
        "Empty means no hidden layer: ten class templates.",
        "Network", 1, MAX_UNITS,
    )  # fmt: skip
    dropout: float = setting(
        0.0,
        "Dropout",
        "Share of hidden neurons switched off at random in each update, so that no neuron "
        "is relied on alone.",
        "Network", 0.0, 0.9,
    )  # fmt: skip
    l2: float = setting(
        0.0,
        "L2 penalty",
        "Adds the squared weights to the loss, which keeps them small.",
        "Network", 0.0, 1.0,
    )  # fmt: skip
    training_images: int = setting(
        60_000,
        "Training images",
        "How many of the 60,000 training images to use, from the first on.",
        "Data", 100, 60_000,
    )  # fmt: skip
    validation_split: float = setting(
        0.15,
        "Validation split",
        "The last share of the training images is kept aside and only used to check, after "
        "each epoch, how well the network does on images it does not learn from.",
        "Data", 0.01, 0.9,
    )  # fmt: skip

    def __post_init__(self) -> None:
        for name in settings():
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
    def batches_per_epoch(self) -> int:
        """Weight updates per epoch; the last mini-batch may be smaller."""
        return math.ceil(self.fitted_images / self.batch_size)

    def to_dict(self) -> dict[str, Any]:
        """All fields as JSON types."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in ((name, getattr(self, name)) for name in settings())
        }

    def to_query(self) -> dict[str, str]:
        """Fields that differ from the notebook's, as URL parameters."""
        return {
            name: to_text(getattr(self, name))
            for name in settings()
            if getattr(self, name) != getattr(PRESETS["notebook"], name)
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
def settings() -> dict[str, Setting]:
    """The table: field name to `Setting`, in the order of the form."""
    return {item.name: item.metadata["setting"] for item in fields(Recipe)}


def default(name: str) -> Any:
    """Default of a field, as the notebook has it."""
    return next(item.default for item in fields(Recipe) if item.name == name)


def to_text(value: Any) -> str:
    """A field's value as it stands in a URL or on the command line."""
    if isinstance(value, tuple):
        return "-".join(map(str, value)) or "none"
    return str(value)


def _checked(name: str, value: Any) -> Any:
    """The value in its field's type, or ValueError in plain words."""
    if name not in settings():
        raise ValueError(f"There is no setting called {name!r}; there are {', '.join(settings())}.")
    item = settings()[name]
    if item.choices:
        matches = [choice for choice in item.choices if choice.lower() == str(value).lower()]
        if not matches:
            raise ValueError(
                f"{item.label} is {value!r}; it takes one of {', '.join(item.choices)}."
            )
        return matches[0]
    if isinstance(default(name), tuple):
        return _checked_units(item, value)
    return _checked_number(item, value, whole=isinstance(default(name), int))


def _checked_number(item: Setting, value: Any, whole: bool) -> int | float:
    allowed = f"a {'whole ' if whole else ''}number from {item.minimum:g} to {item.maximum:g}"
    problem = ValueError(f"{item.label} is {value!r}; it takes {allowed}.")
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise problem from None
    assert item.minimum is not None and item.maximum is not None
    in_range = math.isfinite(number) and item.minimum <= number <= item.maximum
    if isinstance(value, bool) or not in_range or (whole and number != int(number)):
        raise problem
    return int(number) if whole else number


def _checked_units(item: Setting, value: Any) -> tuple[int, ...]:
    if isinstance(value, str):
        text = value.strip().lower()
        parts: list[Any] = [] if text in ("", "none") else text.replace(",", "-").split("-")
    elif isinstance(value, (list, tuple)):
        parts = list(value)
    else:
        parts = [value]
    if len(parts) > MAX_HIDDEN_LAYERS:
        raise ValueError(
            f"{item.label} is {value!r}; at most {MAX_HIDDEN_LAYERS} layers are allowed."
        )
    return tuple(int(_checked_number(item, part, whole=True)) for part in parts)


PRESETS["notebook"] = Recipe()
__all__ = [
    "OPTIMIZERS",
    "PRESETS",
    "Recipe",
    "Setting",
    "default",
    "replace",
    "settings",
    "to_text",
]
