"""All runs of the server: open one, or pick some to lay over the charts."""

import time
from dataclasses import dataclass

import streamlit as st

from fmnist.charts import theme
from fmnist.charts.training import Overlay
from fmnist.recipe_words import brief, describe
from fmnist.training import runs
from fmnist.training.progress import LIVE, Follower
from fmnist.training.runs import Run, RunError

SHOWN = 8


@dataclass(frozen=True)
class Summary:
    """One line of the list."""

    state: str
    recipe: str
    result: str


def run_list(current: Run | None) -> None:
    """Draw the list of runs, newest first, without the one that is open."""
    others = [run for run in runs.list_runs() if current is None or run.id != current.id]
    if not others:
        return
    st.subheader("Earlier runs", anchor=False)
    for run in others[:SHOWN]:
        _line(run)
    if len(others) > SHOWN:
        with st.expander(f"{len(others) - SHOWN} more"):
            for run in others[SHOWN:]:
                _line(run)


def choose_overlays(current: Run) -> list[Overlay]:
    """Draw the choice of earlier runs to compare with; the chosen ones, ready to be drawn."""
    others = {run.id: run for run in runs.list_runs() if run.id != current.id}
    chosen = st.multiselect(
        "Compare with",
        [run_id for run_id, run in others.items() if _has_epochs(run)],
        format_func=lambda run_id: label(others[run_id]) if run_id in others else run_id,
        max_selections=len(theme.OVERLAY_COLORS),
        placeholder="Earlier runs",
        help="Draws the curves of earlier runs behind the present ones.",
        key="overlays",
    )
    return [_overlay(others[run_id]) for run_id in chosen if run_id in others]


def label(run: Run) -> str:
    """A run in a few words: when, and how."""
    return f"{started(run)}, {brief(run.recipe())}"


def started(run: Run) -> str:
    """When a run was started, in the server's time."""
    return time.strftime("%d %b %H:%M", time.localtime(run.created()))


def _line(run: Run) -> None:
    try:
        summary = _summary(run)
    except RunError:
        return  # deleted or damaged since it was listed
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.page_link(
            "pages/train.py",
            label=started(run),
            icon=":material/show_chart:",
            query_params={"run": run.id},
        )
        st.badge(summary.state, color="blue" if summary.state in LIVE else "gray")
        st.caption(f"{summary.result}{summary.recipe}")


def _summary(run: Run) -> Summary:
    follower = Follower(run)
    state, progress, recipe = follower.state(), follower.progress, run.recipe()
    if progress.test is not None:
        result = f"test accuracy {progress.test.accuracy:.4f} · "
    elif progress.epochs:
        result = f"after epoch {progress.completed} · "
    else:
        result = ""
    return Summary(state, describe(recipe), result)


def _has_epochs(run: Run) -> bool:
    try:
        return run.events_path.stat().st_size > 0
    except OSError:
        return False


def _overlay(run: Run) -> Overlay:
    return Overlay(label(run), tuple(Follower(run).poll().epochs))
