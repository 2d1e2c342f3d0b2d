"""Things that people draw and that are no clothing, put together from simple parts.

No two are alike: proportions, pose, stroke width and filling come from chance.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from fmnist.arrays import Float64, UInt8
from fmnist.synthetic.strange_shapes import MIDDLE, SHEET, Shape, pen, sheet_of

Generator = np.random.Generator
Draw = ImageDraw.ImageDraw
Point = tuple[float, float]

FILLED = 0.35  # share of things that are filled areas
TILTED, TILT = 0.4, 25.0  # share that does not stand upright; how far, in degrees


def animal(draw: Draw, rng: Generator) -> None:
    """A body on legs, with a head, a tail and perhaps ears."""
    width, fill, side = pen(rng), filling(rng), rng.choice([-1, 1])
    x, y, middle = rng.uniform(18, 36), rng.uniform(10, 22), MIDDLE + rng.uniform(-8, 6)
    for _ in range(int(rng.integers(2, 5))):
        leg = MIDDLE + rng.uniform(-0.8, 0.8) * x
        foot = (leg + rng.uniform(-4, 4), middle + y + rng.uniform(6, 24))
        draw.line([(leg, middle + 0.6 * y), foot], fill=255, width=width)
    oval(draw, (MIDDLE, middle), (x, y), width, fill)
    head = (MIDDLE + side * (x + rng.uniform(-4, 8)), middle - rng.uniform(0.3, 1.2) * y)
    radius = rng.uniform(8, 16)
    oval(draw, head, (radius * rng.uniform(0.8, 1.3), radius), width, fill)
    tail = np.array([MIDDLE - side * x, middle - rng.uniform(-0.3, 0.5) * y])
    bends = [tail - [side * rng.uniform(5, 24), rng.uniform(-20, 20)] for _ in range(2)]
    draw.line([tuple(tail), *map(tuple, bends)], fill=255, width=width, joint="curve")
    if rng.random() < 0.6:
        for ear in (head[0] - 0.6 * radius, head[0] + 0.6 * radius):
            tip = (ear + rng.uniform(-3, 3), head[1] - radius * rng.uniform(1.2, 2.2))
            low = head[1] - 0.6 * radius
            draw.polygon([(ear - 3, low), tip, (ear + 3, low)], outline=255, fill=fill)


def fish(draw: Draw, rng: Generator) -> None:
    """An egg with a tail, and perhaps an eye."""
    width, fill = pen(rng), filling(rng)
    x, y, blunt = rng.uniform(20, 36), rng.uniform(8, 24), rng.uniform(0, 0.4)
    angle = np.linspace(0, 2 * np.pi, 40)
    body = np.stack([x * np.cos(angle), y * np.sin(angle) * (1 - blunt * np.cos(angle))], 1)
    reach, spread = x + rng.uniform(4, 22, 3), rng.uniform(6, 26, 2)
    tail = np.array([[0.85 * x, 0], [reach[0], -spread[0]], [reach[1], 0], [reach[2], spread[1]]])
    eye = np.array([[-0.6 * x, -0.2 * y]])
    mirrored = rng.choice([-1, 1])
    for points in (body, tail):
        closed(draw, points * [mirrored, 1] + MIDDLE, width, fill)
    if rng.random() < 0.7:
        oval(draw, tuple((eye * [mirrored, 1] + MIDDLE)[0]), (2.5, 2.5), 2, 128)


def fruit(draw: Draw, rng: Generator) -> None:
    """One to three round parts beside each other, with a stalk and perhaps a leaf."""
    width, fill, count, radius = pen(rng), filling(rng), rng.integers(1, 4), rng.uniform(14, 34)
    low = MIDDLE + 8
    for number in range(count):
        x = MIDDLE + (number - (count - 1) / 2) * radius * rng.uniform(0.5, 1.6)
        size = (radius * rng.uniform(0.8, 1.1), radius * rng.uniform(0.9, 1.5))
        oval(draw, (x, low + rng.uniform(-0.15, 0.15) * radius), size, width, fill)
    root = (MIDDLE + rng.uniform(-4, 4), low - 0.8 * radius)
    stalk = (root[0] + rng.uniform(-10, 10), root[1] - rng.uniform(8, 24))
    draw.line([root, stalk], fill=255, width=width)
    if rng.random() < 0.5:
        leaf = (root[0] + rng.uniform(5, 14), root[1] - rng.uniform(4, 14))
        oval(draw, leaf, (rng.uniform(5, 11), rng.uniform(3, 6)), max(2, width // 2), fill)


def plant(draw: Draw, rng: Generator) -> None:
    """A stem with a crown, with branches of a fir, or with a flower."""
    width, fill, top, stem = pen(rng), filling(rng), rng.uniform(30, 60), rng.uniform(2, 9)
    foot = rng.uniform(92, 106)
    draw.rectangle((MIDDLE - stem, top, MIDDLE + stem, foot), outline=255, width=2, fill=fill)
    kind = rng.integers(3)
    if kind == 0:
        for _ in range(int(rng.integers(1, 5))):
            place = (MIDDLE + rng.uniform(-16, 16), top + rng.uniform(-18, 8))
            oval(draw, place, (rng.uniform(12, 28), rng.uniform(10, 24)), width, fill)
    elif kind == 1:
        for level in range(int(rng.integers(1, 4))):
            y, x = top + 20 - 16 * level, rng.uniform(18, 36) - 5 * level
            tip = (MIDDLE, y - rng.uniform(22, 36))
            branches = [(MIDDLE - x, y), tip, (MIDDLE + x, y)]
            draw.polygon(branches, outline=255, fill=fill, width=width)
    else:
        petal = rng.uniform(7, 11)
        for direction in around(int(rng.integers(4, 9))):
            x, y = MIDDLE + 1.8 * petal * direction
            oval(draw, (x, y + top - 6 - MIDDLE), (petal, petal), min(width, 4), fill)


def vehicle(draw: Draw, rng: Generator) -> None:
    """A box on wheels, with a cabin or without."""
    width, fill = pen(rng), filling(rng)
    x, y, middle = rng.uniform(28, 48), rng.uniform(8, 20), MIDDLE + rng.uniform(0, 12)
    roof = middle - y
    draw.rectangle((MIDDLE - x, roof, MIDDLE + x, middle + y), outline=255, width=width, fill=fill)
    if rng.random() < 0.7:
        left, right = MIDDLE + np.sort(rng.uniform(-0.9, 0.9, 2)) * x
        right, high, slope = max(right, left + 14), roof - rng.uniform(8, 26), rng.uniform(0, 7)
        cabin = [(left, roof), (left + slope, high), (right - slope, high), (right, roof)]
        draw.polygon(cabin, outline=255, width=width, fill=fill)
    wheel = rng.uniform(6, 14)
    for place in np.linspace(-0.65, 0.65, int(rng.integers(2, 4))):
        oval(draw, (MIDDLE + place * x, middle + y), (wheel, wheel), width, filling(rng))


def person(draw: Draw, rng: Generator) -> None:
    """A stick figure."""
    width, head, y = pen(rng), rng.uniform(8, 16), rng.uniform(18, 26)
    oval(draw, (MIDDLE, y), (head, head), width, filling(rng))
    neck, hip = y + head, rng.uniform(60, 76)
    draw.line([(MIDDLE, neck), (MIDDLE, hip)], fill=255, width=width)
    for side in (-1, 1):
        hand = (MIDDLE + side * rng.uniform(14, 36), neck + rng.uniform(-8, 34))
        foot = (MIDDLE + side * rng.uniform(8, 28), rng.uniform(90, 106))
        draw.line([(MIDDLE, neck + rng.uniform(4, 12)), hand], fill=255, width=width)
        draw.line([(MIDDLE, hip), foot], fill=255, width=width)


def vessel(draw: Draw, rng: Generator) -> None:
    """A cup, a jug or a vase: with a handle at its side, or an opening at its top."""
    width, fill = pen(rng), filling(rng)
    rim, belly, foot = rng.uniform(12, 38, 3)
    top, low = MIDDLE - rng.uniform(22, 46), MIDDLE + rng.uniform(22, 46)
    waist = top + rng.uniform(0, 20)
    right = [(MIDDLE + rim, top), (MIDDLE + belly, waist), (MIDDLE + foot, low)]
    left = [(2 * MIDDLE - x, y) for x, y in reversed(right)]
    draw.polygon([*right, *left], outline=255, width=width, fill=fill)
    if rng.random() < 0.6:
        edge = MIDDLE + belly
        handle = (edge - 8, MIDDLE - 14, edge + rng.uniform(8, 22), MIDDLE + 16)
        draw.arc(handle, -100, 100, fill=255, width=width)
    else:
        oval(draw, (MIDDLE, top), (rim, rng.uniform(4, 9)), width, 128 if fill else None)


def seat(draw: Draw, rng: Generator) -> None:
    """A chair, a bench or a table."""
    width, x, level, foot = pen(rng), rng.uniform(18, 36), rng.uniform(48, 72), rng.uniform(88, 104)
    draw.line([(MIDDLE - x, level), (MIDDLE + x, level)], fill=255, width=width)
    for side in (-1, 1):
        low = (MIDDLE + side * (x + rng.uniform(-3, 8)), foot)
        draw.line([(MIDDLE + side * x, level), low], fill=255, width=width)
    if rng.random() < 0.75:
        side = rng.choice([-1, 1])
        back = (MIDDLE + side * (x + rng.uniform(-2, 8)), rng.uniform(6, 36))
        draw.line([(MIDDLE + side * x, level), back], fill=255, width=width)
    if rng.random() < 0.3:
        draw.line([(MIDDLE - x, level + 12), (MIDDLE + x, level + 12)], fill=255, width=width)


def sign(draw: Draw, rng: Generator) -> None:
    """A sun, a cloud, a heart, or a piece of a disc."""
    width, fill, kind = pen(rng), filling(rng), rng.integers(4)
    if kind == 0:
        radius = rng.uniform(14, 24)
        oval(draw, (MIDDLE, MIDDLE), (radius, radius), width, fill)
        for ray in around(int(rng.integers(6, 14))):
            ends = MIDDLE + ray * (radius + 4), MIDDLE + ray * (radius + rng.uniform(12, 26))
            draw.line([tuple(end) for end in ends], fill=255, width=width)
    elif kind == 1:
        for _ in range(int(rng.integers(3, 7))):
            place = (MIDDLE + rng.uniform(-26, 26), MIDDLE + rng.uniform(-8, 8))
            oval(draw, place, (rng.uniform(12, 20), rng.uniform(9, 16)), width, fill)
    elif kind == 2:  # https://mathworld.wolfram.com/HeartCurve.html
        t = np.linspace(0, 2 * np.pi, 60)
        y = 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
        heart = np.stack([16 * np.sin(t) ** 3, -y], 1) * rng.uniform(1.3, 3, 2)
        closed(draw, heart + MIDDLE, width, fill)
    else:
        radius, start = rng.uniform(24, 44), rng.uniform(0, 360)
        corners = (MIDDLE - radius, MIDDLE - radius, MIDDLE + radius, MIDDLE + radius)
        end = start + rng.uniform(60, 330)
        draw.pieslice(corners, start, end, outline=255, fill=fill, width=width)


def tool(draw: Draw, rng: Generator) -> None:
    """A stick with a head: a spoon, a hammer, an umbrella, a key."""
    width, fill, length = pen(rng), filling(rng), rng.uniform(24, 46)
    x, y, top = rng.uniform(8, 30), rng.uniform(6, 18), MIDDLE - length
    draw.line([(MIDDLE, top + 6), (MIDDLE, MIDDLE + length)], fill=255, width=width)
    kind = rng.integers(3)
    if kind == 0:
        oval(draw, (MIDDLE, top + y), (x, y), width, fill)
    elif kind == 1:
        corners = (MIDDLE - x, top - 4, MIDDLE + x * rng.uniform(0.3, 1), top + 2 * y - 4)
        draw.rectangle(corners, outline=255, width=width, fill=fill)
    else:
        corners = (MIDDLE - 1.4 * x, top - 2, MIDDLE + 1.4 * x, top + 3 * y)
        draw.pieslice(corners, 180, 360, outline=255, width=width, fill=fill)


THINGS: tuple[Shape, ...] = (
    animal, fish, fruit, plant, vehicle, person, vessel, seat, sign, tool,
)  # fmt: skip


def drawn_thing(shape: Shape, rng: Generator) -> UInt8:
    """A sheet with a thing on it, never empty: (SHEET, SHEET), uint8."""
    sheet = Image.new("L", (SHEET, SHEET))
    shape(ImageDraw.Draw(sheet), rng)
    if rng.random() < TILTED:
        sheet = sheet.rotate(float(rng.normal(0, TILT)))
    return sheet_of(sheet)


def oval(draw: Draw, middle: Point, radii: Point, width: int, fill: int | None) -> None:
    """An ellipse about a point."""
    (x, y), (wide, high) = middle, radii
    draw.ellipse((x - wide, y - high, x + wide, y + high), outline=255, width=width, fill=fill)


def closed(draw: Draw, points: Float64, width: int, fill: int | None) -> None:
    """A closed line through points of shape (n, 2), filled or not."""
    corners = [tuple(point) for point in points]
    if fill:
        draw.polygon(corners, fill=fill)
    else:
        draw.line([*corners, corners[0]], fill=255, width=width, joint="curve")


def around(count: int) -> Float64:
    """Directions evenly around a point: (count, 2)."""
    angle = np.arange(count) * 2 * np.pi / count
    return np.stack([np.cos(angle), np.sin(angle)], 1)


def filling(rng: Generator) -> int | None:
    """Filled or not."""
    return 255 if rng.random() < FILLED else None
