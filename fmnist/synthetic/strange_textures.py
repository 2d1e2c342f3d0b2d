"""Textures and views, for photos that show no clothing: (SHEET, SHEET), float64, any range."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import ndimage

from fmnist.arrays import Float64
from fmnist.synthetic.strange_shapes import SHEET

Generator = np.random.Generator


def clouds(rng: Generator) -> Float64:
    """Noise at any scale from single pixels to broad shading."""
    width = rng.choice([2, 4, 6, 10, 16])
    return np.asarray(ndimage.gaussian_filter(rng.normal(0, 1, (SHEET, SHEET)), width))


def grain(rng: Generator) -> Float64:
    """Noise so fine that it is almost even once it has been made smaller."""
    width = rng.choice([0, 0, 0.7, 1.2])
    return np.asarray(ndimage.gaussian_filter(rng.normal(0, 1, (SHEET, SHEET)), width))


def stripes(rng: Generator) -> Float64:
    """Parallel waves, noisy or not."""
    y, x = np.mgrid[:SHEET, :SHEET]
    angle, pace = rng.uniform(0, np.pi), rng.uniform(0.08, 0.75)
    wave = np.sin(pace * (x * np.cos(angle) + y * np.sin(angle)) + rng.uniform(0, 6.3))
    return np.asarray(wave + rng.normal(0, rng.uniform(0, 0.8), (SHEET, SHEET)))


def checks(rng: Generator) -> Float64:
    """A chess board or a grid."""
    y, x = np.mgrid[:SHEET, :SHEET]
    size = rng.uniform(6, 32)
    board = ((x + rng.uniform(0, 32)) // size + (y + rng.uniform(0, 32)) // size) % 2
    return np.asarray(board + rng.normal(0, rng.uniform(0, 0.5), (SHEET, SHEET)))


def cells(rng: Generator) -> Float64:
    """Patches of even brightness: rooms, plants, crowds."""
    centres = rng.uniform(0, SHEET, (int(rng.integers(3, 40)), 2))
    y, x = np.mgrid[:SHEET, :SHEET]
    distance = (x[..., None] - centres[:, 0]) ** 2 + (y[..., None] - centres[:, 1]) ** 2
    return np.asarray(rng.uniform(0, 1, len(centres))[distance.argmin(-1)])


def scene(rng: Generator) -> Float64:
    """Things of any brightness before a ground that changes at a horizon: a view, a screen."""
    y, x = np.mgrid[:SHEET, :SHEET]
    above, below = rng.uniform(0, 1, 2)
    level = np.where(y < rng.uniform(0, SHEET), above, below)
    for _ in range(int(rng.integers(2, 12))):
        left, top = rng.uniform(-20, SHEET, 2)
        wide, high = rng.uniform(6, 70, 2)
        inside = (np.abs(x - left - wide / 2) < wide / 2) & (np.abs(y - top - high / 2) < high / 2)
        if rng.random() < 0.4:
            inside = ((x - left) / wide) ** 2 + ((y - top) / high) ** 2 < 0.25
        level[inside] = rng.uniform(0, 1)
    soft = ndimage.gaussian_filter(level, rng.uniform(0, 2))
    return np.asarray(soft + rng.normal(0, rng.uniform(0, 0.15), soft.shape))


def screen(rng: Generator) -> Float64:
    """Windows and buttons with lines of text, dark on light or the other way round."""
    level = np.full((SHEET, SHEET), rng.uniform(0.75, 1))
    level[: int(rng.integers(4, 14))] = rng.uniform(0, 1)
    for _ in range(int(rng.integers(2, 10))):
        top, left = rng.integers(8, SHEET - 10, 2)
        high, wide = int(rng.integers(4, 30)), int(rng.integers(8, 60))
        level[top : top + high, left : left + wide] = rng.uniform(0, 1)
        ink = rng.uniform(0, 1)
        for y in range(top + 2, min(top + high, SHEET) - 1, 4):  # a line of text every 4 pixels
            text = rng.random(int(rng.integers(1, wide))) < 0.6
            row = level[y, left + 1 : left + 1 + len(text)]
            row[text[: len(row)]] = ink
    return level if rng.random() < 0.8 else 1 - level


Texture = Callable[[Generator], Float64]
TEXTURES: tuple[Texture, ...] = (clouds, grain, stripes, checks, cells, scene, scene, screen)
