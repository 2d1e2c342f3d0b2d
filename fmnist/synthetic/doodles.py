"""Drawings of clothes from rules of thumb: how people draw an item, not how it is photographed.

Fashion-MNIST shows sleeves hanging and sandals from the side. People draw sleeves spread out, a
coat by its front opening and a flip-flop from above, and no outline of a photograph turns into
that. Each class is a handful of polygons with random proportions, drawn with a shaky hand and
painted as ``fmnist.prediction.strokes.paint`` paints a filled drawing. x runs right, y down.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from fmnist.arrays import Floats, as_bytes
from fmnist.prediction.strokes import FILL, SEAM
from fmnist.synthetic import shoes
from fmnist.synthetic.pen import Hand, Point, Sketch, arc, drawn, placed, stacked

HANGING = 0.5  # radians between trunk and sleeve
LAID = 0.55  # sleeves of an item on a floor lie nearer to the trunk than people draw them


def top(h: Hand, sleeve: float, hem: float, angle: tuple[float, float] = (0.35, 1.4)) -> Sketch:
    """Trunk and two sleeves; lengths in units of about the shoulders' width."""
    s = Sketch()
    neck, dip = h.between(0.12, 0.28), h.between(0.0, 0.22)
    shoulder, body = h.between(0.4, 0.6), h.between(0.34, 0.55)
    foot = body * h.between(0.85, 1.25)
    wide = h.between(0.2, 0.36)
    turn = h.between(*angle) * h.spread
    out, down = math.sin(turn), math.cos(turn)
    s.both_sides([(0, dip), (neck, 0), (shoulder, 0.08), (body, 0.2 + wide), (foot, hem), (0, hem)])
    end = (shoulder + sleeve * out, 0.08 + sleeve * down)
    narrow = wide * h.between(0.6, 1.1)
    inner = (end[0] - narrow * down, end[1] + narrow * out)
    armpit = (body - 0.02, 0.1 + wide * h.between(1.0, 1.4))
    right = [(neck, 0.02), (shoulder, 0.08), end, inner, armpit]
    s.shapes += [right, [(-x, y) for x, y in right]]
    if turn < HANGING and h.chance(0.8):  # a sleeve that hangs is told from the trunk by a line
        s.mirrored_line([(body, 0.15 + wide * h.between(0.6, 1)), (foot, min(hem, inner[1]))])
    elif h.chance(0.25):
        s.mirrored_line([(shoulder, 0.08), armpit])
    if h.chance(0.3):
        s.lines.append([(-neck, 0.0), *arc(0, 0, neck, dip + 0.12, 180, 0), (neck, 0.0)])
    return s


def t_shirt(h: Hand) -> Sketch:
    """Short sleeves."""
    s = top(h, h.between(0.2, 0.6), h.between(0.95, 1.5))
    if h.chance(0.2):
        y = h.between(0.4, 0.8)
        s.lines += [[(-0.3, y), (0.3, y)], [(-0.3, y + 0.15), (0.3, y + 0.15)]]
    return s


def pullover(h: Hand) -> Sketch:
    """Long sleeves, sometimes a hood or a turtle neck."""
    length, hem = h.between(0.55, 1.35), h.between(0.95, 1.5)
    s = top(h, length, hem, (0.0, 1.25))
    if h.chance(0.3):
        s.lines.append([(-0.5, hem - 0.12), (0.5, hem - 0.12)])
    if h.chance(0.25):  # hood
        s.both_sides([(0, -0.35), (0.22, -0.3), (0.35, -0.05), (0.3, 0.1), (0, 0.2)])
        s.lines.append([(-0.25, 0.05), (0, 0.3), (0.25, 0.05)])
    elif h.chance(0.3):  # turtle neck
        s.both_sides([(0, -0.2), (0.18, -0.2), (0.2, 0.05), (0, 0.1)])
    if h.chance(0.15):
        s.lines.append([(-0.3, hem - 0.2), (-0.2, hem - 0.45), (0.2, hem - 0.45), (0.3, hem - 0.2)])
    return s


