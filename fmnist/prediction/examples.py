"""The ten bundled photos, one of each class, for those who have none at hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from fmnist.arrays import UInt8
from fmnist.classes import CLASS_COUNT, folder_name

FOLDER = Path(__file__).parents[2] / "assets" / "pictures"
SOURCE = "Made for this app from the first test image of its class: another colour, another ground."


def read(label: int) -> UInt8:
    """The photo of a class: ndarray of shape (height, width, 3), uint8.

    Raises
    ------
    OSError
        If the file is missing or damaged.
    """
    if not 0 <= label < CLASS_COUNT:
        raise ValueError(f"label is {label}; use 0 to {CLASS_COUNT - 1}.")
    with Image.open(FOLDER / f"{folder_name(label)}.jpg") as image:
        return np.asarray(image.convert("RGB"), np.uint8)
