"""Checks of single values that come from a file: of the right kind, finite and in range.

Each returns the value, or raises TypeError or ValueError. A reader of events then takes the line
for damaged.
"""

from typing import Any

LARGEST = 1e38  # what a 32-bit float can hold


def number(value: Any, least: float = 0.0, most: float = LARGEST) -> float:
    """A number from `least` to `most`; neither text, nor a truth value, nor NaN."""
    if type(value) not in (int, float):
        raise TypeError(f"{type(value).__name__} instead of a number")
    if not least <= value <= most:
        raise ValueError(f"a number that is not from {least:g} to {most:g}")
    return float(value)


def share(value: Any) -> float:
    """A number from 0 to 1; sums of rounded shares may end a little above."""
    return min(number(value, 0.0, 1.001), 1.0)


def whole(value: Any, least: int, most: int) -> int:
    """A whole number from `least` to `most`."""
    if type(value) is not int:
        raise TypeError(f"{type(value).__name__} instead of a whole number")
    if not least <= value <= most:
        raise ValueError(f"a whole number that is not from {least} to {most}")
    return value


def text(value: Any, longest: int = 500) -> str:
    """Text, cut to its first characters."""
    if type(value) is not str:
        raise TypeError(f"{type(value).__name__} instead of text")
    return value[:longest]


def truth(value: Any) -> bool:
    """True or false."""
    if type(value) is not bool:
        raise TypeError(f"{type(value).__name__} instead of true or false")
    return value
