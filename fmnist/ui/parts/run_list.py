"""All runs of the server: open one, delete a damaged one, or pick some to lay over the charts."""

import time
from contextlib import suppress

import streamlit as st

from fmnist import environment
from fmnist.catalogue import told_apart
from fmnist.charts import theme
from fmnist.charts.training import Overlay
from fmnist.recipe_words import brief, describe
from fmnist.training import runs
from fmnist.training.progress import LIVE
from fmnist.training.runs import Run, RunError, RunFolder
from fmnist.training.summaries import Summary
from fmnist.ui.parts import address
from fmnist.ui.parts.known_runs import summaries
from fmnist.ui.parts.parameters import OVERLAYS, RUN
from fmnist.ui.parts.text import plain
from fmnist.ui.server import owner

SHOWN, MORE = 8, 50  # runs at first, and with each press of the button beneath them
LINES = "run-lines"  # how many of them this visitor has asked for
NOT_DELETED = "not-deleted"
CHOSEN = "overlays"


def run_list(current: Run | None) -> None:
    """Draw the list of runs, newest first, without the one that is open.

    Only the runs that are drawn are looked at, however many there are.
    """
    others = [run for run in _listed() if current is None or run.id != current.id]
    message = st.session_state.pop(NOT_DELETED, None)
    if message:
        st.error(plain(message), icon=":material/error:")
    if not others:
        return
    st.subheader("Earlier runs", anchor=False)
    lines = st.session_state.get(LINES, SHOWN)
    for run in others[:lines]:
        _line(run)
    if len(others) > lines:
        st.button(
            f"{len(others) - lines} more",
            key="more-runs",
            icon=":material/expand_more:",
            type="tertiary",
            on_click=_show_more,
        )


def _listed() -> list[RunFolder]:
    """Runs that this visitor may see, newest first; damaged ones too where all are theirs."""
    if environment.mode() == "personal":
        return runs.folders()
    return [item.run for item in summaries().sound() if owner.may_see(item.run)]


def choose_overlays(current: Run) -> list[Run]:
    """Draw the choice of earlier runs to compare with; the chosen ones."""
    others = {
        item.run.id: item.run
        for item in summaries().sound()
        if item.epochs and item.run.id != current.id and owner.may_see(item.run)
    }
    labels = told_apart({run_id: label(run) for run_id, run in others.items()})
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
    return [others[run_id] for run_id in chosen]


def overlays(chosen: list[Run]) -> list[Overlay]:
    """Earlier runs as they are now, ready to be drawn; without those deleted meanwhile."""
    labels = told_apart({run.id: label(run) for run in chosen})
    found = []
    for run in chosen:
        with suppress(RunError):
            found.append(Overlay(labels[run.id], summaries().of(run).epochs))
    return found


def label(run: Run) -> str:
    """A run in a few words: when, and how."""
    return f"{started(run)}, {brief(run.recipe)}"


def started(run: Run) -> str:
    """When a run was started, in the server's time."""
    return time.strftime("%d %b %H:%M", time.localtime(run.created))


def _show_more() -> None:
    st.session_state[LINES] = st.session_state.get(LINES, SHOWN) + MORE


def _line(folder: RunFolder) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        try:
            state, item = summaries().state(folder), summaries().of(folder)
        except RunError as problem:
            _damaged_line(folder, problem)
            return
        st.page_link(
            "pages/train.py",
            label=started(item.run),
            icon=":material/show_chart:",
            query_params=RUN.query(item.run.id),
        )
        st.badge(state, color="blue" if state in LIVE else "gray")
        st.caption(f"{_result(item)}{describe(item.run.recipe)}")


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


def _result(item: Summary) -> str:
    if item.test is not None:
        return f"test accuracy {item.test.accuracy:.4f} · "
    return f"after epoch {item.completed} · " if item.completed else ""
