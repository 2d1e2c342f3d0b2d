"""Pictures that show no clothing, made up: what a detector of such pictures learns from.

They show what scribbles, letters, signs, textures and photos of other things look like once they
are through `fmnist.prediction.preprocess`: longest edge 28, centred, bright on black. Some go
through it; that takes a while, so the others imitate it. Some are garments cut up and put
together in the wrong order, which keeps the detector from going by brightness or texture alone.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import ndimage

from fmnist.arrays import Float32, Float64, UInt8, scale
from fmnist.classes import SIDE
from fmnist.prediction.options import Options
from fmnist.prediction.pixels import bounds, centred, cut, polarised, resized, sharpened
from fmnist.prediction.preprocess import preprocess
from fmnist.prediction.strokes import FILL, SEAM
from fmnist.synthetic.strange_shapes import SHAPES, SHEET, blob, drawn, ellipse

Generator = np.random.Generator

SKETCHED, PHOTOGRAPHED = 1 / 4, 1 / 3  # shares of shapes and textures that take the pipeline


def make(count: int, garments: UInt8, seed: int) -> Float32:
    """Pictures of no clothing, all kinds in turn.

    Parameters
    ----------
    count : how many
    garments : ndarray of shape (n, 28, 28), uint8
        Training images, for those that are cut up.
    seed : the same seed gives the same pictures

    Returns
    -------
    ndarray of shape (count, 28, 28), float32 in [0, 1]
    """
    rng = np.random.default_rng(seed)
    pictures = np.empty((count, SIDE, SIDE), np.float32)
    for k in range(count):
        kind = k % (len(SHAPES) + len(TEXTURES) + 1)
        if kind < len(SHAPES):
            sheet = drawn(SHAPES[kind], rng)
            real = rng.random() < SKETCHED
            pictures[k] = sketched(sheet) if real else painted(sheet, rng)
        elif kind < len(SHAPES) + len(TEXTURES):
            texture = TEXTURES[kind - len(SHAPES)]
            real = rng.random() < PHOTOGRAPHED
            pictures[k] = photographed(texture, rng) if real else patched(texture(rng), rng)
        else:
            pictures[k] = cut_up(garments, rng)
    return pictures


# Shapes as the pipeline delivers them ---------------------------------------------------------


def painted(sheet: UInt8, rng: Generator) -> Float32:
    """A drawing as the pipeline would deliver it: trimmed, mostly filled, inner lines darker."""
    ink = sheet > 64
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    box = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
    ink, lines = ink[box], (sheet == 128)[box]
    body = ndimage.binary_fill_holes(ink) if rng.random() < 0.75 else ink
    level = np.where(body, np.float32(FILL), np.float32(0))
    inner = ndimage.binary_erosion(np.pad(body, 1), iterations=5)[1:-1, 1:-1]
    if rng.random() < 0.7:
        lines |= ink & inner & ~ndimage.binary_erosion(ink, iterations=4)
    level[lines] = SEAM
    if rng.random() < 0.25:  # a shaded or blurred photo of a thing
        level = ndimage.gaussian_filter(level, rng.uniform(1, 6), mode="constant")
        level = level * np.linspace(rng.uniform(0.5, 1), rng.uniform(0.5, 1), level.shape[1])
    small = centred(resized(level.astype(np.float32), SIDE))
    return np.asarray(np.clip(small * np.float32(rng.uniform(0.8, 1.2)), 0, 1), np.float32)


def sketched(sheet: UInt8) -> Float32:
    """A drawing, sent through the pipeline itself."""
    picture = np.repeat(sheet[..., None], 3, axis=2)
    return preprocess(picture, Options(kind="drawing")).image


# Textures, for photos of other things --------------------------------------------------------


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


TEXTURES: tuple[Callable[[Generator], Float64], ...] = (
    clouds, grain, stripes, checks, cells, scene, scene,
)  # fmt: skip


def patched(texture: Float64, rng: Generator) -> Float32:
    """A photo of a texture, or of a thing that has it, as the pipeline would deliver it."""
    chance = rng.random()
    if chance < 0.5:
        shape = blob if rng.random() < 0.7 else ellipse
        mask = ndimage.binary_fill_holes(drawn(shape, rng) > 0)
    else:
        # The whole picture, or all of it but a ragged rim that was taken for the ground.
        rim = 6 * (chance < 0.8)
        away = np.pad(np.ones((SHEET - 2 * rim, SHEET - 2 * rim), np.float32), rim)
        ragged = 0.3 * ndimage.gaussian_filter(rng.normal(0, 1, (SHEET, SHEET)), 2) * 7
        mask = ndimage.gaussian_filter(away, rim / 2) + ragged * (rim > 0) > 0.4
    span = max(float(np.ptp(texture)), 1e-6)
    level = ((texture - texture.min()) / span).astype(np.float32)
    box = bounds(mask)
    level, mask = cut(level, box), cut(mask, box)
    return centred(sharpened(resized(polarised(level, mask, False), SIDE)))


def photographed(texture: Callable[[Generator], Float64], rng: Generator) -> Float32:
    """A texture in colours, or a thing on plain ground, sent through the pipeline itself."""
    if rng.random() < 0.5:
        colors = np.stack([texture(rng) for _ in range(3)], axis=-1)
    else:
        colors = texture(rng)[..., None] * rng.uniform(0.3, 1, 3)
    colors = (colors - colors.min()) / max(float(np.ptp(colors)), 1e-6)
    if rng.random() < 0.4:
        shape = SHAPES[rng.integers(len(SHAPES))]
        thing = ndimage.binary_fill_holes(drawn(shape, rng) > 0)
        ground = rng.uniform(0.4, 1, 3) + rng.normal(0, 0.02, colors.shape)
        colors = np.where(thing[..., None], rng.uniform(0, 1, 3) * (0.7 + 0.3 * colors), ground)
    picture = (colors.clip(0, 1) * 255).astype(np.uint8)
    return preprocess(picture, Options(kind="photo")).image


def cut_up(garments: UInt8, rng: Generator) -> Float32:
    """A garment in the wrong order: its blocks shuffled."""
    garment = scale(garments[rng.integers(len(garments))])
    size = int(rng.choice([4, 7]))
    n = SIDE // size
    blocks = garment.reshape(n, size, n, size).swapaxes(1, 2).reshape(n * n, size, size)
    mixed = blocks[rng.permutation(n * n)].reshape(n, n, size, size)
    return np.ascontiguousarray(mixed.swapaxes(1, 2).reshape(SIDE, SIDE))
