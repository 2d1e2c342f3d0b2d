"""Find an item of clothing against its background.

Two colour models, mixtures of Gaussians in CIELAB, compete for every pixel: one fitted to the
border of the picture, one to what stands out from it near the middle. Each is refitted a few times
to the pixels it has won, as in GrabCut (Rother, Kolmogorov and Blake, 2004). A Gaussian blur of the
log-odds replaces the graph cut.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from fmnist.arrays import Floats, Mask

COMPONENTS = 4  # colours of an item, and of a background
ROUNDS = 5
STRIP = 0.04  # width of the border taken for background, as a fraction of the shorter edge
PRIOR = 2.5  # log-odds of "item" in the middle, and against it at the border
LATER = 0.4  # share of the prior that is left once both colour models have been fitted
RIM = 5  # twice the width, in pixels, of the rim from which the item's colours are not learnt
NOISE = 9.0  # variance in Lab units added to every Gaussian: JPEG noise and gentle shading
SMOOTHING = 0.012  # blur of the log-odds, as a fraction of the longest edge
PLAIN = (5.0, 14.0)  # distance from an even ground that makes a pixel part of the item
EVEN = 2.5  # distance within which three quarters of the border lie when the ground is even
UNIFORM = 10.5  # minus the log-density of a colour drawn evenly from a typical part of Lab
KEEP = 0.2  # smaller parts, relative to the largest, are dropped

_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
     [0.0193339, 0.1191920, 0.9503041]], np.float32,
)  # fmt: skip
_WHITE = _TO_XYZ.sum(axis=1)  # D65


def lab(rgb: NDArray[np.uint8]) -> Floats:
    """CIELAB (L 0 to 100) of an sRGB picture of shape (..., 3); IEC 61966-2-1 and CIE 15."""
    value = rgb.astype(np.float32) / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    xyz = (linear @ _TO_XYZ.T) / _WHITE
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.stack(
        [116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], -1
    ).astype(np.float32)


def find_item(rgb: NDArray[np.uint8], threshold: float = 0.5) -> Mask:
    """Mark the pixels of the item.

    Parameters
    ----------
    rgb : ndarray of shape (height, width, 3), uint8
        A small picture; about 160 pixels on the longest edge is enough.
    threshold : float
        In (0, 1): probability from which a pixel belongs to the item.

    Returns
    -------
    ndarray of shape (height, width), bool
        May be empty if nothing stands out.
    """
    shape = rgb.shape[:2]
    colours = softened(rgb)
    prior = centre_prior(shape).ravel()
    outer = border(shape).ravel()
    plain = plain_ground(colours, shape)
    if plain is not None:
        level = float(np.clip(otsu(plain / 100) * 100, *PLAIN)) * 2 * threshold
        return tidy((plain > level).reshape(shape))
    ground = fit_mixture(colours[outer], np.ones(int(outer.sum()), np.float32))
    # at first the item is what the border does not explain, all its colours equally likely
    odds = smooth(-log_density(colours, ground) - UNIFORM, shape) + prior
    for _ in range(ROUNDS):
        weight = 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
        if weight.sum() < 20 or (1 - weight).sum() < 20:
            break
        flat = flatten(colours, 1 - weight, shape)
        # the rim is left out: ground that leaks over it would teach the item its colours
        core = ndimage.minimum_filter(weight.reshape(shape), RIM).ravel()
        item = fit_mixture(flat, core if core.sum() > 20 else weight)
        ground = fit_mixture(flat, 1 - weight)
        odds = smooth(log_density(flat, item) - log_density(flat, ground), shape) + LATER * prior
    return tidy((odds > np.log(threshold / (1 - threshold))).reshape(shape))


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
        Mean log-odds of a pixel for its own side, each clipped to [-8, 8]: 8 is a clean cut, 0 is
        no better than chance.
    """
    colours, inside = softened(rgb), mask.ravel()
    item = fit_mixture(colours[inside], np.ones(int(inside.sum()), np.float32))
    ground = fit_mixture(colours[~inside], np.ones(int((~inside).sum()), np.float32))
    some = slice(None, None, 4)  # enough for a mean
    odds = log_density(colours[some], item) - log_density(colours[some], ground)
    return float(np.clip(np.where(inside[some], odds, -odds), -8, 8).mean())


def softened(rgb: NDArray[np.uint8]) -> Floats:
    """Colours in Lab, a little blurred: (height * width, 3)."""
    soft: Floats = ndimage.gaussian_filter(lab(rgb), (0.7, 0.7, 0)).reshape(-1, 3)
    return soft


def plain_ground(colours: Floats, shape: tuple[int, ...]) -> Floats | None:
    """Distance of every pixel from an even ground in Lab, or None if the ground is not even.

    This is the case of the Fashion-MNIST paper: its pictures are trimmed to what differs from the
    corners.
    """
    outer = border(shape).ravel()
    flat = flatten(colours, outer.astype(np.float32), shape)
    distance = np.sqrt(((flat - np.median(flat[outer], axis=0)) ** 2).sum(1))
    return distance if float((distance[outer] < EVEN).mean()) > 0.75 else None


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


