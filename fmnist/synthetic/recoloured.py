"""Photos of the same item in other colours, on other grounds, made from the data's own images.

The true mask is known, so both can be measured: how well an item is found, and whether its answer
depends on colours, which say nothing about its class.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image
from scipy import ndimage

from fmnist.arrays import Floats, Mask, UInt8

Generator = np.random.Generator

EDGE = 224  # of a photo, in pixels
ITEM = 168  # of the item's frame in it
JPEG_QUALITY = 60
SHADOW = 0.75  # brightness that a soft shadow leaves at its darkest
INK = 0.06  # brightness from which a pixel of the data belongs to the item

Tone = tuple[float, float, float]  # red, green and blue in [0, 1]


@dataclass(frozen=True)
class Photo:
    """One photo.

    Attributes
    ----------
    rgb : ndarray of shape (224, 224, 3), uint8
    mask : ndarray of shape (224, 224), bool
        The item's true pixels.
    """

    rgb: UInt8
    mask: Mask


def white(shape: tuple[int, int], rng: Generator) -> Floats:
    """Cloth almost as bright as paper."""
    return np.full(shape, 0.93)


def grey(shape: tuple[int, int], rng: Generator) -> Floats:
    """Half bright."""
    return np.full(shape, 0.5)


def black(shape: tuple[int, int], rng: Generator) -> Floats:
    """Cloth that is almost black."""
    return np.full(shape, 0.08)


def striped(shape: tuple[int, int], rng: Generator) -> Floats:
    """Stripes in any direction."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    angle, period = rng.uniform(0, np.pi), rng.uniform(12, 36)
    wave = np.sin((x * np.cos(angle) + y * np.sin(angle)) * 2 * np.pi / period)
    return np.where(wave > 0, rng.uniform(0.6, 0.9), rng.uniform(0.1, 0.4))


def patterned(shape: tuple[int, int], rng: Generator) -> Floats:
    """Spots or checks."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    period = rng.uniform(14, 36)
    wave = np.sin(x * 2 * np.pi / period) * np.sin(y * 2 * np.pi / period)
    level = rng.uniform(-0.2, 0.5)
    return np.where(wave > level, rng.uniform(0.6, 0.9), rng.uniform(0.1, 0.4))


def textured(shape: tuple[int, int], rng: Generator) -> Floats:
    """A carpet, a blanket, a lawn."""
    fine = ndimage.gaussian_filter(rng.normal(0, 1, shape), 1.2)
    coarse = ndimage.gaussian_filter(rng.normal(0, 1, shape), 6)
    value: Floats = 0.6 + 0.06 * fine / fine.std() + 0.05 * coarse / coarse.std()
    return value


Fabric = Callable[[tuple[int, int], Generator], Floats]
COLOURS: dict[str, Fabric] = {
    made.__name__: made for made in (white, grey, black, striped, patterned)
}
# Paper is whiter than white cloth, a black ground blacker than black cloth.
OTHER = {"white": 0.05, "grey": 0.12, "black": -0.06}
GROUNDS: dict[str, Fabric] = {made.__name__: made for made in (white, grey, black, textured)}


def photo(image: UInt8, colour: str, ground: str, rng: Generator, shadow: bool = False) -> Photo:
    """Make a photo of an item of the data.

    Parameters
    ----------
    image : ndarray of shape (28, 28), uint8
        The item, bright on black.
    colour, ground : keys of `COLOURS` and of `GROUNDS`
    shadow : whether the item throws a soft shadow
    """
    mask, relief = _enlarged(image)
    tint = 1 + rng.uniform(-0.06, 0.06, 3) * (colour not in ("white", "black"))
    cloth = COLOURS[colour](mask.shape, rng) + _contrast(colour) * relief
    place = GROUNDS[ground](mask.shape, rng) + OTHER.get(ground, 0)
    if shadow:
        offset = rng.uniform(4, 12, 2)
        dark = ndimage.gaussian_filter(ndimage.shift(mask.astype(np.float32), offset), 9)
        place = place * (1 - (1 - SHADOW) * dark)
    cover = ndimage.gaussian_filter(mask.astype(np.float32), 0.7)[..., None]
    picture = cover * cloth[..., None] * tint + (1 - cover) * place[..., None]
    picture = picture + rng.normal(0, 0.01, picture.shape)
    stored = io.BytesIO()
    pixels = (np.clip(picture, 0, 1) * 255).astype(np.uint8)
    Image.fromarray(pixels).save(stored, "JPEG", quality=JPEG_QUALITY)
    return Photo(np.asarray(Image.open(stored).convert("RGB")), mask)


def _contrast(colour: str) -> float:
    """How much of the image's own light and dark is seen; least in black cloth."""
    return {"white": 0.22, "black": 0.12}.get(colour, 0.3)


def _enlarged(image: UInt8) -> tuple[Mask, Floats]:
    """The item's mask in the photo, and its relief: brightness around 0, as cloth reflects it."""
    body = ndimage.binary_closing(np.pad(image > INK * 255, 1))[1:-1, 1:-1]
    value = np.where(body, image / 255.0, image[body].mean() / 255 if body.any() else 0.5)
    size = (ITEM, ITEM)
    smooth = Image.Resampling.BICUBIC
    cover = np.asarray(Image.fromarray(body.astype(np.float32)).resize(size, smooth))
    level = np.asarray(Image.fromarray(value.astype(np.float32)).resize(size, smooth))
    margin = (EDGE - ITEM) // 2
    mask = np.pad(cover > 0.5, margin)
    if not mask.any():
        mask[margin + ITEM // 2, margin + ITEM // 2] = True
    relief = np.pad(level, margin, mode="edge")
    # the data is negated: what is bright there was dark cloth
    return mask, -(relief - np.median(relief[mask]))
