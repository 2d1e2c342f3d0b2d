"""Variants of the training images that look like what people upload and draw.

The classifier is used on photos and drawings that come out of ``fmnist.prediction.preprocess``.
The variants imitate that output: drawings are outlines filled with `FILL` in which inner lines are
`SEAM`. Photos are cut out imprecisely and stretched to a fixed contrast. Everything fits the 28×28
frame with its longest edge. Most variants are made from the training images alone. A few take only
the class, and rules of thumb about how people draw and lay out such items.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from fmnist.arrays import Floats, Mask, UInt8, as_bytes, scale
from fmnist.classes import SIDE
from fmnist.synthetic import shoes
from fmnist.synthetic.brightness import (
    crisp,
    lighting,
    mean_inside,
    painted,
    recoloured,
    sharpened,
    stretched,
)
from fmnist.synthetic.doodles import doodles, layouts
from fmnist.synthetic.warp import DRAWN, GENTLE, PHOTO, Generator, bent, uniform

Labels = NDArray[np.integer]

CHUNK = 256  # images handled at once: what fits the processor cache is fast
CROSS = np.zeros((3, 3, 3), bool)  # neighbours within an image, none in the next image
CROSS[1] = [[0, 1, 0], [1, 1, 1], [0, 1, 0]]
SQUARE = np.zeros((3, 3, 3), bool)
SQUARE[1] = True
MARGIN = ((0, 0), (1, 1), (1, 1))  # one pixel around each image


def variants(
    images: UInt8,
    seed: int,
    labels: Labels | None = None,
    tell: Callable[[float], None] = lambda share: None,
) -> UInt8:
    """Make every variant of every image.

    Parameters
    ----------
    images : ndarray of shape (n, 28, 28), uint8
        Items bright on black.
    seed : int
        The same seed gives the same variants.
    labels : ndarray of shape (n,), integer in [0, 9], optional
        With them, some variants are drawn from rules of thumb about each class (see
        `fmnist.synthetic.doodles`). Without them, those are line drawings of the images.
    tell : callable
        Gets the share that is made, in [0, 1), before each `CHUNK` images. What it raises ends the
        work.

    Returns
    -------
    ndarray of shape (k, n, 28, 28), uint8
        ``k`` is ``len(WEIGHTS)``; variant 0 is the images as they are.
    """
    if images.ndim != 3 or images.shape[1:] != (SIDE, SIDE) or images.dtype != np.uint8:
        raise ValueError(
            f"images have shape {images.shape} and dtype {images.dtype}; use (n, 28, 28), uint8."
        )
    result = np.empty((len(WEIGHTS), *images.shape), np.uint8)
    result[0] = images
    for start in range(0, len(images), CHUNK):
        tell(start / len(images))
        part = slice(start, start + CHUNK)
        some = scale(images[part])
        classes = None if labels is None else labels[part]
        for k, (make, _) in enumerate(MAKERS, start=1):
            rng = np.random.default_rng([seed, k, start])
            made = make(some, classes, rng) if make in BY_CLASS else make(some, rng)
            result[k, part] = as_bytes(np.clip(made, 0, 1))
    return result


def photo(images: Floats, rng: Generator) -> Floats:
    """A garment on a floor, cut out imprecisely, lit from one side, its contrast stretched."""
    n = len(images)
    cloth = blobby(silhouette(images), rng)
    inside = np.where(silhouette(images), images, mean_inside(images))
    value, cover = bent([inside, cloth.astype(np.float32)], cloth, PHOTO, rng)
    body = cover > 0.5
    value = recoloured(value, rng) + lighting(n, rng)
    value = value + rng.normal(0, 1, value.shape).astype(np.float32) * uniform(rng, n, 0, 0.03)
    return sharpened(np.where(body, stretched(value, body), 0) * np.clip(cover * 2 - 0.5, 0, 1))


def product(images: Floats, rng: Generator) -> Floats:
    """A product photo after the pipeline: nearly the original, its contrast stretched."""
    body = silhouette(images)
    value, cover = bent([recoloured(images, rng), body.astype(np.float32)], body, GENTLE, rng)
    inside = cover > 0.5
    return sharpened(np.where(inside, stretched(value, inside), 0))


def plain(images: Floats, rng: Generator) -> Floats:
    """The original, a little moved and turned, brighter or darker, sometimes of low contrast."""
    body = silhouette(images)
    value, _ = bent([images, body.astype(np.float32)], body, GENTLE, rng)
    n = len(images)
    return np.clip(value, 0, 1) ** uniform(rng, n, 0.6, 1.6) * uniform(rng, n, 0.35, 1.0)


def drawing(images: Floats, rng: Generator) -> Floats:
    """A line drawing of the garment, its outline filled and its inner lines kept."""
    body, seam = traced(images, rng)
    return painted(*bent([body.astype(np.float32), seam], body, DRAWN, rng))


def neat_drawing(images: Floats, rng: Generator) -> Floats:
    """The same with a steady hand: an icon."""
    body, seam = traced(images, rng)
    return painted(*bent([body.astype(np.float32), seam], body, PHOTO, rng))


def cutout(images: Floats, rng: Generator) -> Floats:
    """The filled outline alone."""
    body, _ = traced(images, rng)
    (cover,) = bent([body.astype(np.float32)], body, DRAWN, rng)
    return painted(cover, np.zeros_like(cover))


def outline(images: Floats, rng: Generator) -> Floats:
    """A line drawing that could not be filled, drawn with a pen of any width."""
    body, seam = traced(images, rng)
    cover, seams = bent([body.astype(np.float32), seam], body, DRAWN, rng)
    width = uniform(rng, len(images), 0.6, 1.1)
    depth = ndimage.gaussian_filter(crisp(cover), (0, 0.8, 0.8), mode="constant")
    ring = np.clip((0.5 * width - np.abs(depth - 0.5)) * 4, 0, 1)
    value: Floats = np.maximum(ring, seams) * uniform(rng, len(images), 0.6, 1.0)
    return value


def doodle(images: Floats, labels: Labels | None, rng: Generator) -> Floats:
    """The item as people draw it, whatever the image shows."""
    if labels is None:
        return drawing(images, rng)
    return scale(doodles(labels, int(rng.integers(2**31))))


def laid_out(images: Floats, labels: Labels | None, rng: Generator) -> Floats:
    """The cloth of the image in the shape of an item laid out on a floor and photographed."""
    if labels is None:
        return photo(images, rng)
    n = len(images)
    cover, seam = layouts(labels, int(rng.integers(2**31)))
    cloth = np.where(silhouette(images), images, mean_inside(images))
    value = recoloured(cloth, rng, ~np.isin(labels, shoes.LABELS)[:, None, None])
    folds = ndimage.gaussian_filter(rng.normal(0, 1, cover.shape).astype(np.float32), (0, 1.5, 1.5))
    value = value - seam * uniform(rng, n, -0.3, 0.6) + folds * uniform(rng, n, 0, 0.5)
    value = value + lighting(n, rng)
    body = cover > 0.5
    return sharpened(np.where(body, stretched(value, body), 0) * cover)


Maker = Callable[..., Floats]
MAKERS: tuple[tuple[Maker, float], ...] = (
    (plain, 0.04),
    (product, 0.12),
    (photo, 0.04),
    (photo, 0.04),
    (drawing, 0.03),
    (neat_drawing, 0.03),
    (cutout, 0.01),
    (outline, 0.01),
    (doodle, 0.035),
    (doodle, 0.035),
    (doodle, 0.035),
    (laid_out, 0.05),
    (laid_out, 0.05),
)
BY_CLASS: frozenset[Maker] = frozenset({doodle, laid_out})  # these are told the labels
ORIGINALS = 0.5  # share of images shown as they are
_PARTS = np.array([part for _, part in MAKERS])
# How often each variant is drawn during training, the originals first.
WEIGHTS: tuple[float, ...] = (ORIGINALS, *(_PARTS * (1 - ORIGINALS) / _PARTS.sum()).tolist())


# --- shapes ---------------------------------------------------------------------------------


def silhouette(images: Floats) -> Mask:
    """The pixels of the item, pinholes closed; (n, 28, 28)."""
    closed: Mask = ndimage.binary_closing(np.pad(images > 0.06, MARGIN), CROSS)
    return closed[:, 1:-1, 1:-1]


def filled(mask: Mask) -> Mask:
    """Fill what an outline encloses, image by image."""
    padded = np.pad(mask, MARGIN)
    seeds = np.zeros_like(padded)
    seeds[:, 0, :] = True
    outside: Mask = ndimage.binary_propagation(seeds, CROSS, mask=~padded)
    return ~outside[:, 1:-1, 1:-1]


def traced(images: Floats, rng: Generator) -> tuple[Mask, Floats]:
    """What a person would draw: the filled outline, and the lines inside it in [0, 1]."""
    n = len(images)
    item = silhouette(images)
    body = filled(item)
    # lines are where it is darker than around, and where two tones meet
    around = ndimage.grey_closing(images, (1, 3, 3))
    rise = np.hypot(*(ndimage.sobel(images, axis) / 8 for axis in (1, 2)))
    edge = (around - images) + rise
    deep = ndimage.binary_erosion(np.pad(body, ((0, 0), (2, 2), (2, 2))), SQUARE, 2)[:, 2:-2, 2:-2]
    edge = np.where(deep, edge, 0)
    most = np.quantile(edge.reshape(n, -1), 0.97, axis=1)[:, None, None]
    level = np.maximum(most * uniform(rng, n, 0.5, 1.5), 0.08)  # from detailed to sketchy
    seam = np.clip((edge - level) / (0.3 * level), 0, 1)
    holes = ndimage.binary_dilation(body & ~item, SQUARE) & item & deep
    return body, np.maximum(seam, holes).astype(np.float32) * (rng.random((n, 1, 1)) < 0.85)


def blobby(mask: Mask, rng: Generator) -> Mask:
    """Cut a shape out imprecisely: bites out of it and crumbs of the ground left on."""
    noise = ndimage.gaussian_filter(rng.normal(0, 1, mask.shape), (0, 2.5, 2.5)) * 8.5
    cover = ndimage.gaussian_filter(mask.astype(np.float32), (0, 1, 1), mode="constant")
    rough = cover + 0.3 * uniform(rng, len(mask), 0, 1) * noise > 0.5
    near = ndimage.binary_dilation(np.pad(mask, ((0, 0), (3, 3), (3, 3))), SQUARE, 3)
    result = rough & near[:, 3:-3, 3:-3]
    return np.where(result.any((1, 2), keepdims=True), result, mask)
