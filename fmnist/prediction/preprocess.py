"""From an RGB picture to the 28×28 grey image the classifier knows, in named stages.

Photos follow section 2 of the Fashion-MNIST paper (Xiao, Rasul and Vollgraf, arXiv:1708.07747):
trim to the item, longest edge to 28, sharpen, centre, negate. The paper had plain white grounds. An
upload may have any, so the item is first found against its background.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
from scipy import ndimage

from fmnist.arrays import Floats, Mask, UInt8, as_bytes
from fmnist.classes import SIDE
from fmnist.prediction import correction, segment, strokes
from fmnist.prediction.colours import otsu, softened
from fmnist.prediction.even_ground import levelled
from fmnist.prediction.options import Options
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
from fmnist.prediction.result import GroundSigns, Result, Stage
from fmnist.prediction.turn import turned, turned_level

PHOTO_EDGE = 112  # an item is found at this size
DRAWING_EDGE = 384  # thin strokes need more pixels
FILL_EDGE = 112  # outlines are filled at four times the final size
LEAST_SHARE = 0.01  # an item has at least this share of a photo's pixels
# A photo shows nothing in particular (noise, a wall, a carpet) if the mask has more of its pixels
# than the first share, fills its bounding box to the second, and looks like the rim around it.
WHOLE_SHARE, WHOLE_BOX = 0.5, 0.9
RIM_CONTRAST = 0.5  # difference of the mean colours, in standard deviations of both
# An item stands out clearly from this separation on. Clouds, heaps and animals in the grass mostly
# lie below it. So does one in ten cluttered photos of clothing; few of those were answered rightly.
CLEAR = 0.5
CHANCE = 0.1  # what is found in mere noise has a separation below this


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
    # The item is found before the turn: the corners that come in would pass for its ground.
    small = shrunk(rgb, PHOTO_EDGE if options.kind == "photo" else DRAWING_EDGE)
    difference, top = strokes.contrast(small)
    kind = options.kind
    if kind == "auto":
        kind = "drawing" if strokes.looks_drawn(difference, top) else "photo"
    if top < 2.5 or min(small.shape[:2]) < 3:
        return Result(np.zeros((SIDE, SIDE), np.float32), tuple(stages), kind, (0, 0, 1, 1), True)
    if kind == "drawing":
        difference = turned_level(difference, options)
        return _drawing(turned(small, options), difference, options, stages)
    return _photo(shrunk(rgb, PHOTO_EDGE), options, stages)


def _photo(picture: UInt8, options: Options, stages: list[Stage]) -> Result:
    notes: list[str] = []
    mask = find(picture, options)
    said = bool(options.crop or options.box or options.taps)  # a person says where it is
    signs = ground_signs(picture, mask)
    differs = signs.even or signs.separation > CHANCE
    found = said or (differs and is_item(picture, mask))
    clear = said or (found and (signs.even or signs.separation >= CLEAR))
    dark = dark_ground(picture)
    if not found:
        mask = np.ones_like(mask)
        notes.append("No item stands out from its background, so the whole picture is used.")
    whole = mask
    picture, mask = turned(picture, options), turned_level(mask, options) > 0.5
    cutout = np.where(mask[..., None], picture, np.uint8(255))
    stages.append(Stage("find", "The item against its background.", cutout, fitted(grey(cutout))))

    box = options.crop or bounds(mask)
    cutout, mask = cut(cutout, box), cut(mask, box)
    stages.append(Stage("crop", "Trimmed to the item.", cutout, fitted(grey(cutout))))

    invert = not dark if options.invert is None else options.invert
    mask = without_rim(mask)
    level = polarised(grey(cut(picture, box)), mask, invert)
    caption = "Grey, negated, the item bright on black." if invert else "Grey, bright on black."
    stages.append(Stage("grey", caption, as_bytes(level), fitted(level)))

    if options.fill:
        holes = ndimage.binary_fill_holes(mask) & ~mask
        level = np.where(holes, np.float32(strokes.FILL), level)
        stages.append(Stage("fill", "Holes filled.", as_bytes(level), fitted(level)))
    result = _finish(level, stages, "photo", box, notes)
    return replace(result, found=found, clear=clear, signs=signs, mask=whole)


def _drawing(picture: UInt8, difference: Floats, options: Options, stages: list[Stage]) -> Result:
    threshold = otsu(difference) if options.threshold is None else options.threshold
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
    aspect = level.shape[0] / level.shape[1]
    small = resized(level, SIDE)
    stages.append(Stage("resize", "Longest edge to 28 pixels.", as_bytes(small), fitted(small)))
    if kind == "photo":
        small = sharpened(small)
        stages.append(Stage("sharpen", "Edges sharpened.", as_bytes(small), fitted(small)))
    image = centred(small)
    stages.append(Stage("centre", "Centred on 28×28.", as_bytes(image), image))
    return Result(image, tuple(stages), kind, box, False, tuple(notes), aspect=aspect)


def find(picture: UInt8, options: Options) -> Mask:
    """The item in a photo, as the pipeline finds it and a person corrects it."""
    threshold = options.threshold or 0.5
    if options.box is None:
        mask = segment.find_item(picture, threshold)
    else:
        mask = correction.find_in_box(picture, options.box, threshold)
    return correction.tapped(picture, mask, options.taps) if options.taps else mask


def ground_signs(picture: UInt8, mask: Mask) -> GroundSigns:
    """Measured on a photo and the mask of its item, each of shape (height, width, …)."""
    if mask.all() or not mask.any():  # a person says where the item is
        return GroundSigns(0.0, False)
    _, even = levelled(softened(picture))
    return GroundSigns(max(0.0, segment.separation(picture, mask)) / segment.CLEAN, even)


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
