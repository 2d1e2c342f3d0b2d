"""Make ``assets/pictures/``: ten made photos for those who have none at hand.

Each is the first test image of its class as a photo of an item of another colour on some ground
(`fmnist.synthetic.recoloured`). No photo of anybody else is needed, and the licence is that of the
data (MIT).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from fmnist.classes import CLASS_COUNT, folder_name
from fmnist.dataset import Dataset
from fmnist.prediction.examples import FOLDER
from fmnist.synthetic.recoloured import photo

# Colour of the item and its ground, in the order of the classes.
LOOKS = (
    ("striped", "white"), ("grey", "white"), ("black", "textured"), ("patterned", "grey"),
    ("white", "black"), ("black", "white"), ("white", "grey"), ("white", "textured"),
    ("patterned", "white"), ("grey", "black"),
)  # fmt: skip


def build(dataset: Dataset, folder: Path = FOLDER) -> list[Path]:
    """Write a JPEG for each class; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for label in range(CLASS_COUNT):
        index = int(np.flatnonzero(dataset.test_labels == label)[0])
        colour, ground = LOOKS[label]
        made = photo(
            dataset.test_images[index], colour, ground, np.random.default_rng(label), shadow=True
        )
        paths.append(folder / f"{folder_name(label)}.jpg")
        Image.fromarray(made.rgb).save(paths[-1], "JPEG", quality=88)
    return paths
