"""One run on the page: followed while it trains, at rest once it has ended."""

import time

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from fmnist.charts.training import Overlay, View, training_figure
from fmnist.training.expected import in_words
from fmnist.training.progress import FAILED, FINISHED, INTERRUPTED, LIVE, Follower, Progress
from fmnist.training.run_words import describe
from fmnist.training.runs import Run
from fmnist.ui.parts import address
from fmnist.ui.parts.known_runs import expected_waits, followers, watched
from fmnist.ui.parts.pace import has_changed, look_seconds
from fmnist.ui.parts.parameters import GROUP, LOG_LOSS, RUN, SMOOTHING
from fmnist.ui.parts.plot import plot
from fmnist.ui.parts.run_list import choose_overlays, overlays
from fmnist.ui.parts.text import plain
from fmnist.ui.server import resources
from fmnist.ui.train.compared import recipe_differences
from fmnist.ui.train.controls import controls, new_run_button
from fmnist.ui.train.foreign import not_shown
from fmnist.ui.train.neurons import neurons
from fmnist.ui.train.results import downloads, layers, results
from fmnist.ui.train.status import explain, pending, status_line

POLL_SECONDS = 0.4
# A training process does what it is asked within about a tenth of a second. The page waits for
# that, so that it need not wait for the next look at the run.
ANSWER_SECONDS = 0.4
FOLLOWER = "follower"  # the reader of the run that is open


def run_view(run: Run) -> None:
    """Draw a run; the part that changes redraws itself for as long as the run is alive.

    That part looks at this run, and at those laid over its charts, but never at all of them.
    """
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.caption(plain(describe(run)), width="content")
        new_run_button(run)
        if run.group:
            st.page_link("pages/train.py", label="Its group", icon=":material/stacked_line_chart:",
                         query_params=GROUP.query(run.group))  # fmt: skip
        chosen = choose_overlays(run)
    moving = _is_moving(run)
    seconds = look_seconds(POLL_SECONDS)
    part = st.fragment(_moving_part, run_every=seconds if moving else None)
    part(run, chosen, moving, seconds)


def _is_moving(run: Run) -> bool:
    """Whether it may still change: it trains or waits, or its model is being written."""
    return _follower(run).state() in LIVE or run.is_locked("worker")


def _moving_part(run: Run, chosen: list[Run], drawn_moving: bool, seconds: float) -> None:
    moving = _is_moving(run)
    follower = _follower(run)
    state, progress = follower.state(), follower.progress
    if moving:
        watched(run)
    left = address.text(RUN) != run.id  # the address has changed since the page was drawn
    if left or moving != drawn_moving or (moving and has_changed(seconds, POLL_SECONDS)):
        st.rerun()  # the whole page, which also starts or ends the polling, or sets its pace
    with st.container(key="head"):
        line = st.empty()
        _head(follower, state, line)
    charts = st.container()
    view = _chart_options(progress)
    with charts:
        _charts(progress, run.epochs, view, overlays(chosen))
    recipe_differences([run, *chosen])
    neurons(run)
    if run.foreign:
        not_shown(run, progress)
    with st.container():
        if state not in LIVE:
            _rest(run, progress)
    if _asked(follower, state) and _answered(follower, state):
        # The page says that it was asked. Now that it has been done it says so, before all the rest
        # is drawn anew.
        _status(follower, follower.state(), line)
        st.rerun()


def _asked(follower: Follower, state: str) -> str | None:
    return pending(state, follower.run.control(), follower.progress.completed)


def _answered(follower: Follower, before: str) -> bool:
    """Wait a moment for the run to do what it was asked, now that the page says so."""
    deadline = time.monotonic() + ANSWER_SECONDS
    while follower.state() == before:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def _status(follower: Follower, state: str, line: DeltaGenerator) -> None:
    """Say the state of the run in its line."""
    run = follower.run
    with line:
        asked = _asked(follower, state)
        status_line(state, follower.progress, run.epochs, waits_for(run), asked)


def _head(follower: Follower, state: str, line: DeltaGenerator) -> None:
    """State and progress; beneath them the controls, or in their place the results."""
    run, progress = follower.run, follower.progress
    failure = resources.job_queue().failure(run.id)
    if failure and state == INTERRUPTED:
        state = FAILED  # the run's own folder could not take the message
    _status(follower, state, line)
    explain(state, progress, failure)
    if state == FINISHED and progress.test is not None:
        results(progress.test, progress.data_official)
    else:
        controls(follower, state)


def waits_for(run: Run) -> str:
    """What a waiting run waits for: the data, a process that starts, or the runs before it."""
    queue = resources.job_queue()
    download, position = queue.download(), queue.position(run.id)
    if download is not None and download.active:
        return f"Downloading Fashion-MNIST, {download.share:.0%} of 30 MB"
    if problem := queue.problem():
        return problem
    if position is not None:
        place = f"Place {position} in line" if position > 1 else "Next in line"
        seconds = expected_waits().get(run.id)
        return place if seconds is None else f"{place}, its turn comes {in_words(seconds)}"
    starting = queue.is_starting(run.id)
    return "TensorFlow is starting, which takes some seconds" if starting else "In line"


def _chart_options(progress: Progress) -> View:
    smoothing, log, _ = st.columns([1.2, 1, 2], gap="medium", vertical_alignment="bottom")
    with smoothing:
        weight = st.slider(
            "Smoothing",
            0.0,
            0.95,
            step=0.05,
            **address.bind(SMOOTHING),
            help="Averages each point with those before it, so that the trend shows.",
        )
    with log:
        log_loss = st.toggle(
            "Logarithmic loss",
            **address.bind(LOG_LOSS),
            help="Gives small losses as much room as large ones.",
        )
    return View(weight, log_loss, reference=progress.data_official)


def _charts(progress: Progress, epochs: int, view: View, behind: list[Overlay]) -> None:
    loss, accuracy = st.columns(2, gap="small")
    with loss:
        plot(training_figure(progress, "loss", epochs, view, behind), "loss", 380)
    with accuracy:
        plot(training_figure(progress, "accuracy", epochs, view, behind), "accuracy", 380)


def _rest(run: Run, progress: Progress) -> None:
    take, table = st.columns([1, 1], gap="large")
    with take:
        st.subheader("Take it with you", anchor=False)
        downloads(run, progress)
        if run.is_locked("worker"):
            st.caption("The model is being written.")
        if not run.foreign:
            st.caption("The notebook is plain Keras and trains this recipe again.")
    with table:
        st.subheader("Layers", anchor=False)
        if run.foreign:
            st.markdown("\n".join(f"* {plain(layer)}" for layer in run.foreign.layers))
            st.caption(f"{run.foreign.parameters:,} parameters are trained.")
        else:
            layers(run.recipe)


def _follower(run: Run) -> Follower:
    """The reader of this run, which the session keeps and shares with all others."""
    follower = st.session_state.get(FOLLOWER)
    if not isinstance(follower, Follower) or follower.run != run:
        follower = st.session_state[FOLLOWER] = followers().of(run)
    return follower
