"""The ten classes as moving pictures: each tile goes through some images of its class."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist.classes import CLASS_NAMES
from fmnist.dataset import Dataset
from fmnist.ui.parts.data_cache import kept_with_data
from fmnist.ui.parts.tiles import png_url
from fmnist.ui.server import resources

FRAMES = 8
SECONDS_PER_FRAME = 1.6


def class_samples(data: Dataset) -> None:
    """Draw ten tiles, one per class, with their names."""
    st.html(_html(data))


@kept_with_data(max_entries=1)
def _html(data: Dataset) -> str:
    sheet = png_url(_sheet(data))
    tiles = "".join(
        f'<figure><div role="img" aria-label="Images of the class {name}" '
        # Tiles start at different moments, so that something small moves all the time.
        f'style="background-position-y: {index / 9:.4%}; '
        f'animation-delay: {-index * SECONDS_PER_FRAME / 10:.2f}s"></div>'
        f"<figcaption>{name}</figcaption></figure>"
        for index, name in enumerate(CLASS_NAMES)
    )
    return f"""<style>
.fmnist-classes div {{
  background-image: url({sheet});
  background-size: {FRAMES * 100}% {len(CLASS_NAMES) * 100}%;
  animation: fmnist-frames {FRAMES * SECONDS_PER_FRAME}s steps({FRAMES}) infinite;
}}
@keyframes fmnist-frames {{
  from {{ background-position-x: 0; }}
  to {{ background-position-x: {FRAMES / (FRAMES - 1):.4%}; }}
}}
</style><div class="fmnist-classes">{tiles}</div>"""


def _sheet(data: Dataset) -> NDArray[np.uint8]:
    """One row per class, its first images side by side, white on black."""
    rows = []
    with resources.training_images(data) as images:
        for label in range(len(CLASS_NAMES)):
            indices = np.flatnonzero(data.train_labels == label)
            chosen = np.resize(indices, FRAMES) if len(indices) else np.zeros(FRAMES, dtype=np.intp)
            rows.append(np.hstack(list(images[chosen])))
    return np.vstack(rows)
