"""The drawing canvas: tools, faint outlines to trace, and the drawing as an RGB picture."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist.classes import CLASS_NAMES
from fmnist.ui.predict.canvas_package import canvas, improve_canvas
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


def drawing_board(visible: bool) -> NDArray[np.uint8] | None:
    """Draw canvas and tools; to be called in every run.

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
        drawing = canvas(
            KEY, mode, width, "#000000" if tool == "Eraser" else "#ffffff",
            outline(None if guide == FREE else CLASS_NAMES.index(guide)), SIZE,
        )  # fmt: skip
    improve_canvas(polygon=mode == "polygon")
    st.caption(_hint(tool))
    return picture_of(drawing)


def _hint(tool: str) -> str:
    if tool == "Polygon":
        return "Tap the corners one by one; tap the first corner again to close the shape."
    return "Draw one item of clothing. Outlines are filled for you."
