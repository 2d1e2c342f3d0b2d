"""A shaky hand that draws shapes and lines; x to the right, y down, any unit."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy import ndimage

from fmnist.arrays import Floats
from fmnist.classes import SIDE

Point = tuple[float, float]
SCALE = 4  # drawn at four times the size, then averaged


class Hand:
    """A source of random numbers that draws.

    Attributes
    ----------
    spread : how far sleeves are spread, beside how far people draw them
    """

    def __init__(self, seed: list[int], spread: float = 1.0) -> None:
        self.rng = np.random.default_rng(seed)
        self.spread = spread

    def between(self, low: float, high: float) -> float:
        """Return a number between two others."""
        return low + (high - low) * float(self.rng.random())

    def chance(self, share: float) -> bool:
        """Return True in that share of cases."""
        return bool(self.rng.random() < share)


@dataclass
class Sketch:
    """Closed shapes, and inside them lines and dark patches."""

    shapes: list[list[Point]] = field(default_factory=list)
    lines: list[list[Point]] = field(default_factory=list)
    patches: list[list[Point]] = field(default_factory=list)

    def both_sides(self, half: list[Point]) -> None:
        """Add a shape given by its right half, from the top middle to the bottom middle."""
        self.shapes.append(half + [(-x, y) for x, y in reversed(half)])

    def mirrored_line(self, line: list[Point]) -> None:
        """Add a line on the right and its mirror image on the left."""
        self.lines += [line, [(-x, y) for x, y in line]]


def arc(x: float, y: float, width: float, height: float, start: float, stop: float) -> list[Point]:
    """Points on an ellipse around (x, y); angles in degrees, clockwise from the right."""
    angles = np.radians(np.linspace(start, stop, 14))
    return [(x + width * math.cos(a), y + height * math.sin(a)) for a in angles]


def placed(shape: list[Point], side: int, up: int, turn: float, shift: Point) -> list[Point]:
    """Turn a shoe and put it on the left (-1) or right (1) of a pair, or alone (0)."""
    cos, sin = math.cos(turn), math.sin(turn)
    turned = [(x * cos - y * sin, up * (x * sin + y * cos)) for x, y in shape]
    return [(side * (x + shift[0]), y + shift[1]) for x, y in turned] if side else turned


def stacked(parts: list[tuple[Floats, Floats]]) -> tuple[Floats, Floats]:
    """Shapes and lines as two arrays; lines on the rim are part of the outline."""
    empty = np.zeros((0, SIDE, SIDE), np.float32)
    body = np.stack([body for body, _ in parts]) if parts else empty
    seam = np.stack([seam for _, seam in parts]) if parts else empty
    return body, np.where(ndimage.minimum_filter(body, (1, 3, 3)) > 0.6, seam, 0)


def drawn(sketch: Sketch, h: Hand, pens: Point) -> tuple[Floats, Floats]:
    """Draw the shapes and the lines with a shaky hand; two arrays (28, 28) in [0, 1].

    ``pens`` are the thinnest and the thickest pen, in quarters of a pixel.
    """
    shake, lean = h.between(0.0, 0.05), h.between(-0.12, 0.12)
    stretch = math.exp(h.between(-0.2, 0.2))

    def shaky(points: list[Point]) -> NDArray[np.float64]:
        at = np.array(points) * (stretch, 1) + h.rng.normal(0, shake, (len(points), 2))
        turned: NDArray[np.float64] = at @ np.array(
            [[math.cos(lean), math.sin(lean)], [-math.sin(lean), math.cos(lean)]]
        )
        return turned

    shapes, lines, patches = (
        [shaky(part) for part in parts] for parts in (sketch.shapes, sketch.lines, sketch.patches)
    )
    everything = np.concatenate(shapes)
    low, high = everything.min(0), everything.max(0)
    side = SIDE * SCALE
    pen = round(h.between(*pens))
    scale = (side - 1) / float((high - low).max())
    offset = (side - 1) / 2 - (low + high) / 2 * scale

    body, seam = (Image.new("L", (side, side)) for _ in range(2))
    for image, polygons in ((body, shapes), (seam, patches)):
        for polygon in polygons:
            ImageDraw.Draw(image).polygon((polygon * scale + offset).ravel().tolist(), fill=255)
    for line in lines:
        path = (line * scale + offset).ravel().tolist()
        ImageDraw.Draw(seam).line(path, fill=255, width=pen)
    small_body, small_seam = (
        np.asarray(image.reduce(SCALE), np.float32) / 255 for image in (body, seam)
    )
    return small_body, small_seam
