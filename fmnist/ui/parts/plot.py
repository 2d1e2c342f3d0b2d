"""A Plotly figure that is updated in place, never rebuilt.

`st.plotly_chart` builds a new plot whenever its figure changes, which loses zoom, hover and hidden
traces. This component hands the new figure to ``Plotly.react`` instead. The library itself is the
file that the installed plotly package brings along, served by `fmnist.ui.server.lifespan`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import plotly
import streamlit as st

from fmnist.charts.figure import Figure, to_json
from fmnist.charts.words import in_words
from fmnist.ui.parts.component import component

LIBRARY_FILE = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
LIBRARY = f"library/plotly-{plotly.__version__}.min.js"  # relative to where the app is served

_CSS = """
.fmnist-plot { width: 100%; overflow: hidden; }
.fmnist-plot .modebar-btn path { fill: var(--st-text-color) !important; }
.fmnist-plot .modebar, .fmnist-plot .modebar-group { background: none !important; }
"""

_component = component(
    "fmnist_plot",
    html='<div class="fmnist-plot"></div>',
    css=_CSS,
    js=(Path(__file__).parent / "plot.js").read_text(),
    isolate_styles=False,
)


@dataclass(frozen=True)
class Click:
    """The point of a figure that a person clicked, as Plotly describes it.

    Attributes
    ----------
    curve_number : index of the trace
    point_number : index of the point in its trace; (row, column) in a heatmap
    x, y, z : the point's values; None where the trace has none
    customdata : what the trace carries for this point
    """

    curve_number: int
    point_number: int | tuple[int, int]
    x: Any
    y: Any
    z: Any
    customdata: Any


def plot(
    figure: Figure,
    key: str,
    height: int,
    clickable: bool = False,
    modebar: bool = True,
    on_click: Callable[[Click], None] | None = None,
) -> Click | None:
    """Draw a figure, or update the one drawn before under the same key.

    Parameters
    ----------
    figure : from `fmnist.charts`; a change of its ``layout.uirevision`` resets zoom and hidden
        traces, which are kept otherwise for as long as the plot is on the page
    key : unique on the page; the same key in the same part of the page is the same plot
    height : in CSS pixels; the width is that of the container
    clickable : whether a click on a point reruns the page (or fragment) and is returned
    modebar : whether Plotly's tools appear under the pointer
    on_click : called with each click before the rerun that it causes, so that this figure, and
        what stands above it, are drawn with the click taken into account

    Returns
    -------
    Click or None
        What was clicked, once, in the run that the click caused.
    """
    result = _component(
        key=key,
        data={
            "figure": to_json(figure),
            "words": in_words(figure),
            "key": key,
            "height": height,
            "clickable": clickable or on_click is not None,
            "modebar": modebar,
            "library": LIBRARY,
        },
        height=height,
        on_click_change=_nothing if on_click is None else partial(_hand_on, key, on_click),
    )
    return _click(result.get("click"))


def preload_plots(key: str = "preload") -> None:
    """Have the browser load Plotly before the first plot is due; draws nothing."""
    _component(key=key, data={"library": LIBRARY, "height": 0}, on_click_change=_nothing)


def _click(event: Any) -> Click | None:
    if not isinstance(event, dict):
        return None
    number = event["point_number"]
    return Click(**{**event, "point_number": tuple(number) if isinstance(number, list) else number})


def _hand_on(key: str, on_click: Callable[[Click], None]) -> None:
    click = _click(st.session_state[key].get("click"))
    if click is not None:
        on_click(click)


def _nothing() -> None:
    """Streamlit wants a callback for each event that a component can report."""
