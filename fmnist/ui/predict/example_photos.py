"""A strip of ten bundled photos; the chosen one is in the URL as ``?image=``."""

import numpy as np
import streamlit as st
from PIL import Image

from fmnist.charts import theme
from fmnist.charts.figure import Figure
from fmnist.classes import CLASS_COUNT, CLASS_NAMES
from fmnist.prediction import examples
from fmnist.ui.parts import address, parameters
from fmnist.ui.parts.plot import Click, plot

IMAGE_KEY = "example-photo"
COLUMNS, ROWS = 5, 2
CELL = 72  # edge of a photo with the gap around it


def pick_example() -> int:
    """Show the strip; the class of the chosen photo."""
    if address.is_news(parameters.IMAGE, IMAGE_KEY):
        wanted = address.value(parameters.IMAGE)
        st.session_state[IMAGE_KEY] = 0 if wanted is None else wanted
    plot(_strip(), key="examples", height=150, modebar=False, on_click=_choose)
    label = int(
        st.selectbox(
            "Photo", range(CLASS_COUNT), key=IMAGE_KEY, format_func=CLASS_NAMES.__getitem__,
            on_change=address.changed_here, help=examples.SOURCE,
        )
    )  # fmt: skip
    named = label != 0 or address.text(parameters.IMAGE) is not None
    address.write(parameters.IMAGE, label if named else None)
    return label


def _choose(click: Click) -> None:
    column, row = int(click.x) // CELL, int(click.y) // CELL
    if 0 <= column < COLUMNS and 0 <= row < ROWS:
        st.session_state[IMAGE_KEY] = row * COLUMNS + column
        address.changed_here()


@st.cache_data(show_spinner=False)
def _strip() -> Figure:
    sheet = np.zeros((ROWS * CELL, COLUMNS * CELL, 4), np.uint8)
    for label in range(CLASS_COUNT):
        row, column = divmod(label, COLUMNS)
        image = Image.fromarray(examples.read(label)).resize((CELL - 4, CELL - 4))
        top, left = row * CELL + 2, column * CELL + 2
        sheet[top : top + CELL - 4, left : left + CELL - 4, :3] = np.asarray(image)
        sheet[top : top + CELL - 4, left : left + CELL - 4, 3] = 255
    image_trace = {"type": "image", "z": sheet, "colormodel": "rgba", "hoverinfo": "skip"}
    hidden = {"visible": False, "fixedrange": True}
    layout = theme.layout(
        margin={"l": 0, "r": 0, "t": 0, "b": 0}, dragmode=False, xaxis=hidden, yaxis=hidden
    )
    return {"data": [image_trace], "layout": layout}
