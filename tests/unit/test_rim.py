"""The rim of an item against made pictures whose true mask is known."""

import numpy as np
import pytest
from scipy import ndimage

from fmnist.arrays import Mask
from fmnist.prediction.rim import RIM, edged
from fmnist.prediction.segment import find_item

SIDE = 112


def disc(radius: float = 30) -> Mask:
    y, x = np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2
    return np.hypot(x, y) < radius


def coloured(mask: Mask, contrast: float) -> np.ndarray:
    """Lab colours relative to the ground: the item of one colour, with a little noise."""
    noise = np.random.default_rng(0).normal(0, 1, (*mask.shape, 3))
    return (np.where(mask[..., None], contrast, 0.0) + noise).astype(np.float32)


@pytest.mark.parametrize("contrast", [-40.0, 12.0, 60.0])
@pytest.mark.parametrize("grown", range(RIM))
def test_what_was_found_too_large_is_the_item_again(contrast: float, grown: int) -> None:
    true = disc()
    found = ndimage.binary_dilation(true, iterations=grown) if grown else true
    result = edged(coloured(true, contrast), found)
    assert (result & true).sum() / (result | true).sum() > 0.98


def test_an_item_that_hardly_differs_is_left_alone() -> None:
    found = ndimage.binary_dilation(disc(), iterations=2)
    assert (edged(coloured(disc(), 1.0), found) == found).all()


def test_a_strap_stays() -> None:
    bag = disc()
    bag[20:40, 54:57] = True  # three pixels wide: nothing deep is near it
    assert edged(coloured(bag, 40.0), bag)[22:30, 54:57].all()


def test_a_mask_that_is_all_or_nothing_is_left_alone() -> None:
    for found in (np.zeros((SIDE, SIDE), bool), np.ones((SIDE, SIDE), bool)):
        assert (edged(coloured(disc(), 40.0), found) == found).all()


@pytest.mark.parametrize("ground", [130, 200])
@pytest.mark.parametrize("cloth", [20, 250])
def test_a_soft_shadow_does_not_belong_to_the_item(ground: int, cloth: int) -> None:
    item = disc(26)
    shade = ndimage.gaussian_filter(ndimage.shift(item.astype(float), (6, 6)), 4)
    level = np.where(item, cloth, ground * (1 - 0.25 * shade))
    level = level + np.random.default_rng(1).normal(0, 1.5, level.shape)
    rgb = np.repeat(np.clip(level, 0, 255)[..., None], 3, axis=2).astype(np.uint8)
    found = find_item(rgb)
    assert (found & item).sum() / (found | item).sum() > 0.98


@pytest.mark.parametrize("cloth", [20, 240])
def test_the_ground_s_texture_does_not_cling_to_the_item(cloth: int) -> None:
    """How lively the surroundings are tells a carpet from cloth, but not to the pixel."""
    rng = np.random.default_rng(2)
    carpet = 150 + 25 * rng.normal(0, 1, (SIDE, SIDE))
    level = np.where(disc(26), cloth + rng.normal(0, 2, (SIDE, SIDE)), carpet)
    rgb = np.repeat(np.clip(level, 0, 255)[..., None], 3, axis=2).astype(np.uint8)
    found = find_item(rgb)
    assert (found & disc(26)).sum() / (found | disc(26)).sum() > 0.97
