"""Runs to lay over the charts, and those that are damaged."""

import time
from collections.abc import Container
from contextlib import suppress

import streamlit as st

from fmnist import environment
from fmnist.catalogue import told_apart
from fmnist.charts import theme
from fmnist.charts.training import Overlay
from fmnist.training import runs
from fmnist.training.run_words import brief
from fmnist.training.runs import Run, RunError, RunFolder
from fmnist.training.summaries import Summary
from fmnist.ui.parts import address
from fmnist.ui.parts.known_runs import summaries
from fmnist.ui.parts.parameters import OVERLAYS
from fmnist.ui.parts.text import plain
from fmnist.ui.server import owner

SHOWN, MORE = 8, 50  # runs at first, and with each press of the button beneath them
LINES = "run-lines"  # how many of them this visitor has asked for
NOT_DELETED = "not-deleted"
CHOSEN = "overlays"


def choose_overlays(current: Run) -> list[Run]:
    """Draw the choice of earlier runs to compare with; the chosen ones."""
    named = address.value(OVERLAYS) or ()  # a link leads to any run
    others = {
        item.run.id: item
        for item in summaries().sound()
        if item.epochs
        and item.run.id != current.id
        and (item.run.id in named or owner.may_see(item.run))
    }
    labels = told_apart({run_id: label(item) for run_id, item in others.items()})
    news = address.is_news(OVERLAYS, CHOSEN)
    before = list((address.value(OVERLAYS) or ()) if news else st.session_state[CHOSEN])
    there = [run_id for run_id in dict.fromkeys(before) if run_id in others]
    if news or there != before:  # one of them has been deleted, or is the one that is open now
        st.session_state[CHOSEN] = there[: len(theme.OVERLAY_COLORS)]
    chosen = st.multiselect(
        "Compare with",
        list(others),
        format_func=lambda run_id: labels.get(run_id, run_id),
        max_selections=len(theme.OVERLAY_COLORS),
        placeholder="Compare with earlier runs",
        label_visibility="collapsed",
        key=CHOSEN,
        on_change=address.changed_here,
        width=350,
    )
    address.write(OVERLAYS, tuple(chosen) or None)
    return [others[run_id].run for run_id in chosen]


def overlays(chosen: list[Run]) -> list[Overlay]:
    """Earlier runs as they are now, ready to be drawn; without those deleted meanwhile."""
    found = []
    for run in chosen:
        with suppress(RunError):
            found.append(summaries().of(run))
    labels = told_apart({item.run.id: label(item) for item in found})
    return [Overlay(labels[item.run.id], item.epochs) for item in found]


def label(item: Summary) -> str:
    """A run in a few words: its name, or when it was started, and how it was trained."""
    return f"{item.label.name or started(item.run)}, {brief(item.run)}"


def started(run: Run) -> str:
    """When a run was started, in the server's time."""
    return time.strftime("%d %b %H:%M", time.localtime(run.created))


def damaged_lines(sound: Container[str]) -> None:
    """Name the damaged runs, with a way to delete them, where all runs are this visitor's."""
    message = st.session_state.pop(NOT_DELETED, None)
    if message:
        st.error(plain(message), icon=":material/error:")
    if environment.mode() != "personal":
        return
    damaged = [folder for folder in runs.folders() if folder.id not in sound]
    lines = st.session_state.get(LINES, SHOWN)
    for folder in damaged[:lines]:
        try:
            summaries().of(folder)
        except RunError as problem:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                _damaged_line(folder, problem)
    if len(damaged) > lines:
        st.button(
            f"{len(damaged) - lines} more that are damaged",
            key="more-runs",
            icon=":material/expand_more:",
            type="tertiary",
            on_click=_show_more,
        )


def _show_more() -> None:
    st.session_state[LINES] = st.session_state.get(LINES, SHOWN) + MORE


def _damaged_line(folder: RunFolder, problem: RunError) -> None:
    st.badge("damaged", icon=":material/warning:", color="orange")
    st.caption(plain(problem))
    if runs.MADE_ID.fullmatch(folder.id):  # another may be a person's own folder
        st.button(
            "Delete",
            key=f"delete_{folder.id}",
            icon=":material/delete:",
            type="tertiary",
            on_click=_delete,
            args=(folder.id,),
        )


def _delete(run_id: str) -> None:
    try:
        runs.delete(run_id)
    except RunError as problem:
        st.session_state[NOT_DELETED] = str(problem)
