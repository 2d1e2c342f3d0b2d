"""A strip of test images to pick from; the chosen one is in the URL as ``?index=``."""

import numpy as np
import streamlit as st

from fmnist.charts import theme
from fmnist.charts.figure import Figure
from fmnist.dataset import Dataset
from fmnist.ui.parts import address, parameters
from fmnist.ui.parts.plot import plot

INDEX_KEY = "index"
STRIP = "strip"  # how often other images were asked for
COLUMNS, ROWS = 6, 2
CELL = 30  # edge of an image with the gap beside it


def pick_sample(data: Dataset) -> int:
    """Show the strip; index of the chosen test image."""
    count = len(data.test_images)
    if address.is_news(parameters.INDEX, INDEX_KEY):
        wanted = address.value(parameters.INDEX)
        st.session_state[INDEX_KEY] = wanted if wanted is not None and wanted < count else 0
    indices = _strip_indices(count)
    click = plot(_strip(data, indices), key="samples", height=180, clickable=True, modebar=False)
    if click is not None:
        column, row = int(click.x) // CELL, int(click.y) // CELL
        if 0 <= column < COLUMNS and 0 <= row < ROWS:
            st.session_state[INDEX_KEY] = int(indices[row * COLUMNS + column])
    number, more = st.columns([2, 1], vertical_alignment="bottom")
    more.button("Other images", icon=":material/shuffle:", on_click=_shuffle, width="stretch")
    index = number.number_input(
        "Test image", 0, count - 1, key=INDEX_KEY, on_change=address.changed_here
    )
    # The first image needs no parameter: written by itself, it would be a step of its own in the
    # browser's history, and each step back would write it again.
    named = index != 0 or address.text(parameters.INDEX) is not None
    address.write(parameters.INDEX, int(index) if named else None)
    return int(index)


def _shuffle() -> None:
    st.session_state[STRIP] = st.session_state.get(STRIP, 0) + 1


def _strip_indices(count: int) -> np.ndarray:
    """Indices of the strip's images: the first ones, later random ones that follow from a seed."""
    number = st.session_state.get(STRIP, 0)
    if number == 0:
        return np.arange(COLUMNS * ROWS)
    return np.random.default_rng(number).choice(count, COLUMNS * ROWS, replace=False)


def _strip(data: Dataset, indices: np.ndarray) -> Figure:
    sheet = np.zeros((ROWS * CELL, COLUMNS * CELL, 4), np.uint8)
    numbers = np.zeros((ROWS * CELL, COLUMNS * CELL), np.int32)
    for k, index in enumerate(indices):
        row, column = divmod(k, COLUMNS)
        cell = (
            slice(row * CELL + 1, row * CELL + 29),
            slice(column * CELL + 1, column * CELL + 29),
        )
        sheet[(*cell, slice(0, 3))] = data.test_images[index][..., None]
        sheet[(*cell, 3)] = 255
        numbers[cell] = index
    image = {
        "type": "image", "z": sheet, "colormodel": "rgba", "customdata": numbers,
        "hovertemplate": "Test image %{customdata}<extra></extra>",
    }  # fmt: skip
    hidden = {"visible": False, "fixedrange": True}
    layout = theme.layout(
        margin={"l": 0, "r": 0, "t": 0, "b": 0}, dragmode=False, xaxis=hidden, yaxis=hidden
    )
    return {"data": [image], "layout": layout}
