"""A grid of small pictures that changes without flicker."""

import base64
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fmnist.ui.parts.component import component

_CSS = """
.fmnist-tiles {
  display: grid; gap: 6px; grid-template-columns: repeat(var(--columns, 16), minmax(0, 1fr));
}
.fmnist-tiles figure { margin: 0; }
.fmnist-tiles canvas {
  display: block; width: 100%; aspect-ratio: 1; image-rendering: pixelated; border-radius: 4px;
}
.fmnist-tiles figcaption { font-size: 0.75rem; text-align: center; overflow-wrap: anywhere; }
.fmnist-tiles figcaption:empty { display: none; }
@media (max-width: 900px) {
  .fmnist-tiles { grid-template-columns: repeat(var(--narrow-columns, 8), minmax(0, 1fr)); }
}
"""

_component = component(
    "fmnist_tiles",
    html='<div class="fmnist-tiles"></div>',
    css=_CSS,
    js=(Path(__file__).parent / "tiles.js").read_text(),
    isolate_styles=False,
)


@dataclass(frozen=True)
class Strip:
    """Square pictures side by side in one PNG file, ready to be sent.

    Attributes
    ----------
    png : the file, as base64
    side : of each picture, in pixels
    """

    png: str
    side: int


def strip_of(images: NDArray[np.uint8]) -> Strip:
    """Pictures of shape (n, side, side, 3), uint8, RGB, as `tiles` draws them."""
    count, side = images.shape[:2]
    strip = images.transpose(1, 0, 2, 3).reshape(side, count * side, 3)
    return Strip(base64.b64encode(png(strip)).decode(), side)


def tiles(
    strip: Strip,
    labels: Sequence[str],
    key: str,
    *,
    columns: int,
    narrow_columns: int,
    captions: bool = False,
) -> None:
    """Draw square pictures in a grid, or replace those drawn before under the same key.

    Parameters
    ----------
    strip : the pictures, from `strip_of`
    labels : what each picture is, for screen readers and, with `captions`, beneath it
    key : unique on the page
    columns, narrow_columns : pictures in a row on a wide page and on one below 900 pixels
    captions : whether the labels are shown
    """
    _component(
        key=key,
        data={
            "png": strip.png,
            "side": strip.side,
            # As text: in a list Streamlit looks for data frames and imports pandas, 70 MB, for it.
            "labels": json.dumps(list(labels)),
            "columns": columns,
            "narrow_columns": narrow_columns,
            "captions": captions,
        },
    )


def png(pixels: NDArray[Any]) -> bytes:
    """A PNG file of uint8 pixels, of shape (height, width) or (height, width, 3)."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def png_url(pixels: NDArray[Any]) -> str:
    """The same file as a ``data:`` URL, which stands in a page by itself."""
    return data_url(png(pixels))


def data_url(file: bytes) -> str:
    """A PNG file as a ``data:`` URL."""
    return f"data:image/png;base64,{base64.b64encode(file).decode()}"
