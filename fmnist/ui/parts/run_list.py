"""All runs of the server: open one, delete a damaged one, or pick some to lay over the charts."""

import time

import streamlit as st

from fmnist.charts import theme
from fmnist.charts.training import Overlay
from fmnist.recipe_words import brief, describe
from fmnist.training import runs
from fmnist.training.progress import LIVE
from fmnist.training.runs import Run, RunError
from fmnist.training.summaries import Damaged, Summary
from fmnist.ui.parts.known_runs import summaries
from fmnist.ui.parts.text import plain

SHOWN = 8
NOT_DELETED = "not-deleted"


def run_list(current: Run | None) -> None:
    """Draw the list of runs, newest first, without the one that is open."""
    others = [item for item in summaries().all() if item.run != current]
    message = st.session_state.pop(NOT_DELETED, None)
    if message:
        st.error(plain(message), icon=":material/error:")
    if not others:
        return
    st.subheader("Earlier runs", anchor=False)
    for item in others[:SHOWN]:
        _line(item)
    if len(others) > SHOWN:
        with st.expander(f"{len(others) - SHOWN} more"):
            for item in others[SHOWN:]:
                _line(item)


def choose_overlays(current: Run) -> list[Overlay]:
    """Draw the choice of earlier runs to compare with; the chosen ones, ready to be drawn."""
    others = {item.run.id: item for item in summaries().sound() if item.run != current}
    chosen = st.multiselect(
        "Compare with",
        [run_id for run_id, item in others.items() if item.epochs],
        format_func=lambda run_id: label(others[run_id]) if run_id in others else run_id,
        max_selections=len(theme.OVERLAY_COLORS),
        placeholder="Earlier runs",
        help="Draws the curves of earlier runs behind the present ones.",
        key="overlays",
    )
    return [
        Overlay(label(others[run_id]), others[run_id].epochs)
        for run_id in chosen
        if run_id in others
    ]


def label(item: Summary) -> str:
    """A run in a few words: when, and how."""
    return f"{started(item)}, {brief(item.recipe)}"


def started(item: Summary) -> str:
    """When a run was started, in the server's time."""
    return time.strftime("%d %b %H:%M", time.localtime(item.created))


def _line(item: Summary | Damaged) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if isinstance(item, Damaged):
            _damaged_line(item)
            return
        st.page_link(
            "pages/train.py",
            label=started(item),
            icon=":material/show_chart:",
            query_params={"run": item.run.id},
        )
        st.badge(item.state, color="blue" if item.state in LIVE else "gray")
        st.caption(f"{_result(item)}{describe(item.recipe)}")


def _damaged_line(item: Damaged) -> None:
    st.badge("damaged", icon=":material/warning:", color="orange")
    st.caption(plain(item.problem))
    if runs.MADE_ID.fullmatch(item.run.id):  # else it may be no run but something of a person's
        st.button(
            "Delete",
            key=f"delete_{item.run.id}",
            icon=":material/delete:",
            type="tertiary",
            on_click=_delete,
            args=(item.run.id,),
        )


def _delete(run_id: str) -> None:
    try:
        runs.delete(run_id)
    except RunError as problem:
        st.session_state[NOT_DELETED] = str(problem)


def _result(item: Summary) -> str:
    if item.test is not None:
        return f"test accuracy {item.test.accuracy:.4f} · "
    return f"after epoch {item.completed} · " if item.completed else ""