def centre_prior(shape: tuple[int, ...]) -> Floats:
    """Log-odds of belonging to the item by position alone; (height, width)."""
    y = np.linspace(-1, 1, shape[0], dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, shape[1], dtype=np.float32)[None, :]
    edge = np.maximum(np.abs(x), np.abs(y))
    prior: Floats = PRIOR * (1 - 2 * edge**3)
    return prior


def flatten(colours: Floats, weight: Floats, shape: tuple[int, ...]) -> Floats:
    """Take out the shading of the ground: a quadratic surface fitted to its weighted colours."""
    y, x = (np.linspace(-1, 1, size, dtype=np.float32) for size in shape[:2])
    ground = np.broadcast_arrays(x[None, :], y[:, None], x * x, (y * y)[:, None], y[:, None] * x)
    terms = np.stack([np.ones(len(colours), np.float32), *(t.ravel() for t in ground)], 1)
    step = max(1, len(colours) // 3000)  # a sample is enough for six numbers
    some = terms[::step]
    weighted = some * weight[::step, None]
    # a ridge keeps the surface flat where no ground is seen
    ridge = 0.02 * float(weighted[:, 0].sum()) + 1e-3
    gram = weighted.T @ some + np.diag([1e-3] + 5 * [ridge])
    surface = np.linalg.solve(gram, weighted.T @ colours[::step])
    # einsum instead of @: a thread pool costs more than it saves here
    shading = np.einsum("nt,tc->nc", terms[:, 1:], surface[1:].astype(np.float32))
    result: Floats = (colours - shading).astype(np.float32)
    return result


def border(shape: tuple[int, ...]) -> Mask:
    """The outermost pixels on all four sides; (height, width)."""
    width = max(1, round(STRIP * min(shape[:2])))
    outer = np.ones(shape[:2], bool)
    outer[width:-width, width:-width] = False
    return outer


Mixture = tuple[Floats, Floats, Floats]  # log-weights (k,), means (k, 3), covariances (k, 3, 3)


def fit_mixture(colours: Floats, weight: Floats, steps: int = 4) -> Mixture:
    """Fit Gaussians to weighted colours: k-means on a sample, then one covariance a cluster."""
    step = max(1, len(colours) // 4000)
    colours, weight = colours[::step], weight[::step]
    # start from the quantiles along the main axis, so that the result needs no random seed
    order = np.argsort(colours[:, 0] + 0.5 * colours[:, 1] + 0.25 * colours[:, 2])
    mass = np.cumsum(weight[order])
    at = np.searchsorted(mass, mass[-1] * (np.arange(COMPONENTS) + 0.5) / COMPONENTS)
    means = colours[order[np.minimum(at, len(order) - 1)]]
    for _ in range(steps):
        distance = ((colours[:, None] - means[None]) ** 2).sum(-1)
        member = (distance.argmin(1)[:, None] == np.arange(COMPONENTS)) * weight[:, None]
        total = member.sum(0)
        means = np.where(total[:, None] > 0, member.T @ colours / (total[:, None] + 1e-6), means)
    offset = colours[:, None] - means[None]
    spread = np.einsum("nk,nki,nkj->kij", member, offset, offset, optimize=True)
    covariance = spread / (total[:, None, None] + 1e-6) + NOISE * np.eye(3, dtype=np.float32)
    log_weight = np.log(total / max(float(total.sum()), 1e-6) + 1e-4)
    return log_weight.astype(np.float32), means.astype(np.float32), covariance.astype(np.float32)


def log_density(colours: Floats, mixture: Mixture) -> Floats:
    """Log-density of colours (n, 3) under a mixture; (n,)."""
    log_weight, means, covariance = mixture
    offset = colours[:, None] - means[None]
    inverse = np.linalg.inv(covariance)
    distance = np.einsum("nki,kij,nkj->nk", offset, inverse, offset, optimize=True)
    scale = 0.5 * np.log(np.linalg.det(covariance)) + 1.5 * np.log(2 * np.pi)
    score = log_weight - scale - 0.5 * distance
    top = score.max(1)
    result: Floats = (top + np.log(np.exp(score - top[:, None]).sum(1))).astype(np.float32)
    return result


def smooth(odds: Floats, shape: tuple[int, ...]) -> Floats:
    """Blur log-odds, clipped so that no single pixel outvotes its neighbours."""
    image = np.clip(odds, -8, 8).reshape(shape)
    soft: Floats = ndimage.gaussian_filter(image, max(0.8, SMOOTHING * max(shape)))
    return soft.ravel()


def tidy(mask: Mask) -> Mask:
    """Drop specks and crumbs at the border, keep the main parts, fill pinholes."""
    mask = ndimage.binary_opening(mask, iterations=1)
    label, count = ndimage.label(mask)
    if count == 0:
        return mask
    index = np.arange(1, count + 1)
    area = ndimage.sum_labels(mask, label, index)
    # a part counts by its size and by how much of it lies near the middle
    middle = ndimage.sum_labels(centre_prior(mask.shape) + PRIOR, label, index)
    keep = (middle >= KEEP * middle.max()) & (area >= 4)
    mask = np.isin(label, index[keep])
    hole, count = ndimage.label(~mask)
    if count:
        index = np.arange(1, count + 1)
        small = ndimage.sum_labels(~mask, hole, index) < 0.01 * mask.sum()
        mask |= np.isin(hole, index[small])
    return mask
