"""Turn and mirror pictures, and what was found in them, as a person asks."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image, ImageOps

from fmnist.arrays import Floats, Mask, UInt8
from fmnist.prediction.colours import border
from fmnist.prediction.options import Options


def turned(rgb: UInt8, options: Options) -> UInt8:
    """Rotate counter-clockwise and mirror; corners that come in take the ground's colour.

    Parameters
    ----------
    rgb : ndarray of shape (height, width, 3), uint8
    """
    ground = tuple(int(v) for v in np.median(rgb[border(rgb.shape)], axis=0))
    return np.asarray(_turned(Image.fromarray(rgb), options, ground), np.uint8)


def turned_level(level: Floats | Mask, options: Options) -> Floats:
    """The same for one brightness or mask of shape (height, width); corners are 0."""
    return np.asarray(_turned(Image.fromarray(level.astype(np.float32)), options, 0), np.float32)


def _turned(image: Image.Image, options: Options, ground: int | tuple[int, ...]) -> Any:
    if options.rotation % 360:
        image = image.rotate(
            options.rotation % 360, Image.Resampling.BILINEAR, expand=True, fillcolor=ground
        )
    return np.asarray(ImageOps.mirror(image) if options.mirror else image)
