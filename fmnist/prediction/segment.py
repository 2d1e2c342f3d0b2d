"""Find an item of clothing against its background.

An even ground is found from the border inwards (`even_ground`). On any other ground two colour
models, mixtures of Gaussians, compete for every pixel: one fitted to the border of the picture, one
to what stands out from it near the middle. Each is refitted a few times to the pixels it has won,
as in GrabCut (Rother, Kolmogorov and Blake, 2004). A Gaussian blur of the log-odds replaces the
graph cut. Beside the colour a pixel has a measure of how lively its surroundings are, which tells
plain cloth from a carpet of the same brightness. Blur and surroundings are wider than an edge: in
the end the rim of what was found is looked at again, by colour alone (`rim`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from fmnist.arrays import Floats, Mask
from fmnist.prediction.colours import border, flatten, softened
from fmnist.prediction.even_ground import levelled, unreached
from fmnist.prediction.mixture import fit_mixture, log_density
from fmnist.prediction.rim import edged

CLEAN = 8.0  # log-odds of a pixel for its own side beyond which it counts no more
KEEP = 0.2  # smaller parts, relative to the largest, are dropped
ROUNDS = 4
LOOKS = 2  # at the item's rim, which is as uncertain as the blur is wide
PRIOR = 1.0  # log-odds of "item" in the middle, and against it at the border, at first
CORE = 5  # twice the width of the rim from which the item's colours are not learnt
LIVELY = 4.0  # weight of the surroundings' liveliness beside the colour
SMOOTHING = 0.8  # blur of the log-odds, in pixels
CLIP = 6.0  # largest log-odds of a single pixel before the blur
UNIFORM = 10.5  # minus the log-density of a colour drawn evenly from a typical part of Lab


def find_item(rgb: NDArray[np.uint8], threshold: float = 0.5) -> Mask:
    """Mark the pixels of the item.

    Parameters
    ----------
    rgb : ndarray of shape (height, width, 3), uint8
        A small picture; about 112 pixels on the longest edge is enough.
    threshold : float
        In (0, 1). The higher, the more a pixel must differ from the ground to belong to the item.

    Returns
    -------
    ndarray of shape (height, width), bool
        May be empty if nothing stands out.
    """
    colours = softened(rgb)
    flat, even = levelled(colours)
    if even:
        return tidy(unreached(flat, threshold))
    found = tidy(competed(colours, threshold))
    for _ in range(LOOKS):
        found = edged(flat, found)
    return found


def competed(colours: Floats, threshold: float) -> Mask:
    """What a model of the item's colours explains better than one of the ground's.

    Parameters
    ----------
    colours : ndarray of shape (height, width, 3), float32
        In Lab.
    threshold : float
    """
    shape = colours.shape[:2]
    outer, features = border(shape), with_liveliness(colours)
    ground = fit_mixture(features[outer], np.ones(int(outer.sum()), np.float32))
    # at first the item is what the border does not explain, all its colours equally likely
    odds: Floats = smooth(-log_density(features, ground) - UNIFORM) + centre_prior(shape)
    for _ in range(ROUNDS):
        weight = 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
        if weight.sum() < 20 or (1 - weight).sum() < 20:
            break
        flat = flatten(features, 1 - weight)
        # the rim is left out: ground that leaks over it would teach the item its colours
        core = ndimage.minimum_filter(weight, CORE)
        item = fit_mixture(flat, core if core.sum() > 20 else weight)
        ground = fit_mixture(flat, 1 - weight)
        odds = smooth(log_density(flat, item) - log_density(flat, ground))
    won: Mask = odds > np.log(threshold / (1 - threshold))
    return won


def with_liveliness(colours: Floats) -> Floats:
    """Colours and, beside them, how much the light varies nearby: (height, width, 4)."""
    light = colours[..., 0]
    fine = light - ndimage.gaussian_filter(light, 2)
    varied = LIVELY * np.log1p(np.sqrt(ndimage.gaussian_filter(fine**2, 2)))
    return np.concatenate([colours, varied[..., None]], -1)


def separation(rgb: NDArray[np.uint8], mask: Mask) -> float:
    """How well colours alone tell the item from the rest of the picture.

    Parameters
    ----------
    rgb : ndarray of shape (height, width, 3), uint8
    mask : ndarray of shape (height, width), bool, neither empty nor full
        The item, from `find_item`.

    Returns
    -------
    float
        Mean log-odds of a pixel for its own side, each clipped to ±`CLEAN`, which is a clean cut;
        0 is no better than chance.
    """
    colours = softened(rgb)
    item, ground = (
        fit_mixture(colours[side], np.ones(int(side.sum()), np.float32)) for side in (mask, ~mask)
    )
    some = slice(None, None, 2), slice(None, None, 2)  # enough for a mean
    odds = log_density(colours[some], item) - log_density(colours[some], ground)
    return float(np.clip(np.where(mask[some], odds, -odds), -CLEAN, CLEAN).mean())


def centre_prior(shape: tuple[int, ...]) -> Floats:
    """Log-odds of belonging to the item by position alone; (height, width)."""
    y = np.linspace(-1, 1, shape[0], dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, shape[1], dtype=np.float32)[None, :]
    edge = np.maximum(np.abs(x), np.abs(y))
    prior: Floats = PRIOR * (1 - 2 * edge**3)
    return prior


def smooth(odds: Floats) -> Floats:
    """Blur log-odds, clipped so that no single pixel outvotes its neighbours."""
    image = np.clip(odds, -CLIP, CLIP)
    soft: Floats = ndimage.gaussian_filter(image, SMOOTHING)
    return soft


def tidy(mask: Mask) -> Mask:
    """Drop specks and crumbs at the border, keep the main parts, fill pinholes."""
    mask = ndimage.binary_opening(mask)
    label, count = ndimage.label(mask)
    if count == 0:
        return mask
    area = np.bincount(label.ravel(), minlength=count + 1)
    # a part counts by its size and by how much of it lies near the middle
    middle = np.bincount(label.ravel(), (centre_prior(mask.shape) + PRIOR).ravel(), count + 1)
    keep = (middle >= KEEP * middle[1:].max()) & (area >= 4)
    keep[0] = False
    mask = keep[label]
    hole, count = ndimage.label(~mask)
    small = np.bincount(hole.ravel(), minlength=count + 1) < 0.01 * mask.sum()
    small[0] = False
    whole: Mask = mask | small[hole]
    return whole
