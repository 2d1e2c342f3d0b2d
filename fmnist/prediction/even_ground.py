"""Find an item on an even ground, from the border inwards.

From pixel to neighbouring pixel the ground goes on as long as they differ from it no more than the
border's own noise, or grow darker as gently as a soft shadow does. What cannot be reached is the
item, whatever its colours: a white shirt on a white table too. Distances are in Lab units, widths
in pixels.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from fmnist.arrays import Floats, Mask
from fmnist.prediction.colours import EIGHT, border, flatten, length
from fmnist.prediction.rim import edged

EVEN = 2.5  # distance within which three quarters of the border lie when the ground is even
SPREAD = 3.0  # a pixel of the ground differs by at most so many times the border's own noise,
LEAST = 1.5  # or by this
DEEP = 45.0  # a soft shadow is at most so much darker than the ground,
TINT = 4.0  # at most so much more colourful,
GENTLE = 0.18  # and at most so steep, for each unit of the darkest near it
MOSTLY = 0.5  # share of what was found that must be left without its shadow
HOLES = 0.1  # share of an item that holes in the shade are at most; others are its own colours
GAP, WIDE_GAP = 2, 5  # half the width of gaps in an outline that are closed; beside a shadow


def levelled(colours: Floats) -> tuple[Floats, bool]:
    """Colours relative to the ground, its shading taken out, and whether that is even.

    The ground is fitted to the border twice, the second time without what stands out from it: an
    item may touch the border.
    """
    outer = border(colours.shape)
    used = outer
    for _ in range(2):
        flat = flatten(colours, used)
        flat = flat - np.median(flat[used], axis=0)
        distance = length(flat)
        usual = max(2 * EVEN, 2 * float(np.median(distance[outer])))
        used = outer & (distance <= usual)
    return flat, float((distance[outer] < EVEN).mean()) > 0.75


def unreached(flat: Floats, threshold: float) -> Mask:
    """What the ground does not reach from the border.

    Parameters
    ----------
    flat : ndarray of shape (height, width, 3), float32
        Colours relative to an even ground.
    threshold : float
    """
    distance = length(flat)
    noise = float(np.percentile(distance[border(distance.shape)], 75))
    like = max(SPREAD * noise, LEAST) * 2 * threshold
    ground = distance < like
    shade = shadow(flat, distance)
    item = edged(flat, pierced(~reached(ground, GAP), distance, ground, shade, like))
    bare = ~reached(ground | shade, WIDE_GAP)
    bare = edged(flat, pierced(bare, distance, ground, shade, like))
    # an item that all but vanishes with its shadow was taken for a shadow itself
    if ndimage.binary_opening(bare, EIGHT).sum() > MOSTLY * item.sum():
        item = bare
    return item


def pierced(item: Mask, distance: Floats, ground: Mask, shade: Mask, like: float) -> Mask:
    """Take out holes through which the ground is seen, in its shadow too, and shade at the rim.

    Only in an item that differs clearly as a whole is what looks like the ground the ground.

    Parameters
    ----------
    item, ground, shade : ndarrays of shape (height, width), bool
    distance : ndarray of the same shape, from the ground, in Lab units
    like : distance within which a pixel is like the ground
    """
    solid = item & ~ground
    if not solid.any() or float(np.percentile(distance[solid], 25)) <= 3 * like:
        return item
    seen = ndimage.binary_opening(item & (ground | shade))
    if seen.sum() > HOLES * item.sum():  # then what looks like shade are colours of the item
        seen = ndimage.binary_opening(item & ground)
    rest: Mask = item & ~seen
    return rest


def shadow(flat: Floats, distance: Floats) -> Mask:
    """Pixels darker than the ground, of its colour, without an edge."""
    soft = ndimage.gaussian_filter(flat, (0.5, 0.5, 0))
    across, down = np.gradient(soft, axis=1), np.gradient(soft, axis=0)
    slope = np.sqrt((across**2 + down**2).sum(-1))
    light, tint = flat[..., 0], np.hypot(flat[..., 1], flat[..., 2])
    gentle = slope < GENTLE * ndimage.maximum_filter(distance, 7)
    found: Mask = (light < 0) & (light > -DEEP) & (tint < TINT) & gentle
    return found


def reached(ground: Mask, gap: int) -> Mask:
    """The part of the ground that hangs together with the border, gaps in outlines closed."""
    label, count = ndimage.label(~closed(~ground, gap))
    edge = np.concatenate([label[0], label[-1], label[:, 0], label[:, -1]])
    outside = np.zeros(count + 1, bool)
    outside[edge[edge > 0]] = True
    found: Mask = outside[label]
    return found


def closed(mask: Mask, radius: int) -> Mask:
    """Morphological closing with a square of side ``2 * radius + 1``."""
    wide = np.pad(mask, radius)
    grown = ndimage.maximum_filter(wide, 2 * radius + 1)
    whole: Mask = ndimage.minimum_filter(grown, 2 * radius + 1) | wide
    return whole[radius:-radius, radius:-radius]
