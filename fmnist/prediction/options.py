"""What a person can decide about the way from picture to 28×28 image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from fmnist.prediction.correction import Point
from fmnist.prediction.pixels import Box

KindChoice = Literal["auto", "photo", "drawing"]


@dataclass(frozen=True)
class Options:
    """What a person overrides; the defaults leave every decision to the pipeline.

    Attributes
    ----------
    kind : {"auto", "photo", "drawing"}
    invert : bool or None
        Photos: True negates (dark cloth becomes bright), False does not. Drawings are found by
        their contrast to the ground; there True swaps item and ground. None decides by the ground.
    fill : bool or None
        Fill closed outlines; None fills drawings and no photos.
    crop : (left, top, right, bottom) or None
        Fractions of the turned picture; None crops to the item.
    rotation : float
        Degrees counter-clockwise, applied first.
    mirror : bool
        Swap left and right, after the rotation.
    box : (left, top, right, bottom) or None
        Photos: where to look for the item, as fractions of the picture before it is turned.
    taps : tuple of (x, y)
        Photos: places whose part is added to what was found or taken away, as fractions of the
        picture before it is turned; one after the other.
    threshold : float or None
        In (0, 1). Drawings: contrast from which a pixel is ink. Photos: probability from which a
        pixel belongs to the item. None: chosen by the pipeline.
    """

    kind: KindChoice = "auto"
    invert: bool | None = None
    fill: bool | None = None
    crop: Box | None = None
    rotation: float = 0.0
    mirror: bool = False
    threshold: float | None = None
    box: Box | None = None
    taps: tuple[Point, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in ("auto", "photo", "drawing"):
            raise ValueError(f"kind is {self.kind!r}; use 'auto', 'photo' or 'drawing'.")
        if self.threshold is not None and not 0 < self.threshold < 1:
            raise ValueError(
                f"threshold is {self.threshold}; use a value between 0 and 1, or None."
            )
        for name in ("crop", "box"):
            if (value := getattr(self, name)) is None:
                continue
            left, top, right, bottom = value
            if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
                raise ValueError(
                    f"{name} is {value}; use (left, top, right, bottom) as fractions with "
                    "0 <= left < right <= 1 and 0 <= top < bottom <= 1."
                )
        if not all(0 <= x <= 1 and 0 <= y <= 1 for x, y in self.taps):
            raise ValueError(f"taps is {self.taps}; use (x, y) as fractions from 0 to 1.")
