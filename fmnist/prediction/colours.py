"""Colours of a picture as the eye tells them apart, and what its border says of its ground."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from fmnist.arrays import Floats, Mask

STRIP = 0.04  # width of the border taken for background, as a fraction of the shorter edge
EIGHT = np.ones((3, 3), bool)
_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
     [0.0193339, 0.1191920, 0.9503041]], np.float32,
)  # fmt: skip
_WHITE = _TO_XYZ.sum(axis=1)  # D65
_VALUE = np.arange(256) / 255
_LINEAR = np.where(_VALUE <= 0.04045, _VALUE / 12.92, ((_VALUE + 0.055) / 1.055) ** 2.4).astype(
    np.float32
)


def lab(rgb: NDArray[np.uint8]) -> Floats:
    """CIELAB (L 0 to 100) of an sRGB picture of shape (..., 3); IEC 61966-2-1 and CIE 15."""
    xyz = (_LINEAR[rgb] @ _TO_XYZ.T) / _WHITE
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.stack(
        [116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], -1
    ).astype(np.float32)


def softened(rgb: NDArray[np.uint8]) -> Floats:
    """Colours in Lab, a little blurred: (height, width, 3)."""
    soft: Floats = ndimage.gaussian_filter(lab(rgb), (0.7, 0.7, 0))
    return soft


def length(vectors: Floats) -> Floats:
    """Euclidean length along the last axis."""
    value: Floats = np.sqrt((vectors**2).sum(-1))
    return value


def border(shape: tuple[int, ...]) -> Mask:
    """The outermost pixels on all four sides; (height, width)."""
    width = max(1, round(STRIP * min(shape[:2])))
    outer = np.ones(shape[:2], bool)
    outer[width:-width, width:-width] = False
    return outer


def flatten(colours: Floats, weight: Floats | Mask) -> Floats:
    """Take out the shading of the ground: a quadratic surface fitted to its weighted colours.

    Parameters
    ----------
    colours : ndarray of shape (height, width, channels), float32
    weight : ndarray of shape (height, width)
        How surely each pixel is ground.
    """
    y, x = np.meshgrid(
        *(np.linspace(-1, 1, n, dtype=np.float32) for n in weight.shape), indexing="ij"
    )
    terms = np.stack([np.ones_like(x), x, y, x * x, y * y, x * y]).reshape(6, -1)
    step = max(1, weight.size // 30_000)  # a sample is enough for six numbers
    some = terms[:, ::step]
    weighted = some * weight.reshape(-1)[::step]
    # a ridge keeps the surface flat where no ground is seen
    ridge = 0.02 * float(weighted[0].sum()) + 1e-3
    gram = weighted @ some.T + np.diag([1e-3] + 5 * [ridge])
    surface = np.linalg.solve(gram, weighted @ colours.reshape(-1, colours.shape[2])[::step])
    # einsum instead of @: a thread pool costs more than it saves here
    shading = np.einsum("tc,tn->cn", surface[1:].astype(np.float32), terms[1:])
    result: Floats = colours - shading.T.reshape(colours.shape)
    return result.astype(np.float32, copy=False)


def otsu(values: Floats) -> float:
    """The threshold that best parts values in [0, 1] into two groups (Otsu, 1979)."""
    count, edges = np.histogram(np.clip(values, 0, 1), 64, (0, 1))
    middle = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(count)
    above = below[-1] - below
    total = np.cumsum(count * middle)
    with np.errstate(invalid="ignore", divide="ignore"):
        between = below * above * (total / below - (total[-1] - total) / above) ** 2
    return float(edges[1 + int(np.nanargmax(np.nan_to_num(between)))])
