"""From an RGB picture to the 28×28 grey image the classifier knows, in named stages.

Photos follow section 2 of the Fashion-MNIST paper (Xiao, Rasul and Vollgraf, arXiv:1708.07747):
trim to the item, longest edge to 28, sharpen, centre, negate. The paper had plain white grounds. An
upload may have any, so the item is first found against its background.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from PIL import Image
from scipy import ndimage

from fmnist.arrays import Floats, Mask, UInt8, as_bytes
from fmnist.classes import SIDE
from fmnist.prediction import segment, strokes
from fmnist.prediction.pixels import (
    Box,
    bounds,
    centred,
    cut,
    dark_ground,
    fitted,
    grey,
    polarised,
    resized,
    sharpened,
    shrunk,
    without_rim,
)

__all__ = [
    "Box",
    "KindChoice",
    "Options",
    "Result",
    "Stage",
    "bounds",
    "centred",
    "cut",
    "polarised",
    "preprocess",
    "resized",
    "sharpened",
]

KindChoice = Literal["auto", "photo", "drawing"]


PHOTO_EDGE = 160  # an item is found at this size
DRAWING_EDGE = 384  # thin strokes need more pixels
FILL_EDGE = 112  # outlines are filled at four times the final size
LEAST_SHARE = 0.01  # an item has at least this share of a photo's pixels
# A photo shows nothing in particular (noise, a wall, a carpet) if the mask has more of its pixels
# than the first share, fills its bounding box to the second, and looks like the rim around it.
WHOLE_SHARE, WHOLE_BOX = 0.5, 0.9
RIM_CONTRAST = 0.5  # difference of the mean colours, in standard deviations of both
# An item stands out clearly from this separation on. Clouds, heaps and animals in the grass lie
# below it. So does one in twenty cluttered photos of clothing; few of those were answered rightly.
CLEAR = 2.5


@dataclass(frozen=True)
class Options:
    """What a person overrides; the defaults leave every decision to the pipeline.

    Attributes
    ----------
    kind : {"auto", "photo", "drawing"}
    invert : bool or None
        Photos: True negates (dark cloth becomes bright), False does not. Drawings are found by
        their contrast to the ground; there True swaps item and ground. None decides by the ground.
    fill : bool or None
        Fill closed outlines; None fills drawings and no photos.
    crop : (left, top, right, bottom) or None
        Fractions of the turned picture; None crops to the item.
    rotation : float
        Degrees counter-clockwise, applied first.
    mirror : bool
        Swap left and right, after the rotation.
    threshold : float or None
        In (0, 1). Drawings: contrast from which a pixel is ink. Photos: probability from which a
        pixel belongs to the item. None: chosen by the pipeline.
    """

    kind: KindChoice = "auto"
    invert: bool | None = None
    fill: bool | None = None
    crop: Box | None = None
    rotation: float = 0.0
    mirror: bool = False
    threshold: float | None = None

    def __post_init__(self) -> None:
        if self.kind not in ("auto", "photo", "drawing"):
            raise ValueError(f"kind is {self.kind!r}; use 'auto', 'photo' or 'drawing'.")
        if self.threshold is not None and not 0 < self.threshold < 1:
            raise ValueError(
                f"threshold is {self.threshold}; use a value between 0 and 1, or None."
            )
        if self.crop is not None:
            left, top, right, bottom = self.crop
            if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
                raise ValueError(
                    f"crop is {self.crop}; use (left, top, right, bottom) as fractions with "
                    "0 <= left < right <= 1 and 0 <= top < bottom <= 1."
                )


@dataclass(frozen=True)
class Stage:
    """One step on the way.

    Attributes
    ----------
    name : str
    caption : str
        One sentence for the page.
    picture : ndarray of shape (height, width, 3) or (height, width), uint8
    image28 : ndarray of shape (28, 28), float32 in [0, 1]
        What the classifier would see if the pipeline stopped here.
    """

    name: str
    caption: str
    picture: UInt8
    image28: Floats


@dataclass(frozen=True)
class Result:
    """What the classifier gets, and how it came about.

    Attributes
    ----------
    image : ndarray of shape (28, 28), float32 in [0, 1]
        The item, bright on black.
    stages : tuple of Stage
    kind : {"photo", "drawing"}
    crop : (left, top, right, bottom)
        Fractions of the turned picture.
    blank : bool
        Nothing stands out from the ground; ``image`` is all zeros and must not be classified.
    notes : tuple of str
        What a person should know, one sentence each.
    found : bool
        False if no item stood out, so that ``image`` is the whole picture.
    clear : bool
        False if what was found in a photo hardly differs in colour from its background.
    """

    image: Floats
    stages: tuple[Stage, ...]
    kind: str
    crop: Box
    blank: bool = False
    notes: tuple[str, ...] = ()
    found: bool = True
    clear: bool = True


def preprocess(rgb: UInt8, options: Options | None = None) -> Result:
    """Turn any RGB picture into a Fashion-MNIST image.

    Parameters
    ----------
    rgb : ndarray of shape (height, width, 3), uint8
    options : Options, optional
    """
    options = options or Options()
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8 or 0 in rgb.shape:
        raise ValueError(
            f"the picture has shape {rgb.shape} and dtype {rgb.dtype}; "
            "use (height, width, 3), uint8, with at least one pixel."
        )
    picture = turned(rgb, options)
    stages = [Stage("decode", "The picture as uploaded, upright.", picture, fitted(grey(picture)))]
    small = shrunk(picture, DRAWING_EDGE)
    difference, top = strokes.contrast(small)
    kind = options.kind
    if kind == "auto":
        kind = "drawing" if strokes.looks_drawn(difference, top) else "photo"
    if top < 2.5 or min(small.shape[:2]) < 3:
        return Result(np.zeros((SIDE, SIDE), np.float32), tuple(stages), kind, (0, 0, 1, 1), True)
    if kind == "drawing":
        return _drawing(small, difference, options, stages)
    return _photo(shrunk(picture, PHOTO_EDGE), options, stages)


def _photo(picture: UInt8, options: Options, stages: list[Stage]) -> Result:
    notes: list[str] = []
    mask = segment.find_item(picture, options.threshold or 0.5)
    said = options.crop is not None  # a person says where it is
    found = said or is_item(picture, mask)
    clear = said or not found or segment.separation(picture, mask) >= CLEAR
    if not found:
        mask = np.ones_like(mask)
        notes.append("No item stands out from its background, so the whole picture is used.")
    cutout = np.where(mask[..., None], picture, np.uint8(255))
    stages.append(Stage("find", "The item against its background.", cutout, fitted(grey(cutout))))

    box = options.crop or bounds(mask)
    cutout, mask = cut(cutout, box), cut(mask, box)
    stages.append(Stage("crop", "Trimmed to the item.", cutout, fitted(grey(cutout))))

    invert = not dark_ground(picture) if options.invert is None else options.invert
    mask = without_rim(mask)
    level = polarised(grey(cut(picture, box)), mask, invert)
    caption = "Grey, negated, the item bright on black." if invert else "Grey, bright on black."
    stages.append(Stage("grey", caption, as_bytes(level), fitted(level)))

    if options.fill:
        whole = ndimage.binary_fill_holes(mask)
        level = np.where(whole & ~mask, np.float32(strokes.FILL), level)
        stages.append(Stage("fill", "Holes filled.", as_bytes(level), fitted(level)))
    return replace(_finish(level, stages, "photo", box, notes), found=found, clear=clear)


def _drawing(picture: UInt8, difference: Floats, options: Options, stages: list[Stage]) -> Result:
    threshold = segment.otsu(difference) if options.threshold is None else options.threshold
    ink = difference > threshold
    if options.invert:
        ink = ~ink
    ink = strokes.despeckle(ink)
    if not ink.any():
        return Result(
            np.zeros((SIDE, SIDE), np.float32), tuple(stages), "drawing", (0, 0, 1, 1), True
        )
    cutout = np.where(ink[..., None], picture, np.uint8(255))
    stages.append(Stage("find", "The ink against its ground.", cutout, fitted(grey(cutout))))

    box = options.crop or bounds(ink)
    cutout, ink = cut(cutout, box), cut(ink, box)
    stages.append(Stage("crop", "Trimmed to the drawing.", cutout, fitted(grey(cutout))))

    ink = resized(ink.astype(np.float32), FILL_EDGE) > 0.3
    level = strokes.paint(ink, None)
    stages.append(Stage("grey", "Ink bright on black.", as_bytes(level), fitted(level)))

    if options.fill is not False:
        level = strokes.paint(ink, strokes.fill(ink))
        caption = "Outlines closed and filled, like cloth."
        stages.append(Stage("fill", caption, as_bytes(level), fitted(level)))
    return _finish(level, stages, "drawing", box, [])


def _finish(
    level: Floats,
    stages: list[Stage],
    kind: Literal["photo", "drawing"],
    box: Box,
    notes: list[str],
) -> Result:
    small = resized(level, SIDE)
    stages.append(Stage("resize", "Longest edge to 28 pixels.", as_bytes(small), fitted(small)))
    if kind == "photo":
        small = sharpened(small)
        stages.append(Stage("sharpen", "Edges sharpened.", as_bytes(small), fitted(small)))
    image = centred(small)
    stages.append(Stage("centre", "Centred on 28×28.", as_bytes(image), image))
    return Result(image, tuple(stages), kind, box, False, tuple(notes))


def is_item(picture: UInt8, mask: Mask) -> bool:
    """Whether what was found can be an item.

    An almost empty mask is not an item; nor is one covering all but the border, unless the
    border's colour differs.
    """
    share = float(mask.mean())
    if share < LEAST_SHARE or mask.all():
        return False
    if share < WHOLE_SHARE or cut(mask, bounds(mask)).mean() < WHOLE_BOX:
        return True
    inside, rim = picture[mask].astype(np.float64), picture[~mask].astype(np.float64)
    spread = inside.std(axis=0) + rim.std(axis=0) + 1
    return bool((np.abs(inside.mean(axis=0) - rim.mean(axis=0)) / spread).max() > RIM_CONTRAST)


def turned(rgb: UInt8, options: Options) -> UInt8:
    """Rotate counter-clockwise and mirror; corners that come in take the ground's colour."""
    if options.rotation % 360:
        ground = tuple(int(v) for v in np.median(rgb[segment.border(rgb.shape)], axis=0))
        image = Image.fromarray(rgb).rotate(
            options.rotation % 360, Image.Resampling.BILINEAR, expand=True, fillcolor=ground
        )
        rgb = np.asarray(image, np.uint8)
    return rgb[:, ::-1] if options.mirror else rgb
