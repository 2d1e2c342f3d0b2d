"""The steps from a picture to 28×28 as pure functions on arrays.

Brightness is float32 in [0, 1], masks are boolean, both of shape (height, width).
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from fmnist.arrays import Floats, Mask, UInt8
from fmnist.classes import SIDE
from fmnist.prediction.colours import border

Box = tuple[float, float, float, float]
T = TypeVar("T", bound=np.generic)

LOW, HIGH, SPAN = 0.30, 0.92, 0.25  # brightness of an item's dark and bright parts; least contrast
SHARPEN = 0.6  # weight of the detail added back


def shrunk(rgb: UInt8, edge: int) -> UInt8:
    """Make the longest edge at most ``edge`` pixels, averaging."""
    height, width = rgb.shape[:2]
    scale = edge / max(height, width)
    if scale >= 1:
        return rgb
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(Image.fromarray(rgb).resize(size, Image.Resampling.BOX), np.uint8)


def grey(rgb: UInt8) -> Floats:
    """Luma (ITU-R BT.601) of an RGB picture; (height, width), float32 in [0, 1]."""
    return (rgb @ np.array([0.299, 0.587, 0.114], np.float32) / 255).astype(np.float32)


def bounds(mask: Mask) -> Box:
    """The box around a mask as fractions (left, top, right, bottom)."""
    if not mask.any():
        return (0.0, 0.0, 1.0, 1.0)
    height, width = mask.shape
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return (
        float(columns[0] / width), float(rows[0] / height),
        float((columns[-1] + 1) / width), float((rows[-1] + 1) / height),
    )  # fmt: skip


def cut(image: NDArray[T], box: Box) -> NDArray[T]:
    """Cut a box, given as fractions, out of an image; at least one pixel."""
    height, width = image.shape[:2]
    left, top = min(round(box[0] * width), width - 1), min(round(box[1] * height), height - 1)
    right, bottom = max(round(box[2] * width), left + 1), max(round(box[3] * height), top + 1)
    return image[top:bottom, left:right]


def dark_ground(rgb: UInt8) -> bool:
    """Whether the ground is plain black, as in the data itself, so that nothing needs negating."""
    outer = grey(rgb)[border(rgb.shape)]
    return bool(np.percentile(outer, 80) < 0.08)


def without_rim(mask: Mask) -> Mask:
    """Take off the outermost pixels, where item and ground mix, unless the item is mostly rim."""
    core: Mask = ndimage.binary_erosion(mask, border_value=1)
    return core if core.sum() > 0.6 * mask.sum() else mask


def polarised(level: Floats, mask: Mask, invert: bool) -> Floats:
    """Make an item bright on black and give it the contrast that items have in the data.

    A white shirt on a white ground would otherwise vanish when negated, a black one would be flat.
    """
    value = 1 - level if invert else level
    if not mask.any():
        return np.zeros_like(value)
    low, high = (float(v) for v in np.percentile(value[mask], (5, 95)))
    middle, span = (low + high) / 2, max(high - low, SPAN)
    value = (value - middle) / span * (HIGH - LOW) + (HIGH + LOW) / 2
    return np.where(mask, np.clip(value, 0.08, 1), 0).astype(np.float32)


def resized(image: Floats, edge: int) -> Floats:
    """Make the longest edge ``edge`` pixels, averaging when it shrinks."""
    height, width = image.shape
    scale = edge / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    method = Image.Resampling.BOX if scale < 1 else Image.Resampling.BILINEAR
    small = Image.fromarray(image.astype(np.float32)).resize(size, method)
    return np.clip(np.asarray(small, np.float32), 0, 1)


def sharpened(image: Floats) -> Floats:
    """Unsharp mask with a Gaussian of standard deviation 1.0 and radius 1."""
    soft = ndimage.gaussian_filter(image, 1.0, radius=1, mode="constant")
    sharp = np.clip(image + SHARPEN * (image - soft), 0, 1)
    return np.where(image > 0, sharp, 0).astype(np.float32)


def centred(image: Floats) -> Floats:
    """Extend an image of at most 28×28 with black to 28×28."""
    result = np.zeros((SIDE, SIDE), np.float32)
    height, width = image.shape
    top, left = (SIDE - height) // 2, (SIDE - width) // 2
    result[top : top + height, left : left + width] = image
    return result


def fitted(level: Floats) -> Floats:
    """The plain way to 28×28: longest edge to 28, centred, nothing else."""
    return centred(resized(level, SIDE))
