"""Shapes that are no clothing, as white lines and areas on a black sheet."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from fmnist.arrays import Float64, UInt8

Generator = np.random.Generator

SHEET = 112  # shapes are drawn at four times the final size
MIDDLE = SHEET / 2


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


def figure(draw: ImageDraw.ImageDraw, rng: Generator) -> None:
    """Round and angular parts grown together: an animal, a fruit, a toy, a tool."""
    filled, width = rng.random() < 0.4, pen(rng)
    place = np.full(2, MIDDLE) + rng.normal(0, 8, 2)
    for _ in range(int(rng.integers(2, 6))):
        x, y = rng.uniform(6, 34, 2)
        corners = (place[0] - x, place[1] - y, place[0] + x, place[1] + y)
        kind = rng.random()
        if kind < 0.6:
            draw.ellipse(corners, outline=255, width=width, fill=255 if filled else None)
        elif kind < 0.8:
            points = [tuple(point) for point in place + rng.uniform(-34, 34, (3, 2))]
            draw.polygon(points, outline=255, width=width, fill=255 if filled else None)
        else:
            start, end = sorted(rng.uniform(0, 360, 2))
            draw.arc(corners, start, end, fill=255, width=width)
        place = np.clip(place + rng.uniform(-32, 32, 2), 14, SHEET - 14)


def frame(draw: ImageDraw.ImageDraw, rng: Generator) -> None:
    """Upright and level bars that meet: furniture, a gate, a sign."""
    width = pen(rng)
    across, down = (np.sort(rng.uniform(10, 102, int(rng.integers(2, 4)))) for _ in range(2))
    for x in across:
        top, low = sorted(rng.choice([*down, 10, 102], 2, replace=False))
        draw.line([(x, top), (x, low)], fill=255, width=width)
    for y in down:
        draw.line([(across[0], y), (across[-1], y)], fill=255, width=width)


Shape = Callable[[ImageDraw.ImageDraw, Generator], None]
SHAPES: tuple[Shape, ...] = (
    scribble, scribble, scribble, zigzag, zigzag, strokes, letter, word, box, box, star, polygon,
    ellipse, blob, figure, figure, frame,
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


def drawn(shape: Shape, rng: Generator) -> UInt8:
    """A sheet with a shape on it, never empty: (SHEET, SHEET), uint8."""
    sheet = Image.new("L", (SHEET, SHEET))
    shape(ImageDraw.Draw(sheet), rng)
    return sheet_of(sheet)


def sheet_of(drawing: Image.Image) -> UInt8:
    """A drawing as an array; all white if it is empty."""
    pixels = np.asarray(drawing)
    return pixels if pixels.any() else np.full((SHEET, SHEET), 255, np.uint8)
