"""The confusion matrix, and beside it the images behind the chosen cell."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist.charts.evaluation import confusion_matrix as matrix_figure
from fmnist.classes import CLASS_NAMES
from fmnist.dataset import Dataset
from fmnist.insight.evaluation import Predictions, class_report, confusion_matrix, select
from fmnist.terms import TERMS
from fmnist.ui.evaluate.lists import test_cards
from fmnist.ui.parts import address, parameters
from fmnist.ui.parts.choice import segmented
from fmnist.ui.parts.gallery import gallery
from fmnist.ui.parts.model_picker import Subject
from fmnist.ui.parts.plot import Click, plot

CELL, COUNT = "evaluate-cell", "matrix-shown"
UNITS = ("Counts", "Share of row")
PAGE = 12


@st.fragment
def matrix_section(subject: Subject, predictions: Predictions, data: Dataset) -> None:
    """Draw both; a click on a cell redraws only this part of the page."""
    counts = confusion_matrix(predictions.labels, predictions.predicted)
    left, right = st.columns([1.15, 1], gap="large")
    with left:
        title, switch = st.columns([1.4, 1], vertical_alignment="center")
        measured_on = "" if data.official else f" on {data.name}"
        title.subheader(
            f"Confusion matrix{measured_on}", anchor=False, help=TERMS["confusion matrix"]
        )
        with switch:
            unit = segmented("Cells show", UNITS, parameters.UNIT, label_visibility="collapsed")
        percent = unit == UNITS[1]
        cell = _chosen_cell(counts)
        plot(matrix_figure(counts, percent, cell), "confusion", 520, modebar=False,
             on_click=_open_cell)  # fmt: skip
        st.caption("Click a cell to see the images behind it.")
    with right:
        _cell_images(subject, predictions, data, cell)


def class_table(predictions: Predictions) -> None:
    """Precision, recall, F1 and support of every class, and their plain means."""
    report = class_report(confusion_matrix(predictions.labels, predictions.predicted))
    lines = ["| class | precision | recall | F1 | support |", "|---|--:|--:|--:|--:|"]
    rows = zip(CLASS_NAMES, report.precision, report.recall, report.f1, report.support, strict=True)
    lines += [f"| {name} | {p:.3f} | {r:.3f} | {f:.3f} | {s:,} |" for name, p, r, f, s in rows]
    means = [float(values.mean()) for values in (report.precision, report.recall, report.f1)]
    lines.append(
        f"| **mean** | **{means[0]:.3f}** | **{means[1]:.3f}** | **{means[2]:.3f}** "
        f"| **{report.support.sum():,}** |"
    )
    st.markdown("\n".join(lines))
    st.caption(
        "Precision: of the images given this class, the share that are of it. "
        "Recall: of the images of this class, the share that were given it. "
        "F1: the harmonic mean of both. Support: how many images the class has."
    )


def _chosen_cell(counts: NDArray[np.int64]) -> tuple[int, int]:
    """The cell clicked last, or of the link; the most frequent mistake until then."""
    if address.is_news(parameters.CELL, CELL):
        st.session_state.pop(CELL, None)
        if (cell := address.value(parameters.CELL)) is not None:
            st.session_state[CELL] = cell
    if CELL in st.session_state:
        return st.session_state[CELL]  # type: ignore[no-any-return]
    mistakes = counts.copy()
    mistakes[range(len(counts)), range(len(counts))] = 0
    return divmod(int(mistakes.argmax()), len(counts))


def _open_cell(click: Click) -> None:
    if isinstance(click.point_number, tuple):
        row, column = click.point_number
        st.session_state[CELL] = (int(row), int(column))
        address.write(parameters.CELL, st.session_state[CELL])
        st.session_state[COUNT] = PAGE


def _cell_images(
    subject: Subject, predictions: Predictions, data: Dataset, cell: tuple[int, int]
) -> None:
    true, given = cell
    indices = select(predictions, true_class=true, predicted_class=given)
    name, taken = CLASS_NAMES[true], CLASS_NAMES[given]
    title = f"{name}, recognised" if true == given else f"{name} taken for {taken}"
    st.subheader(f"{title}: {len(indices):,}", anchor=False)
    if not len(indices):
        st.caption("No test image falls into this cell.")
        return
    count = int(st.session_state.get(COUNT, PAGE))
    with st.container(height=520, border=False, key="cell-images"):
        gallery(test_cards(subject, predictions, data, indices[:count]), width=112)
        if count < len(indices):
            st.button("Show more", key="matrix-more", on_click=_show, args=(count + 4 * PAGE,))
    st.caption("Most confident first. Each opens in Predict with its explanation.")


def _show(count: int) -> None:
    st.session_state[COUNT] = count
