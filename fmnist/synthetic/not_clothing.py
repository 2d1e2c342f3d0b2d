"""Pictures that show no clothing, made up: what a detector of such pictures learns from.

They show what scribbles, letters, signs, textures and photos of other things look like once they
are through `fmnist.prediction.preprocess`: longest edge 28, centred, bright on black. Some go
through it; that takes a while, so the others imitate it. Some are garments cut up and put
together in the wrong order, which keeps the detector from going by brightness or texture alone.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

from fmnist.arrays import Float32, Float64, UInt8, scale
from fmnist.classes import SIDE
from fmnist.prediction.preprocess import (
    Options,
    bounds,
    centred,
    cut,
    polarised,
    preprocess,
    resized,
    sharpened,
)
from fmnist.prediction.strokes import FILL, SEAM

Generator = np.random.Generator

SHEET = 112  # shapes are drawn at four times the final size
SKETCHED, PHOTOGRAPHED = 1 / 6, 1 / 3  # shares of shapes and textures that take the pipeline
MIDDLE = SHEET / 2


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


# Shapes, white lines and areas on a black sheet ----------------------------------------------


def scribble(draw: ImageDraw.ImageDraw, rng: Generator) -> None:
    """One to three wandering strokes."""
    for _ in range(rng.integers(1, 4)):
        point, speed = rng.uniform(15, 97, 2), rng.normal(0, 4, 2)
        points = [tuple(point)]
        for _ in range(rng.integers(12, 90)):
            speed = rng.uniform(0.6, 0.95) * speed + rng.normal(0, 3, 2)
            speed = np.where((point + speed < 4) | (point + speed > 108), -speed, speed)
            point = np.clip(point + speed, 4, 108)
            points.append(tuple(point))
        draw.line(points, fill=255, width=pen(rng), joint="curve")


def zigzag(draw: ImageDraw.ImageDraw, rng: Generator) -> None:
    """Up and down, in any direction."""
    count = int(rng.integers(4, 18))
    along = np.linspace(-45, 45, count) + rng.normal(0, 2, count)
    across = np.where(np.arange(count) % 2, -1, 1) * rng.uniform(10, 45) + rng.normal(0, 4, count)
    points = turned(np.stack([along, across], 1), rng)
    draw.line(points, fill=255, width=pen(rng), joint="curve")


def strokes(draw: ImageDraw.ImageDraw, rng: Generator) -> None:
    """A few straight lines: a stick, a cross, a grid."""
    for _ in range(rng.integers(1, 5)):
        a, b = rng.uniform(5, 107, (2, 2))
        draw.line([tuple(a), tuple(b)], fill=255, width=pen(rng))


def letter(draw: ImageDraw.ImageDraw, rng: Generator) -> None:
    """A letter, digit or sign."""
    text = chr(int(rng.integers(33, 127)))
    draw.text((15, -5), text, fill=255, font=ImageFont.load_default(int(rng.integers(50, 100))))


def word(draw: ImageDraw.ImageDraw, rng: Generator) -> None:
    """Two or three letters."""
    text = "".join(chr(int(code)) for code in rng.integers(65, 123, rng.integers(2, 4)))
    draw.text((4, 20), text, fill=255, font=ImageFont.load_default(int(rng.integers(35, 60))))


def box(draw: ImageDraw.ImageDraw, rng: Generator) -> None:
    """A rectangle of any shape, sometimes with a roof or a line through it."""
    x, y = rng.uniform(8, 50, 2)
    left, top, right, bottom = MIDDLE - x, MIDDLE - y, MIDDLE + x, MIDDLE + y
    filled = rng.random() < 0.4
    draw.rectangle((left, top, right, bottom), outline=255, width=pen(rng),
                   fill=255 if filled else None)  # fmt: skip
    extra = rng.random()
    if extra < 0.3:
        roof = [(left, top), (MIDDLE, max(2, top - rng.uniform(10, 40))), (right, top)]
        draw.line(roof, fill=255, width=pen(rng), joint="curve")
    elif extra < 0.45:
        draw.line([(left, MIDDLE), (right, MIDDLE)], fill=128, width=pen(rng))


def star(draw: ImageDraw.ImageDraw, rng: Generator) -> None:
    """A star, flower or cogwheel."""
    count = int(rng.integers(3, 11))
    radius = np.where(np.arange(2 * count) % 2, 45.0, 45 * rng.uniform(0.15, 0.75))
    angle = np.arange(2 * count) * np.pi / count
    area(draw, turned(np.stack([np.cos(angle), np.sin(angle)], 1) * radius[:, None], rng), rng)


def polygon(draw: ImageDraw.ImageDraw, rng: Generator) -> None:
    """Any three to seven corners."""
    area(draw, [tuple(point) for point in rng.uniform(4, 108, (rng.integers(3, 8), 2))], rng)


def ellipse(draw: ImageDraw.ImageDraw, rng: Generator) -> None:
    """A ball, an egg, or a face."""
    x, y = rng.uniform(18, 52, 2)
    if rng.random() < 0.5:
        x = y
    box = (MIDDLE - x, MIDDLE - y, MIDDLE + x, MIDDLE + y)
    draw.ellipse(box, outline=255, width=pen(rng), fill=255 if rng.random() < 0.5 else None)
    if rng.random() < 0.5:
        for side in (-1, 1):
            eye = (MIDDLE + side * x / 2.5, MIDDLE - y / 3)
            draw.ellipse((eye[0] - 4, eye[1] - 4, eye[0] + 4, eye[1] + 4), fill=128)
        mouth = (MIDDLE - x / 2, MIDDLE - y / 3, MIDDLE + x / 2, MIDDLE + y / 1.6)
        draw.arc(mouth, 20, 160, fill=128, width=3)


def blob(draw: ImageDraw.ImageDraw, rng: Generator) -> None:
    """A closed wavy line: a stone, a leaf, a cloud, an animal."""
    angle = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    radius = np.full(60, 30.0)
    for wave in range(1, 7):
        radius += rng.normal(0, 10 / wave) * np.cos(wave * angle + rng.uniform(0, 6.3))
    radius = np.clip(radius, 4, 52)
    area(draw, turned(np.stack([np.cos(angle), np.sin(angle)], 1) * radius[:, None], rng), rng)


SHAPES: tuple[Callable[[ImageDraw.ImageDraw, Generator], None], ...] = (
    scribble, scribble, zigzag, strokes, letter, word, box, box, star, polygon, ellipse, blob,
)  # fmt: skip


def area(draw: ImageDraw.ImageDraw, points: list[tuple[float, ...]], rng: Generator) -> None:
    """A closed line, filled or not."""
    if rng.random() < 0.6:
        draw.polygon(points, fill=255)
    else:
        draw.line([*points, points[0]], fill=255, width=pen(rng), joint="curve")


def pen(rng: Generator) -> int:
    """A stroke width."""
    return int(rng.integers(2, 9))


def turned(points: Float64, rng: Generator) -> list[tuple[float, ...]]:
    """Turn points about the middle of the sheet by any angle."""
    angle = rng.uniform(0, 2 * np.pi)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return [tuple(point) for point in points @ turn + MIDDLE]


def drawn(shape: Callable[[ImageDraw.ImageDraw, Generator], None], rng: Generator) -> UInt8:
    """A sheet with a shape on it, never empty: (SHEET, SHEET), uint8."""
    sheet = Image.new("L", (SHEET, SHEET))
    shape(ImageDraw.Draw(sheet), rng)
    pixels = np.asarray(sheet)
    return pixels if pixels.any() else np.full((SHEET, SHEET), 255, np.uint8)


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


TEXTURES: tuple[Callable[[Generator], Float64], ...] = (clouds, grain, stripes, checks, cells)


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
