"""One field of a recipe: how it is shown, explained, limited, stepped and checked."""

import math
from dataclasses import dataclass, field
from reprlib import repr as short_repr
from typing import Any, TypeVar

T = TypeVar("T")

MAX_HIDDEN_LAYERS = 3


@dataclass(frozen=True)
class RecipeField:
    """How one field of a recipe is shown, explained, limited and stepped.

    Attributes
    ----------
    step : what + and − add and take away; None is a tenth of the value's power of ten. Limits are
        whole multiples of the power of ten of its last digit, to which browsers round each step.
    stops : the values that + and − go through instead, where adding makes no sense
    optimizers : those that take the field; empty means that it does not depend on the optimizer
    """

    label: str
    help: str
    group: str
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    step: float | None = 1
    stops: tuple[float, ...] = ()
    optimizers: tuple[str, ...] = ()

    def step_at(self, value: float) -> float:
        """What + and − add to this value and take away from it."""
        if self.step is None:
            return float(f"1e{math.floor(math.log10(value)) - 1}")
        return self.step

    def next_stop(self, value: float) -> float | None:
        """The next stop above a value, or None."""
        return min((stop for stop in self.stops if stop > value), default=None)

    def previous_stop(self, value: float) -> float | None:
        """The next stop below a value, or None."""
        return max((stop for stop in self.stops if stop < value), default=None)

    def words(self, value: Any) -> str:
        """A value of any type that a field can have, as people read it."""
        if isinstance(value, tuple):
            return "–".join(map(str, value))
        if isinstance(value, int):
            return f"{value:,}"
        return f"{value:g}" if isinstance(value, float) else str(value)


def recipe_field(
    default: T,
    label: str,
    help: str,
    group: str,
    minimum: float | None = None,
    maximum: float | None = None,
    choices: tuple[str, ...] = (),
    step: float | None = 1,
    stops: tuple[float, ...] = (),
    optimizers: tuple[str, ...] = (),
) -> T:
    """Declare a field of `Recipe`; typed as its default so that type checkers see the value."""
    described = RecipeField(label, help, group, minimum, maximum, choices, step, stops, optimizers)
    declared: Any = field(default=default, metadata={"recipe_field": described})
    return declared  # type: ignore[no-any-return]


def checked(item: RecipeField, default: Any, value: Any) -> Any:
    """The value in the type of its default, or ValueError in plain words."""
    if item.choices:
        matches = [choice for choice in item.choices if choice.lower() == str(value).lower()]
        if not matches:
            raise ValueError(
                f"{item.label} is {short_repr(value)}; it takes one of {', '.join(item.choices)}."
            )
        return matches[0]
    if isinstance(default, tuple):
        return _checked_units(item, value)
    return _checked_number(item, value, whole=isinstance(default, int))


def _checked_number(item: RecipeField, value: Any, whole: bool) -> int | float:
    assert item.minimum is not None and item.maximum is not None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    in_range = math.isfinite(number) and item.minimum <= number <= item.maximum
    if isinstance(value, bool) or not in_range or (whole and number != int(number)):
        limits = f"from {_plain(item.minimum)} to {_plain(item.maximum)}"
        allowed = f"a {'whole ' if whole else ''}number {limits}"
        raise ValueError(f"{item.label} is {short_repr(value)}; it takes {allowed}.")
    return int(number) if whole else number


def _plain(number: float | None) -> str:
    """A number as people write it: 0.000001 and 2147483647, never 1e-06 or 2.14748e+09."""
    return f"{number:f}".rstrip("0").rstrip(".") if number else "0"


def _checked_units(item: RecipeField, value: Any) -> tuple[int, ...]:
    if isinstance(value, str):
        text = value.strip().lower()
        parts: list[Any] = [] if text in ("", "none") else text.replace(",", "-").split("-")
    elif isinstance(value, (list, tuple)):
        parts = list(value)
    else:
        parts = [value]
    if len(parts) > MAX_HIDDEN_LAYERS:
        raise ValueError(
            f"{item.label} is {short_repr(value)}; at most {MAX_HIDDEN_LAYERS} layers are allowed."
        )
    return tuple(int(_checked_number(item, part, whole=True)) for part in parts)
