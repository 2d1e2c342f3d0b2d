"""The drawing canvas: tools, faint outlines to trace, and the drawing as an RGB picture.

The canvas is streamlit-drawable-canvas. By itself it waits 0.2 s after a stroke before it reports
it, and hides its toolbar until a mouse hovers over it; a small component beside it reports at once
and keeps the toolbar in sight, for fingers too.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import streamlit as st
import streamlit_drawable_canvas
from numpy.typing import NDArray

from fmnist.classes import CLASS_NAMES
from fmnist.ui.parts.tiles import data_url
from fmnist.ui.predict.drawing import picture_of
from fmnist.ui.predict.outlines import SIZE, outline

KEY = "canvas"
TOOLS: dict[str, str] = {  # name -> drawing mode of the canvas
    "Pen": "freedraw",
    "Eraser": "freedraw",
    "Line": "line",
    "Box": "rect",
    "Circle": "circle",
    "Polygon": "polygon",
}
_STYLE = "<style>.st-key-canvas-frame { padding-top: 2.2rem; }</style>"  # room for its toolbar
_HIDDEN = "<style>.st-key-drawing-board { display: none; }</style>"
FREE = "Nothing, draw freely"

_pen = st.components.v2.component(
    "fmnist_pen", js=(Path(__file__).parent / "canvas.js").read_text(), html="<div></div>"
)


def drawing_board(visible: bool) -> NDArray[np.uint8] | None:
    """The place of canvas and tools, to be called in every run.

    Once something is drawn the canvas stays on the page, out of sight while another source is
    chosen: the drawing, its undo steps and the tools are as they were when a person comes back.

    Returns
    -------
    ndarray of shape (336, 336, 3), uint8, or None
        White on black; None while nothing is drawn.
    """
    with st.container(key="drawing-board"):
        st.html(_STYLE if visible else _HIDDEN)
        if not visible and KEY not in st.session_state:
            return None
        return _draw_picture()


def _draw_picture() -> NDArray[np.uint8] | None:
    tool = st.segmented_control(
        "Tool", list(TOOLS), default="Pen", required=True, key="tool",
        label_visibility="collapsed",
        wrap=True,
    )  # fmt: skip
    sizes, guides = st.columns(2)
    width = sizes.slider("Brush size", 2, 40, 14, key="brush")
    guide = guides.selectbox("Outline to trace", [FREE, *CLASS_NAMES], key="guide")
    assert isinstance(tool, str)
    mode = TOOLS[tool]
    with st.container(key="canvas-frame"):
        drawing = _canvas(
            mode, width, "#000000" if tool == "Eraser" else "#ffffff",
            outline(None if guide == FREE else CLASS_NAMES.index(guide)),
        )  # fmt: skip
    _pen(key="pen", data={"polygon": mode == "polygon"}, height=0)
    st.caption(_hint(tool))
    return picture_of(drawing)


def _canvas(mode: str, width: int, color: str, ground: bytes) -> object:
    """The canvas itself, as ``st_canvas`` shows it; what is drawn as objects and as a PNG.

    ``st_canvas`` hands the browser an empty first drawing as a dict, in which Streamlit looks for
    data frames, and imports pandas and PyArrow for it: 70 MB and half a second. The canvas takes
    JSON text as well, so its component is called directly.
    """
    result = streamlit_drawable_canvas.out(
        key=KEY,
        data={
            "fillColor": "#ffffff",
            "strokeWidth": width,
            "strokeColor": color,
            "backgroundColor": "",
            # Always an image behind the drawing: a change to or from a plain colour would wipe it.
            "backgroundImageURL": data_url(ground),
            "backgroundImageFit": "stretch",
            "realtimeUpdateStreamlit": mode != "polygon",  # sent when it is closed
            "canvasWidth": SIZE,
            "canvasHeight": SIZE,
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


def _nothing() -> None:
    """Streamlit wants a callback for each state that a component can report."""


def _hint(tool: str) -> str:
    if tool == "Polygon":
        return "Tap the corners one by one; tap the first corner again to close the shape."
    return "Draw one item of clothing. Outlines are filled for you."
