"""A person's corrections of what was found in a photo: a box around the item, and taps on parts."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from fmnist.arrays import Floats, Mask, UInt8
from fmnist.prediction import segment
from fmnist.prediction.colours import EIGHT, length, softened
from fmnist.prediction.pixels import Box

Point = tuple[float, float]  # from left and from top, as fractions of the picture

AROUND = 0.08  # of the box's edges, seen beside it: the ground next to the item
REACH = 9.0  # Lab units by which a part's pixels differ from the tapped one at most
RIM = 2  # pixels around a part in which its colour runs into the next; they go with it
LEAST = 0.05  # a tap changes at least a disc of this radius, as a fraction of the longest edge


def find_in_box(rgb: UInt8, box: Box, threshold: float) -> Mask:
    """The item in a box that a person drew around it; nothing outside belongs to it.

    Parameters
    ----------
    rgb : ndarray of shape (height, width, 3), uint8
    threshold : see `segment.find_item`

    Returns
    -------
    ndarray of shape (height, width), bool
    """
    inside = pixels_of(box, rgb.shape)
    rows, columns = (
        slice(max(0, part.start - margin), part.stop + margin)
        for part in inside
        for margin in [round(AROUND * (part.stop - part.start)) + 1]
    )
    mask = np.zeros(rgb.shape[:2], bool)
    mask[rows, columns] = segment.find_item(rgb[rows, columns], threshold)
    kept = np.zeros_like(mask)
    kept[inside] = mask[inside]
    if not kept.any():
        kept[inside] = True
    return kept


def pixels_of(box: Box, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """Rows and columns of a box of fractions, at least one of each."""
    left, top, right, bottom = box
    edges = []
    for low, high, size in ((top, bottom, shape[0]), (left, right, shape[1])):
        start = min(int(low * size), size - 1)
        edges.append(slice(start, max(start + 1, int(np.ceil(high * size)))))
    return edges[0], edges[1]


def tapped(rgb: UInt8, mask: Mask, taps: tuple[Point, ...]) -> Mask:
    """The mask after taps, one after the other: a missing part is added, one too much taken away.

    Parameters
    ----------
    rgb : ndarray of shape (height, width, 3), uint8
    mask : ndarray of shape (height, width), bool
    """
    colours = softened(rgb)
    for x, y in taps:
        row = min(int(y * mask.shape[0]), mask.shape[0] - 1)
        column = min(int(x * mask.shape[1]), mask.shape[1] - 1)
        adds = not mask[row, column]
        part = part_at(colours, mask, row, column)
        mask = mask | part if adds else mask & ~part
    return mask


def part_at(colours: Floats, mask: Mask, row: int, column: int) -> Mask:
    """What belongs together around a pixel: of like colour, connected, and on the same side."""
    distance = length(colours - colours[row, column])
    like = (distance < REACH) & (mask == mask[row, column])
    labels, _ = ndimage.label(like)
    part = ndimage.binary_closing(labels == labels[row, column], EIGHT)
    part = ndimage.binary_dilation(part, EIGHT, RIM)
    y, x = np.ogrid[: mask.shape[0], : mask.shape[1]]
    disc = (y - row) ** 2 + (x - column) ** 2 <= (LEAST * max(mask.shape)) ** 2
    result: Mask = (part | disc) & (mask == mask[row, column])
    return result