def coat(h: Hand) -> Sketch:
    """Long sleeves and a front opening."""
    hem = h.between(1.0, 2.0)
    s = top(h, h.between(0.65, 1.3), hem, (0.0, 1.2))
    x = h.between(-0.08, 0.08)
    s.lines.append([(x, h.between(0.0, 0.3)), (x, hem)])
    if h.chance(0.35):  # open: two edges
        gap = h.between(0.08, 0.2)
        s.lines[-1] = [(-gap, 0.1), (-gap, hem)]
        s.lines.append([(gap, 0.1), (gap, hem)])
    if h.chance(0.5):  # lapels
        s.mirrored_line([(0.18, 0.0), (0.3, 0.3), (0.0, h.between(0.5, 0.8))])
    if h.chance(0.4):  # pockets
        y = hem * h.between(0.55, 0.75)
        s.mirrored_line([(0.18, y), (0.38, y + h.between(-0.1, 0.1))])
    if h.chance(0.3):
        s.lines += buttons(0.1, 0.3, hem)
    return s


def shirt(h: Hand) -> Sketch:
    """A collar and buttons."""
    hem = h.between(1.05, 1.55)
    long = h.chance(0.65)
    s = top(h, h.between(0.7, 1.3) if long else h.between(0.25, 0.5), hem, (0.0, 1.1))
    s.mirrored_line([(0.2, -0.02), (h.between(0.2, 0.3), h.between(0.2, 0.35)), (0.0, 0.14)])
    if h.chance(0.7):
        s.lines.append([(0, 0.15), (0, hem)])
    if h.chance(0.6):
        s.lines += buttons(h.between(0, 0.08), 0.3, hem)
    if h.chance(0.4):
        s.lines.append([(0.15, 0.5), (0.35, 0.5), (0.35, 0.75), (0.15, 0.75), (0.15, 0.5)])
    return s


def buttons(x: float, start: float, stop: float) -> list[list[Point]]:
    """Five dots in a column."""
    return [[(x - 0.02, y), (x + 0.02, y)] for y in np.linspace(start, stop - 0.15, 5)]


def trouser(h: Hand) -> Sketch:
    """Two legs, of any length."""
    s = Sketch()
    waist, length = h.between(0.3, 0.5), h.between(0.9, 2.3)
    crotch = h.between(0.3, 0.6)
    outer = waist * h.between(0.9, 1.7)
    width = h.between(0.5, 0.9) * min(outer, waist)
    hip = (waist + outer) / 2
    s.both_sides([(0, 0), (waist, 0), (hip, crotch), (outer, length), (outer - width, length),
                  (0, crotch)])  # fmt: skip
    if h.chance(0.5):
        s.lines.append([(-waist, 0.12), (waist, 0.12)])
    if h.chance(0.4):
        s.lines.append([(0, 0.0), (0, crotch)])
    if h.chance(0.3):
        s.mirrored_line([(waist * 0.5, 0.08), (waist, 0.35)])
    return s


def dress(h: Hand) -> Sketch:
    """A bodice and a skirt."""
    hem = h.between(1.4, 2.3)
    waist, skirt = h.between(0.18, 0.34), h.between(0.35, 1.0)
    chest, at = waist * h.between(1.0, 1.5), h.between(0.55, 0.85)
    if h.chance(0.35):
        s = top(h, h.between(0.15, 0.9), at, (0.2, 1.3))
        waist = 0.34
    else:
        s = Sketch()
        strap, thick = chest * h.between(0.4, 0.8), h.between(0.05, 0.14)
        dip = h.between(0.1, 0.3)
        s.both_sides([(0, dip), (strap, 0), (strap + thick, 0), (chest, 0.3), (waist, at), (0, at)])
    s.both_sides([(0, at - 0.05), (waist, at - 0.05), (skirt, hem), (0, hem + h.between(0, 0.1))])
    if h.chance(0.5):
        s.lines.append([(-waist, at), (waist, at)])
    if h.chance(0.3):
        s.mirrored_line([(waist * 0.4, at), (skirt * 0.4, hem)])
    return s


