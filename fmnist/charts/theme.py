"""Every colour of the app, and the layout that all figures share.

Colours come from M. A. Petroff, "Accessible Color Sequences for Data Visualization",
arXiv:2107.02270 (ten colours) and ColorBrewer's RdBu (diverging); both can be told apart by
colour-blind eyes. Colours that follow the page, light or dark, are CSS variables: the browser puts
in the page's own values when it draws the figure.
"""

import hashlib
import html
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist.charts.figure import Layout, merge

TEXT = "var(--st-text-color)"
BACKGROUND = "var(--st-background-color)"
SURFACE = "var(--st-secondary-background-color)"
LINE = "var(--st-border-color)"
ACCENT = "var(--st-primary-color)"
MUTED = "#7f8b97"  # readable on both backgrounds; for marks that stand back

TRAINING = "#3f90da"
VALIDATION = "#e76300"

# One colour per class, in the order of `fmnist.classes.CLASS_NAMES`.
CLASS_COLORS: tuple[str, ...] = (
    "#3f90da",
    "#ffa90e",
    "#bd1f01",
    "#94a4a2",
    "#832db6",
    "#a96b59",
    "#e76300",
    "#b9ac70",
    "#717581",
    "#92dadd",
)

# Earlier runs laid over the present one; away from the colours of training and validation.
OVERLAY_COLORS: tuple[str, ...] = (
    "#832db6",
    "#a96b59",
    "#94a4a2",
    "#b9ac70",
    "#bd1f01",
    "#92dadd",
    "#717581",
)

CORRECT = "#2a8f6f"
WRONG = "#c8442b"

# Weights: negative blue, zero near white, positive red.
DIVERGING: tuple[tuple[float, str], ...] = (
    (0.0, "#053061"),
    (0.125, "#2166ac"),
    (0.25, "#4393c3"),
    (0.375, "#92c5de"),
    (0.5, "#f7f7f7"),
    (0.625, "#f4a582"),
    (0.75, "#d6604d"),
    (0.875, "#b2182b"),
    (1.0, "#67001f"),
)


def layout(**options: Any) -> Layout:
    """Layout of all figures: transparent, quiet grid, the page's text colour, tight margins.

    Parameters
    ----------
    options : any property of Plotly's layout; nested dicts replace ours key by key
    """
    shared = {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": TEXT, "size": 13},
        "margin": {"l": 52, "r": 12, "t": 40, "b": 40},
        "hoverlabel": {"bgcolor": SURFACE, "bordercolor": LINE, "font": {"color": TEXT}},
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "xanchor": "left"},
        "xaxis": axis(),
        "yaxis": axis(),
    }
    return merge(shared, options)


def axis(**options: Any) -> dict[str, Any]:
    """Axis of all figures: hairline grid, no zero line, room for its labels."""
    return {
        "gridcolor": LINE,
        "linecolor": LINE,
        "zeroline": False,
        "automargin": True,
        "title": {"standoff": 8},
        **options,
    }


def colorscale(stops: tuple[tuple[float, str], ...]) -> list[list[float | str]]:
    """A colour scale in the form that Plotly takes."""
    return [[position, color] for position, color in stops]


def diverging_limit(values: NDArray[np.floating[Any]]) -> float:
    """Largest magnitude in `values` (1 if all are 0): the ends of a zero-centred scale."""
    return float(np.abs(values).max(initial=0.0)) or 1.0


def diverging_rgb(values: NDArray[np.floating[Any]], limit: float) -> NDArray[np.uint8]:
    """Colours of `values` on the zero-centred scale from -limit to limit.

    Parameters
    ----------
    values : ndarray of any shape
    limit : magnitude at either end of the scale, above 0; values beyond it take the end colour

    Returns
    -------
    ndarray of shape (*values.shape, 3), uint8
    """
    positions = (np.asarray(values, dtype=np.float64) / limit + 1.0) / 2.0
    stops = [position for position, _ in DIVERGING]
    colors = np.array([_rgb(color) for _, color in DIVERGING])  # (stops, 3)
    channels = [np.interp(positions, stops, colors[:, channel]) for channel in range(3)]
    return np.stack(channels, axis=-1).round().astype(np.uint8)


def uid(name: str) -> str:
    """What a trace is known by from one figure to the next: Plotly makes a CSS class of it."""
    if name.isascii() and name.isidentifier():
        return name
    return f"trace-{hashlib.sha256(name.encode()).hexdigest()[:12]}"


def as_text(name: str) -> str:
    """A stranger's name as it stands, where Plotly would read HTML tags and ``%{templates}``."""
    return html.escape(name, quote=False).replace("%{", "%\u2060{")


def with_alpha(color: str, alpha: float) -> str:
    """A ``#rrggbb`` colour with an opacity from 0 to 1."""
    red, green, blue = _rgb(color)
    return f"rgba({red},{green},{blue},{alpha:g})"


def _rgb(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)
