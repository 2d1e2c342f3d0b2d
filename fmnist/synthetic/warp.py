"""Bend items the way people draw, lay out and photograph them.

Positions in an image are in [-1, 1], x to the right, y down. Each image has its own parameters.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmnist.arrays import Floats, Mask
from fmnist.classes import SIDE

Generator = np.random.Generator


@dataclass(frozen=True)
class Warp:
    """How far shapes are bent, at most; lengths are in halves of the image's edge."""

    rotation: float = 0.06  # radians
    shear: float = 0.06
    stretch: float = 0.08  # of the width against the height, as a logarithm
    taper: float = 0.05  # widening from top to bottom: perspective, and how people draw
    raise_: float = 0.05  # lifting what is far from the middle: sleeves, straps
    wave: float = 0.02  # wobble
    spread: float = 0.0  # radians by which sleeves are lifted off the body


GENTLE = Warp()
PHOTO = Warp(0.20, 0.15, 0.20, 0.15, 0.15, 0.02, 0.45)
DRAWN = Warp(0.15, 0.15, 0.30, 0.20, 0.30, 0.04, 1.3)


def bent(layers: list[Floats], body: Mask, warp: Warp, rng: Generator) -> list[Floats]:
    """Bend layers alike, then fit the bent body to the frame with its longest edge."""
    n = len(body)
    draw = [uniform(rng, n, -a, a) for a in (warp.rotation, warp.shear, warp.stretch, warp.taper)]
    lift = uniform(rng, n, -0.3 * warp.raise_, warp.raise_)
    waves = [
        (uniform(rng, n, -warp.wave, warp.wave), uniform(rng, n, 2, 6), uniform(rng, n, 0, 6.3))
        for _ in range(4)
    ]

    angle = uniform(rng, n, -0.2 * warp.spread, warp.spread) * sleeved(body)
    turn = np.cos(angle), np.sin(angle)
    armpit = uniform(rng, n, 0.33, 0.5)

    def source(x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Where in the image, in [-1, 1], a point of the bent image comes from."""
        rotation, shear, stretch, taper = draw
        across, down = np.broadcast_arrays(x, y)
        y = down + lift * np.maximum(np.abs(across) - 0.25, 0)
        x = across * np.exp(stretch) * (1 + taper * down) + shear * down
        x, y = (
            x * np.cos(rotation) - y * np.sin(rotation),
            x * np.sin(rotation) + y * np.cos(rotation),
        )
        for k, (height, pace, phase) in enumerate(waves):
            if k % 2:
                x = x + height * np.sin(pace * down + phase)
            else:
                y = y + height * np.sin(pace * across + phase)
        x, y = lifted(x, y, armpit, *turn)
        return x.astype(np.float32), y.astype(np.float32)

    # where does the body end up? ask on a coarse, wide grid
    grid = np.linspace(-1.9, 1.9, 32, dtype=np.float32)
    hit = covered(body, *source(grid[None, None, :], grid[None, :, None]))
    left, right = span(np.any(hit, axis=1), grid)
    top, bottom = span(np.any(hit, axis=2), grid)
    half = np.maximum(np.maximum(right - left, bottom - top) / 2 + 0.05, 0.1)[:, None, None]
    frame = ((np.arange(SIDE, dtype=np.float32) + 0.5) / SIDE * 2 - 1)[None]
    x = ((left + right) / 2)[:, None, None] + half * frame[:, None, :]
    y = ((top + bottom) / 2)[:, None, None] + half * frame[:, :, None]
    return sampled(layers, *source(x, y))


def sleeved(body: Mask) -> Mask:
    """Which items look like tops: as tall as the frame, wide and symmetric; (n, 1, 1)."""
    mirrored = body[:, :, ::-1]
    likeness = (body & mirrored).sum((1, 2)) / np.maximum((body | mirrored).sum((1, 2)), 1)
    width, height = body.any(1).sum(1), body.any(2).sum(1)
    value: Mask = ((likeness > 0.8) & (width >= 15) & (height >= 26))[:, None, None]
    return value


def lifted(x: Floats, y: Floats, armpit: Floats, cos: Floats, sin: Floats) -> tuple[Floats, Floats]:
    """Turn what lies beyond the armpits about the shoulders; the gap that opens is empty."""
    side = np.where(x < 0, np.float32(-1), np.float32(1))
    out, down = side * x - armpit, y + 0.7
    sleeve_out, sleeve_down = out * cos - down * sin, out * sin + down * cos
    sleeve = (sleeve_out > 0) & ((out > 0) | (sin < 0))
    far = np.float32(9)
    new_x = np.where(sleeve, side * (sleeve_out + armpit), np.where((out > 0) & (sin > 0), far, x))
    return new_x, np.where(sleeve, sleeve_down - 0.7, y)


def span(hit: NDArray[np.bool_], grid: Floats) -> tuple[Floats, Floats]:
    """First and last hit in each row, on the grid; (n,) each, the whole frame if there is none."""
    some = hit.any(1)
    first = np.where(some, grid[hit.argmax(1)], np.float32(-1))
    last = np.where(some, grid[len(grid) - 1 - hit[:, ::-1].argmax(1)], np.float32(1))
    return first, last


def sampled(layers: list[Floats], x: Floats, y: Floats) -> list[Floats]:
    """Bilinear values of images at positions in [-1, 1]; black outside."""
    wide = SIDE + 4
    column = np.clip((x + 1) * (SIDE / 2) + 1.5, 0, wide - 1.01)
    row = np.clip((y + 1) * (SIDE / 2) + 1.5, 0, wide - 1.01)
    left, top = column.astype(np.int32), row.astype(np.int32)
    fx, fy = column - left, row - top
    at = (top * wide + left).astype(np.intp)
    at += (np.arange(len(at)) * wide**2)[:, None, None]
    result = []
    for layer in layers:
        values = np.pad(layer, ((0, 0), (2, 2), (2, 2))).reshape(-1)
        upper = values.take(at)
        upper += fx * (values[1:].take(at) - upper)
        lower = values[wide:].take(at)
        lower += fx * (values[wide + 1 :].take(at) - lower)
        upper += fy * (lower - upper)
        result.append(upper)
    return result


def covered(body: Mask, x: Floats, y: Floats) -> Mask:
    """Whether positions in [-1, 1] lie on the body."""
    wide = SIDE + 2
    column = np.clip((x + 1) * (SIDE / 2) + 1, 0, wide - 1).astype(np.intp)
    row = np.clip((y + 1) * (SIDE / 2) + 1, 0, wide - 1).astype(np.intp)
    at = row * wide + column + (np.arange(len(body)) * wide**2)[:, None, None]
    value: Mask = np.pad(body, ((0, 0), (1, 1), (1, 1))).reshape(-1).take(at)
    return value


def uniform(rng: Generator, n: int, low: float, high: float) -> Floats:
    """One number for each image; (n, 1, 1)."""
    return rng.uniform(low, high, (n, 1, 1)).astype(np.float32)
