"""Brightness of many images at once: other colours, light, and what the pipeline does to both."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from fmnist.arrays import Floats, Mask
from fmnist.classes import SIDE
from fmnist.prediction.pixels import HIGH, LOW, SHARPEN, SPAN
from fmnist.prediction.strokes import FILL, SEAM
from fmnist.synthetic.warp import Generator, uniform

EVEN, PRINTED = 0.35, 0.12  # shares of recoloured garments that are plain, and that have a pattern


def painted(cover: Floats, seam: Floats) -> Floats:
    """Brightness of a filled drawing, as `fmnist.prediction.strokes.paint` has it."""
    return crisp(cover) * (FILL - (FILL - SEAM) * np.clip(seam, 0, 1))


def crisp(cover: Floats) -> Floats:
    """Sharpen the blurred edge of a shape to about one pixel."""
    value: Floats = np.clip((cover - 0.5) * 2 + 0.5, 0, 1)
    return value


def recoloured(value: Floats, rng: Generator, printed: Mask | bool = True) -> Floats:
    """The same garment in other colours, which say nothing about its class.

    Dark parts turn bright, the cloth is even but for noise, or it has a pattern, if it may.
    """
    n = len(value)
    swap = rng.random((n, 1, 1)) < 0.3
    value = np.clip(np.where(swap, 1 - value, value), 0, 1) ** uniform(rng, n, 0.6, 1.6)
    chance = rng.random((n, 1, 1))
    relief = value - mean_inside(value)
    even = 0.5 + 0.25 * relief + creases(n, rng) * uniform(rng, n, 0.0, 0.15)
    prints = pattern(n, rng) + relief * uniform(rng, n, 0.1, 0.6)
    has_prints = (chance < EVEN + PRINTED) & printed
    result: Floats = np.select([chance < EVEN, has_prints], [even, prints], value)
    return result.astype(np.float32)


def creases(n: int, rng: Generator) -> Floats:
    """Folds of plain cloth, most of them upright, and the grain of a photo."""
    noise = rng.normal(0, 1, (n, SIDE, SIDE)).astype(np.float32)
    folds = ndimage.gaussian_filter(noise, (0, 2.5, 0.7)) * 5
    upright = rng.random((n, 1, 1)) < 0.75
    folds = np.where(upright, folds, folds.transpose(0, 2, 1))
    grain = rng.normal(0, 1, folds.shape).astype(np.float32)
    value: Floats = folds + grain * uniform(rng, n, 0, 0.7)
    return value


def pattern(n: int, rng: Generator) -> Floats:
    """Stripes in any direction, or spots and checks, dark on bright or bright on dark."""
    place = np.arange(SIDE, dtype=np.float32)
    angle, pace = uniform(rng, n, 0, np.pi), 2 * np.pi / uniform(rng, n, 2.2, 6)
    across = place[None, None, :] * np.cos(angle) + place[None, :, None] * np.sin(angle)
    along = place[None, :, None] * np.cos(angle) - place[None, None, :] * np.sin(angle)
    wave = np.sin(pace * across + uniform(rng, n, 0, 6.3))
    spots = wave * np.sin(pace * along + uniform(rng, n, 0, 6.3))
    striped = rng.random((n, 1, 1)) < 0.5
    edge = np.clip(np.where(striped, wave, spots) * 3 - uniform(rng, n, -1, 1), -1, 1)
    value: Floats = 0.5 + edge * uniform(rng, n, 0.1, 0.4) * np.where(
        rng.random((n, 1, 1)) < 0.5, 1, -1
    )
    return value


def lighting(n: int, rng: Generator) -> Floats:
    """Light from one side."""
    ramp = np.linspace(-0.5, 0.5, SIDE, dtype=np.float32)
    return (
        uniform(rng, n, -0.3, 0.3) * ramp[None, None, :]
        + uniform(rng, n, -0.3, 0.3) * ramp[None, :, None]
    )


def mean_inside(images: Floats) -> Floats:
    """Mean brightness of each item; (n, 1, 1)."""
    body = images > 0.06
    total = np.maximum(body.sum((1, 2), keepdims=True), 1)
    value: Floats = ((images * body).sum((1, 2), keepdims=True) / total).astype(np.float32)
    return value


def stretched(value: Floats, body: Mask) -> Floats:
    """The contrast stretch of `fmnist.prediction.preprocess.polarised`, for many images."""
    inside = np.sort(np.where(body, value, np.inf).reshape(len(value), -1), axis=1)
    count = np.maximum(body.sum((1, 2)), 1)
    rows = np.arange(len(value))
    low, high = (inside[rows, ((count - 1) * q).astype(int)] for q in (0.05, 0.95))
    low, high = (np.where(np.isfinite(v), v, 0.5)[:, None, None] for v in (low, high))
    spread = np.maximum(high - low, SPAN)
    wide = (value - (low + high) / 2) / spread * (HIGH - LOW) + (HIGH + LOW) / 2
    result: Floats = np.clip(wide, 0.08, 1).astype(np.float32)
    return result


def sharpened(images: Floats) -> Floats:
    """The sharpening of `fmnist.prediction.preprocess.sharpened`, for many images."""
    soft = ndimage.gaussian_filter(images, (0, 1, 1), radius=(0, 1, 1), mode="constant")
    return np.where(images > 0, np.clip(images + SHARPEN * (images - soft), 0, 1), 0)
