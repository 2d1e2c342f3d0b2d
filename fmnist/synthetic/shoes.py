"""Shoes as they stand on a floor for a photo: pairs from above, or two at a slant.

Fashion-MNIST knows single shoes from the side only. A sole is widest at the ball of the foot and
narrowest before the heel; what covers it, and where the foot goes in, tells the classes apart.
x runs right, y from the toes (-1) to the heel (1).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from fmnist.synthetic.pen import Hand, Point, Sketch, arc, placed

SANDAL, SNEAKER, BOOT = LABELS = 5, 7, 9


def sole(h: Hand) -> tuple[list[Point], Callable[[float], float]]:
    """The outline of a shoe from above, and half its width at any y."""
    wide, blunt = h.between(0.3, 0.46), h.between(2.2, 4.5)
    waist, heel = h.between(0.0, 0.22), h.between(0.72, 1.0)

    def half(y: float) -> float:
        round_ends = max(0.0, 1 - abs(y) ** blunt) ** (1 / blunt)
        pinch = 1 - waist * math.exp(-(((y - 0.25) / 0.35) ** 2))
        narrowing = 1 - (1 - heel) * max(0.0, y)
        return float(wide * round_ends * pinch * narrowing)

    down = np.sin(np.linspace(-np.pi / 2, np.pi / 2, 13))
    right = [(half(float(y)), float(y)) for y in down]
    return right + [(-x, y) for x, y in reversed(right)], half


def pair(h: Hand, label: int) -> Sketch:
    """Two shoes side by side from above, sometimes one alone."""
    s = Sketch()
    outline, half = sole(h)
    covered = {SANDAL: straps, SNEAKER: trainer, BOOT: shaft}[label]
    lines, patches = covered(h, half)
    up, turn = (-1 if h.chance(0.4) else 1), h.between(-0.3, 0.3)
    space = half(-0.4) * h.between(0.95, 1.35)
    for side in (-1, 1) if h.chance(0.9) else (0,):
        drop, lean = h.between(-0.12, 0.12), turn + h.between(-0.08, 0.08)
        for source, target in (([outline], s.shapes), (lines, s.lines), (patches, s.patches)):
            target += [placed(part, side, up, lean, (space, drop)) for part in source]
    return s


Covered = tuple[list[list[Point]], list[list[Point]]]  # lines, and dark patches


def straps(h: Hand, half: Callable[[float], float]) -> Covered:
    """Bands over a bare sole: bright bands on a dark one, or the other way round."""
    bands = sorted(h.between(-0.75, 0.75) for _ in range(int(h.rng.integers(1, 4))))
    thick = h.between(0.08, 0.3)
    if h.chance(0.35):  # a thong
        knot = h.between(-0.7, -0.45)
        back = h.between(-0.1, 0.4)
        return [[(-half(back), back), (0, knot), (half(back), back)]], []
    if h.chance(0.5):
        return [], [band(half, y, y + thick) for y in bands]
    edges = [-0.9, *(edge for y in bands for edge in (y - thick / 2, y + thick / 2)), 0.9]
    bare = zip(edges[::2], edges[1::2], strict=True)
    return [], [band(half, top, low, 0.85) for top, low in bare if low - top > 0.12]


def trainer(h: Hand, half: Callable[[float], float]) -> Covered:
    """A hole for the foot towards the heel, laces before it, sometimes a toe cap."""
    start = h.between(0.0, 0.3)
    hole = arc(0, (start + 0.85) / 2, half(0.4) * h.between(0.45, 0.75), (0.85 - start) / 2, 0, 350)
    lines = []
    if h.chance(0.8):
        width = half(-0.2) * h.between(0.25, 0.6)
        lines = [[(-width, y), (width, y)] for y in np.linspace(-0.5, start - 0.08, 4)]
    if h.chance(0.4):
        y = h.between(-0.7, -0.5)
        lines.append([(-half(y), y + 0.1), (0, y), (half(y), y + 0.1)])
    return lines, [hole] if h.chance(0.85) else []


def shaft(h: Hand, half: Callable[[float], float]) -> Covered:
    """A round opening at the back that is nearly as wide as the boot."""
    high = h.between(0.2, 0.42)
    hole = arc(0, 0.88 - high, half(0.4) * h.between(0.6, 0.9), high, 0, 350)
    rim = arc(0, 0.88 - high, half(0.4) * 0.95, high + 0.08, 0, 350)
    lines = [rim] if h.chance(0.6) else []
    if h.chance(0.35):
        lines.append([(0, 0.88 - 2 * high), (0, -0.3)])
    return lines, [hole] if h.chance(0.8) else []


def band(half: Callable[[float], float], top: float, low: float, share: float = 1.0) -> list[Point]:
    """A piece of the sole from edge to edge between two heights."""
    top, low = max(top, -0.95), min(low, 0.95)
    left, right = share * half(top), share * half(low)
    return [(-left, top), (left, top), (right, low), (-right, low)]


def two(shoe: Callable[[Hand], Sketch], h: Hand, apart: float) -> Sketch:
    """Two shoes from the side, one behind the other, turned as one."""
    near, far = shoe(h), shoe(h)
    shift = h.between(0.15, apart) * (-1 if h.chance(0.3) else 1), -h.between(0.05, 0.5)
    flip, turn = (-1 if h.chance(0.25) else 1), h.between(-0.5, 0.5)
    s = Sketch()
    for target, front, back in (
        (s.shapes, near.shapes, far.shapes),
        (s.lines, near.lines, far.lines),
        (s.patches, near.patches, far.patches),
    ):
        target += [placed(part, 0, 1, turn, (0, 0)) for part in front]
        moved = [[(flip * x + shift[0], y + shift[1]) for x, y in part] for part in back]
        target += [placed(part, 0, 1, turn, (0, 0)) for part in moved]
    return s
