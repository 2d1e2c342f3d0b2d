"""The rim of an item that was found: each pixel of it is given to the side that it is more like."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from fmnist.arrays import Floats, Mask
from fmnist.prediction.colours import EIGHT, length

RIM = 3  # width of the item's rim, whose pixels are looked at twice
FAINT = 6.0  # an item nearer to the ground than this has no clear rim; in Lab units


def edged(flat: Floats, item: Mask) -> Mask:
    """Give each pixel of the item's rim to the side that it is more like.

    It is compared with the nearest pixels that surely belong to the item and to the ground.

    Parameters
    ----------
    flat : ndarray of shape (height, width, 3), float32
        Colours relative to the ground, in Lab units.
    item : ndarray of shape (height, width), bool
    """
    deep = ndimage.binary_erosion(item, EIGHT, RIM, border_value=1)
    far = ~ndimage.binary_dilation(item, EIGHT)
    if not deep.any() or not far.any() or float(np.median(length(flat[item]))) < FAINT:
        return item
    rim = item & ~deep
    away, inside = ndimage.distance_transform_edt(~deep, return_indices=True)
    outside = ndimage.distance_transform_edt(~far, return_distances=False, return_indices=True)
    to_item = length(flat[tuple(inside[:, rim])] - flat[rim])
    to_ground = length(flat[tuple(outside[:, rim])] - flat[rim])
    thin = away[rim] > 1.5 * RIM + 1  # a strap or a heel has nothing deep near it, and stays
    result = item.copy()
    result[rim] = thin | (to_item <= to_ground)
    return result
