"""Small pictures with captions as one piece of HTML, which is one message and does not flicker."""

import html
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

from fmnist.arrays import UInt8
from fmnist.charts import theme
from fmnist.classes import CLASS_NAMES, SIDE
from fmnist.ui.parts.tiles import png_url

PREVIEW = 336  # longest edge of an uploaded picture on the page
THUMBNAIL = 168

_STYLE = f"""<style>
.fmnist-strip {{ display: grid; gap: 10px 12px;
  grid-template-columns: repeat(auto-fill, minmax(var(--cell, 128px), 1fr)); }}
.fmnist-strip figure {{ margin: 0; min-width: 0; }}
.fmnist-strip .sheet {{ aspect-ratio: 1; display: flex; align-items: center;
  justify-content: center; border-radius: 6px; overflow: hidden;
  background: color-mix(in srgb, {theme.MUTED} 16%, transparent); }}
.fmnist-strip img {{ width: 100%; height: 100%; object-fit: contain; display: block; }}
.fmnist-strip img.pixels {{ image-rendering: pixelated; }}
.fmnist-strip figcaption {{ font-size: 0.8rem; line-height: 1.35; padding-top: 5px; }}
.fmnist-strip b {{ font-weight: 600; display: block; }}
.fmnist-strip small {{ opacity: 0.78; display: block; font-size: 0.76rem; }}
.fmnist-strip .share {{ display: flex; height: 6px; border-radius: 3px; overflow: hidden;
  margin: 5px 0 3px; }}
.fmnist-preview {{ text-align: center; }}
.fmnist-preview img {{ max-width: 100%; max-height: {PREVIEW}px; border-radius: 8px; }}
</style>"""


@dataclass(frozen=True)
class Picture:
    """One picture of a strip.

    Attributes
    ----------
    pixels : ndarray of shape (height, width) or (height, width, 3), uint8
    title : first line, bold
    note : second line, quiet
    probabilities : ndarray of shape (10,), shown as one bar in the colours of the classes
    """

    pixels: UInt8
    title: str
    note: str = ""
    probabilities: NDArray[np.float32] | None = None


def strip(pictures: list[Picture], cell: int = 128) -> None:
    """Draw pictures in as many columns as fit.

    Parameters
    ----------
    cell : least width of a picture, in CSS pixels
    """
    body = "".join(map(_figure, pictures))
    st.html(f'{_STYLE}<div class="fmnist-strip" style="--cell: {cell}px">{body}</div>')


def show_preview(rgb: UInt8, name: str) -> None:
    """Show the picture that a person gave."""
    image = Image.fromarray(rgb)
    image.thumbnail((PREVIEW, PREVIEW))
    st.html(
        f'{_STYLE}<div class="fmnist-preview">'
        f'<img src="{png_url(np.asarray(image))}" alt="{html.escape(name)}"></div>'
    )


def _figure(picture: Picture) -> str:
    pixels = picture.pixels
    small = max(pixels.shape[:2]) <= SIDE
    if max(pixels.shape[:2]) > THUMBNAIL:
        image = Image.fromarray(pixels)
        image.thumbnail((THUMBNAIL, THUMBNAIL))
        pixels = np.asarray(image)
    title, note = html.escape(picture.title), html.escape(picture.note)
    return (
        f'<figure><div class="sheet"><img src="{png_url(pixels)}" alt="{title}. {note}"'
        f"{' class=pixels' if small else ''}></div><figcaption><b>{title}</b>"
        f"{_share(picture.probabilities)}<small>{note}</small></figcaption></figure>"
    )


def _share(probabilities: NDArray[np.float32] | None) -> str:
    """One bar, divided among the ten classes."""
    if probabilities is None:
        return ""
    parts = "".join(
        f'<span style="width:{share:.1%};background:{theme.CLASS_COLORS[k]}"'
        f' title="{CLASS_NAMES[k]} {share:.1%}"></span>'
        for k, share in enumerate(map(float, probabilities))
        if share >= 0.005
    )
    return f'<div class="share">{parts}</div>'
