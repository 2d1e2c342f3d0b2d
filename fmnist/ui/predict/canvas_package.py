"""All that the app uses of streamlit-drawable-canvas beyond its public ``st_canvas``.

An upgrade of the package may change any of it; `tests/unit/test_canvas_package.py` then says what
broke. `canvas.js` belongs to it: the names of the canvas's parts of a page stand there.
"""

from __future__ import annotations

import json
from pathlib import Path

import streamlit_drawable_canvas

from fmnist.ui.parts.component import component
from fmnist.ui.parts.tiles import data_url

_pen = component(
    "fmnist_pen", js=(Path(__file__).parent / "canvas.js").read_text(), html="<div></div>"
)


def canvas(key: str, mode: str, width: int, colour: str, ground: bytes, size: int) -> object:
    """The canvas as ``st_canvas`` shows it.

    ``st_canvas`` hands the browser an empty first drawing as a dict. Streamlit looks for data
    frames in it and imports pandas and PyArrow for that: 70 MB and half a second. The canvas takes
    JSON text as well, so its component is called directly.

    Parameters
    ----------
    mode : drawing mode of the canvas
    width : of the brush, in pixels
    colour : of the brush, as CSS writes it
    ground : PNG that lies behind the drawing
    size : width and height of the canvas, in pixels

    Returns
    -------
    object
        What the browser reports, which may be anything. From the canvas itself it is a dict, or
        None: ``raw`` is the drawing as objects, ``data`` the same as a data URL of a PNG, and both
        are None while nothing is drawn.
    """
    result = streamlit_drawable_canvas.out(
        key=key,
        data={
            "fillColor": "#ffffff",
            "strokeWidth": width,
            "strokeColor": colour,
            "backgroundColor": "",
            # Always an image behind the drawing: a change to or from a plain colour would wipe it.
            "backgroundImageURL": data_url(ground),
            "backgroundImageFit": "stretch",
            "realtimeUpdateStreamlit": mode != "polygon",  # sent when it is closed
            "canvasWidth": size,
            "canvasHeight": size,
            "drawingMode": mode,
            "initialDrawing": json.dumps({"objects": [], "background": ""}),
            "displayRadius": 5,
            "returnImageData": True,
            "disabled": False,
            "maxDisplayHeight": None,
            "fontSize": 20,
            "label": "",
        },
        default={"drawing": {"raw": None, "data": None}, "backgroundFit": None},
        on_drawing_change=_nothing,
        on_backgroundFit_change=_nothing,
        width="content",
        height="content",
    )
    return result.get("drawing")


def improve_canvas(polygon: bool) -> None:
    """Have the canvas report each stroke at once, and keep its toolbar in sight.

    By itself the canvas waits 0.2 s after a stroke before it reports it, and hides its toolbar
    until a mouse hovers over it, which no finger can.

    Parameters
    ----------
    polygon : whether polygons are drawn, which are reported when they are closed
    """
    _pen(key="pen", data={"polygon": polygon}, height=0)


def _nothing() -> None:
    """Streamlit wants a callback for each state that a component can report."""
