"""A photo with the outline of what was found in it, which a person corrects in one gesture."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image
from scipy import ndimage

from fmnist.arrays import Mask, UInt8
from fmnist.prediction.correction import Point
from fmnist.prediction.pixels import Box
from fmnist.ui.parts.component import component
from fmnist.ui.parts.tiles import png_url

EDGE = 336  # longest edge of the photo on the page
_RING, _SHADE = (
    (255, 64, 160, 255),
    (0, 0, 0, 90),
)  # RGBA of the outline, and of what is not the item
_HTML = """<div class="photo"><img alt=""><img alt="" hidden><div class="box" hidden></div></div>
<button type="button" aria-pressed="false">Draw a box by finger</button>"""
_CSS = f"""
.photo {{ position: relative; width: fit-content; margin: 0 auto; touch-action: pan-x pan-y;
  cursor: crosshair; user-select: none; }}
.photo.draws {{ touch-action: none; outline: 2px solid var(--st-primary-color); }}
.photo img {{ display: block; max-width: 100%; max-height: {EDGE}px; border-radius: 8px;
  pointer-events: none; }}
.photo img + img {{ position: absolute; inset: 0; width: 100%; height: 100%; max-height: none; }}
.photo [hidden] {{ display: none !important; }}
.photo .box {{ position: absolute; box-sizing: border-box; border: 2px dashed #fff;
  outline: 1px solid #000; pointer-events: none; }}
button {{ display: none; margin: 8px auto 0; font: inherit; color: inherit; background: none;
  border: 1px solid var(--st-border-color); border-radius: 8px; padding: 6px 12px;
  min-height: 44px; }}
button[aria-pressed="true"] {{ border-color: var(--st-primary-color); }}
@media (pointer: coarse) {{ button {{ display: block; }} }}
"""

_component = component(
    "fmnist_photo",
    html=_HTML,
    css=_CSS,
    js=(Path(__file__).parent / "photo.js").read_text(),
)


@dataclass(frozen=True)
class Gesture:
    """What a person did on the photo: one of the two.

    Attributes
    ----------
    tap : from left and from top, as fractions of the photo
    box : (left, top, right, bottom), as fractions
    """

    tap: Point | None = None
    box: Box | None = None


def photo_board(
    rgb: UInt8,
    name: str,
    mask: Mask | None,
    box: Box | None,
    key: str,
    on_gesture: Callable[[Gesture], None],
) -> None:
    """Show a photo with the outline of its item.

    Parameters
    ----------
    rgb : ndarray of shape (height, width, 3), uint8
    mask : ndarray of shape (rows, columns), bool, of any size; None shows no outline
    box : drawn by a person
    on_gesture : called before the rerun that a gesture causes
    """
    image = Image.fromarray(rgb)
    image.thumbnail((EDGE, EDGE))

    def hand_on() -> None:
        if gesture := as_gesture(st.session_state[key].get("gesture")):
            on_gesture(gesture)

    _component(
        key=key,
        data={
            "picture": _jpeg_url(image),
            "description": f"{name}. {_found(mask)}",
            "outline": None if mask is None else png_url(outline(mask, image.size)),
            "box": box,
        },
        on_gesture_change=hand_on,
    )


def outlined(rgb: UInt8, mask: Mask | None, edge: int = 168) -> UInt8:
    """A small copy of a photo with the outline drawn on it: (height, width, 3), uint8."""
    image = Image.fromarray(rgb)
    image.thumbnail((edge, edge))
    if mask is not None:
        layer = Image.fromarray(outline(mask, image.size))
        image = Image.alpha_composite(image.convert("RGBA"), layer).convert("RGB")
    return np.asarray(image)


def outline(mask: Mask, size: tuple[int, int]) -> UInt8:
    """A layer to lie on a photo: a ring around the item, and a shade over the rest.

    Parameters
    ----------
    mask : ndarray of shape (rows, columns), bool
    size : width and height of the layer

    Returns
    -------
    ndarray of shape (height, width, 4), uint8, RGBA
    """
    wide = Image.fromarray(mask.astype(np.uint8) * 255).resize(size, Image.Resampling.BICUBIC)
    item = np.asarray(wide) > 127  # (height, width)
    layer = np.zeros((*item.shape, 4), np.uint8)
    layer[~item] = _SHADE
    layer[item ^ ndimage.binary_dilation(item, iterations=2)] = _RING
    return layer


def as_gesture(event: Any) -> Gesture | None:
    """What the browser reports; None for anything else."""
    if not isinstance(event, dict):
        return None
    if (tap := _points([event.get("tap")])) is not None:
        return Gesture(tap=tap[0])
    corners = _points(event.get("box"))
    if corners is None or len(corners) != 2:
        return None
    (x, y), (u, v) = corners
    box = (min(x, u), min(y, v), max(x, u), max(y, v))
    return Gesture(box=box) if box[0] < box[2] and box[1] < box[3] else None


def _jpeg_url(image: Image.Image) -> str:
    """As a ``data:`` URL of a tenth of a PNG's size: it is sent anew with each correction."""
    content = io.BytesIO()
    image.save(content, "JPEG", quality=88)
    return f"data:image/jpeg;base64,{base64.b64encode(content.getvalue()).decode()}"


def _points(places: Any) -> list[Point] | None:
    if not isinstance(places, list):
        return None
    for place in places:
        if not (isinstance(place, list) and len(place) == 2):
            return None
        if not all(isinstance(v, int | float) and 0 <= v <= 1 for v in place):
            return None
    return [(float(x), float(y)) for x, y in places]


def _found(mask: Mask | None) -> str:
    if mask is None:
        return "No item was looked for."
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not len(rows):
        return "No item was found."
    edges = (columns[0], columns[-1] + 1), (rows[0], rows[-1] + 1)
    (left, right), (top, bottom) = (
        (round(100 * low / size), round(100 * high / size))
        for (low, high), size in zip(edges, mask.shape[::-1], strict=True)
    )
    return f"The item was found from {left} to {right}% across and {top} to {bottom}% down."