def bag(h: Hand) -> Sketch:
    """A body with a handle and a flap."""
    s = Sketch()
    if h.chance(0.25):
        return backpack(h)
    height, upper, lower = h.between(0.5, 1.4), h.between(0.6, 1.05), h.between(0.6, 1.05)
    s.both_sides([(0, 0), (upper, 0), (lower, height), (0, height)])
    wide, high = upper * h.between(0.3, 1.05), h.between(0.25, 1.2)
    if h.chance(0.85):  # handle
        handle = arc(0, 0.03, wide, high, 180, 360)
        if h.chance(0.25):  # left open: a band
            band = h.between(0.08, 0.14)
            s.shapes.append(handle + arc(0, 0.03, wide - band, high - band, 360, 180))
        else:
            s.shapes.append(handle)
            if h.chance(0.3):
                s.lines.append(arc(0, 0.03, wide * 0.75, high * 0.75, 180, 360))
        s.lines.append([(-upper, 0), (upper, 0)])
    if h.chance(0.5):  # flap
        tip = height * h.between(0.3, 0.7)
        s.lines.append([(-upper, 0.05), (0, tip), (upper, 0.05)] if h.chance(0.5)
                       else [(-upper, tip), (upper, tip)])  # fmt: skip
        s.lines.append([(-0.05, tip), (0.05, tip), (0.05, tip + 0.1), (-0.05, tip + 0.1)])
    return s


def backpack(h: Hand) -> Sketch:
    """A rounded body with pockets and a loop."""
    s = Sketch()
    wide, high = h.between(0.5, 0.75), h.between(1.2, 1.7)
    bend = h.between(0.2, 0.7)
    s.both_sides([(0, 0), *arc(0, bend, wide, bend, 285, 360), (wide, high), (0, high)])
    pocket = wide * h.between(0.5, 0.8)
    y = high * h.between(0.45, 0.65)
    s.lines.append([(-pocket, high), (-pocket, y), (pocket, y), (pocket, high)])
    if h.chance(0.5):
        s.lines.append([(-wide, bend), (wide, bend)])
    if h.chance(0.5):
        s.shapes.append(arc(0, 0.05, 0.2, h.between(0.12, 0.3), 180, 360))
    if h.chance(0.5):
        side = [(wide, high * 0.45), (wide + 0.2, high * 0.5), (wide + 0.2, high), (wide, high)]
        s.shapes += [side, [(-x, v) for x, v in side]]
        s.mirrored_line([(wide, high * 0.45), (wide, high)])
    return s


def sneaker(h: Hand) -> Sketch:
    """A low shoe from the side."""
    s = Sketch()
    heel, tongue = h.between(0.3, 0.65), h.between(0.4, 0.85)
    dip, toe = h.between(0.25, 0.5), h.between(0.0, 0.2)
    s.shapes.append([(-0.95, -heel), (-0.6, -dip), (-0.3, -tongue), (0.1, -tongue * 0.55),
                     (0.5, -toe - 0.08), (0.85, -toe + 0.05), (1.0, 0.15), (0.97, 0.33),
                     (-0.97, 0.33), (-1.0, 0.0)])  # fmt: skip
    if h.chance(0.6):
        s.lines.append([(-1, 0.18), (1, 0.18)])
    if h.chance(0.6):  # laces
        for t in np.linspace(0, 1, 4):
            x, y = -0.25 + 0.5 * t, -tongue * 0.85 + t * (tongue * 0.75)
            s.lines.append([(x, y), (x - 0.2, y + 0.18)])
    if h.chance(0.3):
        s.lines.append([(0.5, 0.15), (0.45, -0.05)])
    return s


def boot(h: Hand) -> Sketch:
    """A shaft and a foot from the side."""
    s = Sketch()
    shaft, front = h.between(0.75, 1.9), h.between(-0.2, 0.1)
    back, instep = h.between(-0.85, -0.65), h.between(0.2, 0.45)
    sole = h.between(0.25, 0.35)
    s.shapes.append([(back - 0.03, -shaft), (front, -shaft), (front, -instep - 0.1),
                     (front + 0.2, -instep + 0.05), (0.7, -0.1), (0.92, 0.08), (0.92, sole),
                     (back, sole)])  # fmt: skip
    if h.chance(0.3):  # a heel: the sole is arched
        high = h.between(0.1, 0.35)
        s.shapes.append([(back, sole - 0.05), (back + 0.3, sole - 0.05), (back + 0.22, sole + high),
                         (back + 0.05, sole + high)])  # fmt: skip
    if h.chance(0.6):
        s.lines.append([(back, sole - 0.13), (0.92, sole - 0.13)])
    if h.chance(0.4):
        s.lines.append([(back, -shaft + 0.15), (front, -shaft + 0.15)])
    if h.chance(0.4):
        for y in np.linspace(-shaft + 0.25, -instep, 4):
            s.lines.append([(front, y), (front - 0.2, y + 0.05)])
    return s


