"""Pictures that show no clothing, made up: what a detector of such pictures learns from.

They show what scribbles, letters, signs, textures and photos of other things look like once they
are through `fmnist.prediction.preprocess`: longest edge 28, centred, bright on black. Some go
through it; that takes a while, so the others imitate it. Some are garments cut up and put
together in the wrong order, which keeps the detector from going by brightness or texture alone.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image
from scipy import ndimage

from fmnist.arrays import Float32, Float64, Mask, UInt8, scale
from fmnist.classes import SIDE
from fmnist.prediction.options import Options
from fmnist.prediction.pixels import bounds, centred, cut, polarised, resized, sharpened
from fmnist.prediction.preprocess import preprocess
from fmnist.prediction.strokes import FILL, SEAM
from fmnist.synthetic.strange_shapes import SHAPES, SHEET, blob, drawn, ellipse
from fmnist.synthetic.strange_textures import TEXTURES
from fmnist.synthetic.strange_things import THINGS, drawn_thing

Generator = np.random.Generator


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
        kind = KINDS[k % len(KINDS)]
        pictures[k] = kind(garments, rng) if kind is cut_up else kind(rng)
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


def any_shape(rng: Generator) -> UInt8:
    """A sheet with a shape of any kind."""
    return drawn(SHAPES[rng.integers(len(SHAPES))], rng)


def any_thing(rng: Generator) -> UInt8:
    """A sheet with a thing of any kind."""
    return drawn_thing(THINGS[rng.integers(len(THINGS))], rng)


def painted_shape(rng: Generator) -> Float32:
    """A shape, as the pipeline would deliver it."""
    return painted(any_shape(rng), rng)


def sketched_shape(rng: Generator) -> Float32:
    """A shape, sent through the pipeline."""
    return sketched(any_shape(rng))


def painted_thing(rng: Generator) -> Float32:
    """A thing, as the pipeline would deliver it."""
    return painted(any_thing(rng), rng)


def sketched_thing(rng: Generator) -> Float32:
    """A thing, sent through the pipeline."""
    return sketched(any_thing(rng))


# Photos of textures and things ----------------------------------------------------------------


def any_texture(rng: Generator) -> Float64:
    """A texture of any kind, stretched to [0, 1]."""
    texture = TEXTURES[rng.integers(len(TEXTURES))](rng)
    return np.asarray((texture - texture.min()) / max(float(np.ptp(texture)), 1e-6))


def patched(rng: Generator) -> Float32:
    """A photo of a texture, or of a thing that has it, as the pipeline would deliver it."""
    level = any_texture(rng).astype(np.float32)
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
    box = bounds(mask)
    level, mask = cut(level, box), cut(mask, box)
    return centred(sharpened(resized(polarised(level, mask, False), SIDE)))


def textured_photo(rng: Generator) -> Float32:
    """A texture in colours, sent through the pipeline itself."""
    if rng.random() < 0.5:
        return photographed(np.stack([any_texture(rng) for _ in range(3)], axis=-1))
    return photographed(any_texture(rng)[..., None] * rng.uniform(0.3, 1, 3))


def thing_photo(rng: Generator) -> Float32:
    """A plain or textured thing on plain ground, sent through the pipeline itself."""
    sheet = any_shape(rng) if rng.random() < 0.65 else any_thing(rng)
    thing = sheet > 0
    if rng.random() < 0.8:
        thing = ndimage.binary_fill_holes(thing)
    cover = placed(thing, rng)[..., None]  # (SHEET, SHEET, 1)
    ground = colour(rng) + ramp(rng, 0.25)
    if rng.random() < 0.4:  # a soft shadow
        moved = np.roll(cover[..., 0], rng.integers(-6, 7, 2), (0, 1))
        shadow = ndimage.gaussian_filter(moved, rng.uniform(1, 4))[..., None]
        ground = ground * (1 - rng.uniform(0.1, 0.4) * shadow)
    surface = colour(rng) + ramp(rng, 0.5)
    if rng.random() < 0.3:
        surface = surface + (any_texture(rng)[..., None] - 0.5) * rng.uniform(0.05, 0.5)
    grain = rng.normal(0, rng.uniform(0, 0.025), (SHEET, SHEET, 1))
    return photographed(surface * cover + ground * (1 - cover) + grain)


def placed(mask: Mask, rng: Generator) -> Float64:
    """Cover in [0, 1] of a thing made smaller and put somewhere on the sheet."""
    side = int(SHEET * rng.uniform(0.4, 1))
    small = Image.fromarray(mask).convert("L").resize((side, side), Image.Resampling.BILINEAR)
    sheet = Image.new("L", (SHEET, SHEET))
    sheet.paste(small, tuple(rng.integers(0, SHEET - side + 1, 2).tolist()))
    return np.asarray(sheet) / 255


def colour(rng: Generator) -> Float64:
    """Any colour, or a grey: (3,), float64 in [0, 1]."""
    return rng.uniform(0, 1, 3) if rng.random() < 0.6 else np.full(3, rng.uniform(0, 1))


def ramp(rng: Generator, most: float) -> Float64:
    """Light that falls off to one side: (SHEET, SHEET, 1)."""
    place, angle = np.arange(SHEET) / SHEET - 0.5, rng.uniform(0, 2 * np.pi)
    slope = place[:, None] * np.sin(angle) + place[None, :] * np.cos(angle)
    return np.asarray(slope[..., None] * rng.uniform(0, most))


def photographed(colours: Float64) -> Float32:
    """A photo with colours in [0, 1], (height, width, 3), sent through the pipeline."""
    picture = (colours.clip(0, 1) * 255).astype(np.uint8)
    return preprocess(picture, Options(kind="photo")).image


def cut_up(garments: UInt8, rng: Generator) -> Float32:
    """A garment in the wrong order: its blocks shuffled."""
    garment = scale(garments[rng.integers(len(garments))])
    size = int(rng.choice([4, 7]))
    n = SIDE // size
    blocks = garment.reshape(n, size, n, size).swapaxes(1, 2).reshape(n * n, size, size)
    mixed = blocks[rng.permutation(n * n)].reshape(n, n, size, size)
    return np.ascontiguousarray(mixed.swapaxes(1, 2).reshape(SIDE, SIDE))


# Those that come more than once are harder to tell from clothing.
KINDS: tuple[Callable[..., Float32], ...] = (
    painted_shape, painted_shape, painted_shape,
    sketched_shape, sketched_shape, sketched_shape, sketched_shape,
    painted_thing, painted_thing,
    sketched_thing, sketched_thing, sketched_thing, sketched_thing,
    patched, patched,
    textured_photo, textured_photo,
    thing_photo, thing_photo, thing_photo,
    cut_up,
)  # fmt: skip
