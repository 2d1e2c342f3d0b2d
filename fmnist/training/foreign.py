"""What is known of a run that a person's own program trains, in place of a recipe."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

MAX_TEXT, MAX_LAYERS, MAX_EPOCHS = 120, 40, 100_000
LARGEST_COUNT = 10**15


@dataclass(frozen=True)
class Foreign:
    """A model of somebody's own.

    Attributes
    ----------
    title : what the run is called
    layers : kind and output shape of each layer, such as "Dense (None, 100)"
    parameters : how many numbers are trained
    optimizer : its class, such as "Adam"
    epochs : that ``fit`` was asked for
    """

    title: str
    layers: tuple[str, ...]
    parameters: int
    optimizer: str
    epochs: int

    @classmethod
    def of(cls, model: Any, name: str, epochs: int) -> "Foreign":
        """What a Keras model tells of itself."""
        layers = [f"{type(layer).__name__} {_shape(layer)}" for layer in model.layers]
        return cls(
            title=(name or str(model.name))[:MAX_TEXT],
            layers=tuple(layer[:MAX_TEXT] for layer in layers[:MAX_LAYERS]),
            parameters=int(sum(_size(weight.shape) for weight in model.trainable_weights)),
            optimizer=type(model.optimizer).__name__[:MAX_TEXT],
            epochs=min(max(epochs, 1), MAX_EPOCHS),
        )

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> "Foreign":
        """From JSON types, as `to_dict` gives them. Raises ValueError or KeyError for others."""
        layers = values["layers"]
        if not isinstance(layers, list) or len(layers) > MAX_LAYERS:
            raise ValueError("layers is no list of a few texts")
        for text in (values["title"], values["optimizer"], *layers):
            if not isinstance(text, str) or len(text) > MAX_TEXT:
                raise ValueError("a text that is none, or too long")
        for name, most in (("parameters", LARGEST_COUNT), ("epochs", MAX_EPOCHS)):
            if type(values[name]) is not int or not 0 <= values[name] <= most:
                raise ValueError(f"{name} is no number from 0 to {most}")
        return cls(values["title"], tuple(layers), values["parameters"], values["optimizer"],
                   max(values["epochs"], 1))  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        """As JSON types."""
        return asdict(self) | {"layers": list(self.layers)}

    def words(self) -> str:
        """In one line."""
        layers = f"{len(self.layers)} layers, {self.parameters:,} parameters"
        plural = "" if self.epochs == 1 else "s"
        return f"{self.title} · {layers} · {self.optimizer} · {self.epochs} epoch{plural}"


def _shape(layer: Any) -> str:
    try:
        return str(tuple(layer.output.shape))
    except (AttributeError, ValueError, TypeError):
        return ""


def _size(shape: Any) -> int:
    size = 1
    for length in shape:
        size *= int(length)
    return size
