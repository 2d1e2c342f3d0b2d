"""Drawings: tell them from photos, find the ink, close open outlines and fill them.

Masks are boolean arrays of shape (height, width), ink is True.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from fmnist.arrays import Floats, Mask
from fmnist.prediction.colours import EIGHT, border, flatten, lab, length
from fmnist.prediction.even_ground import closed

REACH = 0.5  # longest gap that is closed, as a fraction of the drawing's longest edge
GAIN = 0.01  # smallest share of the drawing's box that closing a gap has to enclose
NEAR = 0.08  # distance of strokes between which cloth would be seen, as such a fraction
PAPER = 8.0  # Lab units by which paper between strokes differs from that around them at most
MAX_JOINS = 40  # tried one by one, the shortest first
MAX_ENDS = 40  # a scribble has more loose ends than this; its gaps are left open

FILL = 0.8  # brightness of a filled drawing
SEAM = 0.35  # brightness of lines drawn inside it: in the data, seams are darker than cloth


def contrast(rgb: NDArray[np.uint8]) -> tuple[Floats, float]:
    """How much every pixel differs from the ground, shading of the paper taken out.

    Returns
    -------
    ndarray of shape (height, width), float32 in [0, 1]
        0 is the ground, 1 the strongest contrast in the picture.
    float
        The strongest contrast in CIELAB units; 100 is black on white.
    """
    colours = lab(rgb)
    outer = border(rgb.shape)
    weight = np.ones(rgb.shape[:2], np.float32)
    for _ in range(2):  # the second fit leaves out what the first found to be ink
        flat = flatten(colours, weight)
        ground = np.median(flat[outer], axis=0)
        distance = length(flat - ground)
        top = float(np.percentile(distance, 99.5))
        weight = (distance < 0.2 * top + 1).astype(np.float32)
    return np.clip(distance / max(top, 1e-3), 0, 1).astype(np.float32), top


def looks_drawn(difference: Floats, top: float) -> bool:
    """Tell line drawings from photos by their two tones and thin strokes.

    Parameters
    ----------
    difference, top
        What `contrast` returned.
    """
    if top < 12:
        return False
    ink = difference > 0.5
    share = float(ink.mean())
    if not 0.0005 < share < 0.5:
        return False
    between = float(((difference > 0.2) & (difference < 0.7)).mean())
    thickness = 2 * stroke_radius(ink) / max(extent(ink), 1)
    if not (between < 0.5 * share + 0.003 and thickness < 0.11):
        return False
    between_them = difference[between_strokes(ink)]
    return not len(between_them) or float(np.median(between_them)) * top < PAPER


def between_strokes(ink: Mask) -> Mask:
    """What lies between strokes that are near each other: paper in a drawing, cloth in stripes."""
    radius = max(2, round(NEAR * extent(ink)))
    between: Mask = closed(ink, radius) & ~ndimage.binary_dilation(ink, EIGHT, 2)
    return between


def stroke_radius(ink: Mask) -> float:
    """Half the width of the thicker strokes, in pixels."""
    depth = ndimage.distance_transform_edt(np.pad(ink, 1))
    ridge = depth[(depth > 0) & (depth == ndimage.maximum_filter(depth, 3))]
    return float(np.percentile(ridge, 90)) if len(ridge) else 0.0


def extent(mask: Mask) -> int:
    """Longest edge of the box around a mask, in pixels; 0 for an empty one."""
    ys, xs = np.nonzero(mask)
    return int(max(np.ptp(ys), np.ptp(xs))) + 1 if len(ys) else 0


def despeckle(ink: Mask) -> Mask:
    """Drop dots that are tiny beside the drawing: dust, JPEG noise."""
    label, count = ndimage.label(ink, EIGHT)
    if count < 2:
        return ink
    area = ndimage.sum_labels(ink, label, np.arange(1, count + 1))
    kept: Mask = np.isin(label, 1 + np.flatnonzero(area >= 0.004 * area.max()))
    return kept


def fill(ink: Mask) -> Mask:
    """Fill the outlines of a drawing, also those that were not quite closed.

    Straight lines join loose ends, the nearest first, whenever that encloses more. An outline with
    two gaps gets as many lines as it takes.
    """
    ink = np.pad(ink, 2)
    outline, best = ink, ndimage.binary_fill_holes(ink)
    ends = loose_ends(ink)
    ends = ends[~ndimage.binary_erosion(best, EIGHT, 2)[tuple(ends.T)]]  # seams inside do not count
    size = extent(ink)
    if 0 < len(ends) <= MAX_ENDS:
        joins = gaps(ends, ink, REACH * size)
        free = {tuple(end) for end in ends}
        chain = outline  # joins so far, each end used once
        for start, stop in joins[:MAX_JOINS]:
            joined = outline | line(start, stop, ink.shape)
            filled = ndimage.binary_fill_holes(joined)
            if filled.sum() <= (best | joined).sum() + GAIN * size**2:
                if free >= {tuple(start), tuple(stop)}:
                    free -= {tuple(start), tuple(stop)}
                    chain = chain | joined
                if best.sum() > 2 * ink.sum():
                    continue  # chains are for drawings that are still mostly empty
                joined = chain
                filled = ndimage.binary_fill_holes(joined)
            if filled.sum() > (best | joined).sum() + GAIN * size**2:
                # a join that only served to close the outline is not part of the drawing
                outline, best = joined, ndimage.binary_opening(filled, EIGHT) | ink
    if best.sum() <= 2 * ink.sum():
        best = bridged(ink)
    body: Mask = best[2:-2, 2:-2]
    return body


def bridged(ink: Mask) -> Mask:
    """Fill an outline after thickening it until it closes, as a last resort."""
    size = extent(ink)
    margin = size // 4 + 1
    far = ndimage.distance_transform_edt(np.pad(~ink, margin, constant_values=True))
    for share in (0.03, 0.06, 0.09, 0.12):
        filled = ndimage.binary_fill_holes(far <= share * size)
        inside = ndimage.distance_transform_edt(filled) > share * size
        body: Mask = inside[margin:-margin, margin:-margin] | ink
        if body.sum() > 2.5 * ink.sum():
            return body
    whole: Mask = ndimage.binary_fill_holes(ink)
    return whole


def gaps(ends: NDArray[np.intp], ink: Mask, reach: float) -> list[tuple[Floats, Floats]]:
    """Pairs of points that a pen may have meant to join, the nearest first."""
    nearest = 3 * stroke_radius(ink)  # closer ends are two corners of one blunt stroke
    pairs = []
    for i, first in enumerate(ends):
        for second in ends[i + 1 :]:
            length = float(np.hypot(*(first - second)))
            if nearest < length <= reach:
                pairs.append((length, first, second))
    # an end may also stop short of the middle of another stroke
    points = np.argwhere(ink)
    for first in ends:
        distance = np.hypot(*(points - first).T)
        between = ink[tuple(((points + first) // 2).T)]  # then it is the end's own stroke
        near = (distance > nearest) & (distance <= 0.35 * reach) & ~between
        if near.any():
            at = np.argmin(np.where(near, distance, np.inf))
            pairs.append((1.5 * float(distance[at]), first, points[at]))
    return [(a, b) for _, a, b in sorted(pairs, key=lambda pair: pair[0])]


def line(start: Floats, stop: Floats, shape: tuple[int, ...]) -> Mask:
    """A straight line two pixels wide, so that no diagonal leaks."""
    steps = int(np.abs(stop - start).max()) * 2 + 1
    at = np.rint(np.linspace(start, stop, steps)).astype(int)
    mask = np.zeros(shape, bool)
    mask[tuple(at.T)] = True
    wide: Mask = ndimage.binary_dilation(mask)
    return wide


def loose_ends(ink: Mask) -> NDArray[np.intp]:
    """Where strokes end; (ends, 2) rows and columns."""
    thin = skeleton(ink)
    around = ndimage.convolve(thin.astype(np.uint8), np.ones((3, 3), np.uint8), mode="constant")
    return np.argwhere(thin & (around == 2))


def skeleton(ink: Mask) -> Mask:
    """Thin strokes to a width of one pixel (Zhang and Suen, 1984)."""
    image = np.pad(ink, 1)
    while True:
        before = image.copy()
        for even in (True, False):
            n = [np.roll(image, shift, (0, 1)) for shift in _AROUND]  # north, then clockwise
            count = np.sum(n, axis=0)
            turns = sum((~n[i] & n[(i + 1) % 8]).astype(np.uint8) for i in range(8))
            north, east, south, west = n[0], n[2], n[4], n[6]
            if even:
                free = ~(north & east & south) & ~(east & south & west)
            else:
                free = ~(north & east & west) & ~(north & south & west)
            image = image & ~((count >= 2) & (count <= 6) & (turns == 1) & free)
        if (image == before).all():
            return image[1:-1, 1:-1]


_AROUND = [(1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1)]


def paint(ink: Mask, body: Mask | None) -> Floats:
    """Brightness of a drawing: cloth bright, lines inside it darker, loose lines bright.

    Parameters
    ----------
    ink : ndarray of shape (height, width), bool
    body : ndarray of shape (height, width), bool, or None
        The filled outlines; None leaves the drawing unfilled.

    Returns
    -------
    ndarray of shape (height, width), float32 in [0, 1]
    """
    if body is None:
        return np.where(ink, np.float32(1), np.float32(0))
    radius = max(1, round(2 * stroke_radius(ink)))
    inner = ndimage.distance_transform_edt(np.pad(body, 1))[1:-1, 1:-1] > radius
    # lines of one width, since the width of the pen says nothing about the item
    seam = ndimage.binary_dilation(skeleton(ink), EIGHT) & inner
    return np.select([seam, body | ink], [np.float32(SEAM), np.float32(FILL)], np.float32(0))
