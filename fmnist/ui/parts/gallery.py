"""Cards of images with what a model says about each, linked to their explanation."""

import html
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist.arrays import UInt8
from fmnist.charts import theme
from fmnist.classes import CLASS_NAMES
from fmnist.ui.parts.tiles import png_url

_STYLE = f"""<style>
.fmnist-cards {{ display: grid; gap: 10px;
  grid-template-columns: repeat(auto-fill, minmax(var(--card, 124px), 1fr)); }}
.fmnist-card {{ display: block; border: 1px solid var(--st-border-color, {theme.MUTED}55);
  border-radius: 8px; padding: 8px; color: inherit !important; text-decoration: none !important;
  font-size: 0.78rem; line-height: 1.3; }}
a.fmnist-card:hover, a.fmnist-card:focus-visible {{ border-color: {theme.TRAINING}; }}
.fmnist-card img {{ width: 100%; aspect-ratio: 1; image-rendering: pixelated;
  border-radius: 4px; display: block; margin-bottom: 6px; }}
.fmnist-card b {{ display: block; font-weight: 600; }}
.fmnist-card .row {{ display: flex; justify-content: space-between; gap: 4px; }}
.fmnist-card .row span:first-child {{ overflow: hidden; text-overflow: ellipsis;
  white-space: nowrap; }}
.fmnist-card .bar {{ height: 3px; border-radius: 2px; margin-bottom: 2px; }}
.fmnist-card small {{ opacity: 0.75; }}
</style>"""


@dataclass(frozen=True)
class Card:
    """One image of a gallery.

    Attributes
    ----------
    image : ndarray of shape (28, 28), uint8
    title : first line, bold
    note : second line, quiet
    probabilities : ndarray of shape (10,), or None to show no bars
    label : class that the image is said to be, marked among the probabilities
    link : address that a click opens; none if empty
    """

    image: UInt8
    title: str
    note: str = ""
    probabilities: NDArray[np.float32] | None = None
    label: int | None = None
    link: str = ""


def gallery(cards: list[Card], width: int = 124) -> None:
    """Draw cards in as many columns as fit.

    Parameters
    ----------
    width : least width of a card, in CSS pixels
    """
    body = "".join(_card(card) for card in cards)
    st.html(f'{_STYLE}<div class="fmnist-cards" style="--card: {width}px">{body}</div>')


def _card(card: Card) -> str:
    label = html.escape(f"{card.title}. {card.note}")
    inner = (
        f'<img src="{png_url(card.image)}" alt="{label}">'
        f"<b>{html.escape(card.title)}</b>"
        + (f"<small>{html.escape(card.note)}</small>" if card.note else "")
        + _bars(card)
    )
    if card.link:
        return f'<a class="fmnist-card" href="{html.escape(card.link)}" target="_self">{inner}</a>'
    return f'<div class="fmnist-card">{inner}</div>'


def _bars(card: Card) -> str:
    """The three most probable classes, and the image's own if it is not among them."""
    if card.probabilities is None:
        return ""
    classes = list(np.argsort(-card.probabilities)[:3])
    if card.label is not None and card.label not in classes:
        classes[-1] = card.label
    rows = []
    for number in map(int, classes):
        share = float(card.probabilities[number])
        color = theme.CORRECT if number == card.label else theme.WRONG
        color = theme.TRAINING if card.label is None else color
        rows.append(
            f'<div class="row"><span>{CLASS_NAMES[number]}</span>'
            f"<span>{percent(share)}</span></div>"
            f'<div class="bar" style="width:{max(1, share * 100):.0f}%;background:{color}"></div>'
        )
    return "".join(rows)


def percent(share: float) -> str:
    """A probability in per cent, never rounded to certainty."""
    if 0 < share < 0.001:
        return "<0.1%"
    if 0.999 < share < 1:
        return ">99.9%"
    return f"{share:.1%}"