def sandal(h: Hand) -> Sketch:
    """Open shoes."""
    return from_above(h) if h.chance(0.6) else slipper(h)


def slipper(h: Hand) -> Sketch:
    """A flat sole from the side with a band over the toes."""
    s = Sketch()
    thick, high = h.between(0.12, 0.28), h.between(0.3, 0.65)
    heel = h.between(0.0, 0.35)
    s.shapes.append([(-1, -heel), (-0.5, -heel * 0.7), (0.2, 0), (1, 0), (1, thick), (0.2, thick),
                     (-0.6, thick), (-1, thick)])  # fmt: skip
    start, stop = h.between(-0.2, 0.2), h.between(0.7, 0.95)
    s.shapes.append([(start, 0.05), (start + 0.1, -high), (start + 0.35, -high), (stop, 0.05)])
    s.lines.append([(-1, 0.02), (1, 0.02)])
    if h.chance(0.4):  # a strap around the ankle
        s.shapes.append([(-0.95, -heel), (-0.95, -high - 0.2), (-0.8, -high - 0.2), (-0.8, -heel)])
        s.shapes.append([(-0.95, -high - 0.2), (start + 0.2, -high), (start + 0.2, -high + 0.14),
                         (-0.95, -high)])  # fmt: skip
    return s


def from_above(h: Hand) -> Sketch:
    """One or two soles with straps."""
    s = Sketch()
    wide, pinch = h.between(0.3, 0.55), h.between(0.75, 1.0)
    foot = [(x * (1 - (1 - pinch) * max(y, 0)), y) for x, y in arc(0, 0, wide, 1.0, 0, 350)]
    at, knot = h.between(-0.1, 0.3), h.between(-0.75, -0.45)
    if h.chance(0.7):
        straps = [[(-wide, at), (0, knot), (wide, at)]]
    else:
        straps = [[(-wide, y), (wide, y)] for y in (knot + 0.1, knot + 0.4, at + 0.3)]
    turn, space = h.between(-0.5, 0.5), wide + 0.1
    for side in (-1, 1) if h.chance(0.3) else (0,):
        s.shapes.append(placed(foot, side, 1, turn, (space, 0)))
        s.lines += [placed(strap, side, 1, turn, (space, 0)) for strap in straps]
    return s


CLASSES = (t_shirt, trouser, pullover, dress, coat, sandal, shirt, sneaker, bag, boot)


def laid_out(h: Hand, label: int) -> Sketch:
    """The item as it lies on a floor for a photo."""
    if label not in shoes.LABELS:
        return CLASSES[label](h)
    chance = h.rng.random()
    if label == shoes.BOOT:
        return shoes.two(boot, h, 0.9) if chance < 0.45 else shoes.pair(h, label)
    if chance < 0.65:
        return shoes.pair(h, label)
    return shoes.two(sneaker if label == shoes.SNEAKER else slipper, h, 0.35)


def doodles(labels: NDArray[np.integer], seed: int) -> NDArray[np.uint8]:
    """Draw one item for each label.

    Parameters
    ----------
    labels : ndarray of shape (n,), integer in [0, 9]
    seed : int

    Returns
    -------
    ndarray of shape (n, 28, 28), uint8
        Bright on black, the longest edge fills the frame.
    """
    h = Hand([seed, 0])
    body, seam = stacked([drawn(CLASSES[int(label)](h), h, (2.5, 4.5)) for label in labels])
    value = body * (FILL - (FILL - SEAM) * seam)
    return as_bytes(value)


def layouts(labels: NDArray[np.integer], seed: int) -> tuple[Floats, Floats]:
    """Shapes of items laid out for a photo, and the lines inside them.

    Returns
    -------
    tuple of two ndarrays of shape (n, 28, 28), float32 in [0, 1]
    """
    h = Hand([seed, 1], LAID)
    return stacked([drawn(laid_out(h, int(label)), h, (2.5, 10)) for label in labels])
