"""Buttons of a run that trains, and of one that has ended but can go on."""

from dataclasses import replace

import streamlit as st

from fmnist.environment import pause_seconds
from fmnist.recipe import Recipe, field_table
from fmnist.training.progress import LIVE, PAUSED, RESUMABLE, RUNNING, Follower, Progress
from fmnist.training.runs import Control, Run, RunError
from fmnist.ui.parts import address
from fmnist.ui.parts.text import plain
from fmnist.ui.server import owner, resources
from fmnist.ui.train.form import to_query
from fmnist.ui.train.start import forget_start

MESSAGE = "control-message"  # why a run could not be asked for something


def controls(follower: Follower, state: str) -> None:
    """Draw the buttons that make sense in this state, always at the same places."""
    run = follower.run
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if not owner.may_control(run):
            st.badge("You are watching", icon=":material/visibility:", color="gray")
            st.caption(
                "This run is somebody else's. **New run** opens the form with its recipe, to train "
                "one of your own."
            )
        elif state in LIVE:
            _live_buttons(follower, state)
        elif state in RESUMABLE and run.foreign:
            st.caption("Your own program trained this. To go on, call `fit` there once more.")
        elif state in RESUMABLE:
            st.button(
                "Resume",
                type="primary",
                key="resume",
                icon=":material/play_arrow:",
                on_click=_resume,
                args=(run,),
                disabled=run.is_locked("worker"),  # its model is being written
                help="Carries on after the last complete epoch.",
            )
            _rate_input(run, follower.progress)
    message = st.session_state.pop(MESSAGE, None)
    if message:
        st.error(plain(message), icon=":material/error:")


def new_run_button(run: Run) -> None:
    """Draw the way back to the form, filled with this run's recipe, if it has one."""
    st.button(
        "New run",
        type="tertiary",
        key="new_run",
        icon=":material/add:",
        on_click=_back_to_form,
        args=(run.recipe,),
        help=None if run.foreign else "Opens the form with this run's recipe. This run is kept.",
    )


def _live_buttons(follower: Follower, state: str) -> None:
    run, progress, control = follower.run, follower.progress, follower.run.control()
    stopping = control.state == "stop"
    moving = state in (RUNNING, PAUSED) and not stopping
    if state == PAUSED:
        st.button(
            "Resume",
            key="pause",
            icon=":material/play_arrow:",
            on_click=_ask,
            args=(run, replace(control, state="run", pause_after=None)),
            disabled=not moving,
        )
    else:
        st.button(
            "Pause",
            key="pause",
            icon=":material/pause:",
            on_click=_ask,
            args=(run, replace(control, state="pause", pause_after=None)),
            disabled=not moving,
            help="Holds training where it is. Nothing is lost. While others wait in line, a pause "
            f"lasts {pause_seconds() / 60:g} min at most: then the run is stopped, and Resume "
            "can carry on later.",
        )
    step = replace(control, state="run", pause_after=progress.completed + 1)
    st.button(
        "Step",
        key="step",
        icon=":material/skip_next:",
        on_click=_ask,
        args=(run, step),
        disabled=not moving,
        help="Trains to the end of this epoch, then pauses.",
    )
    st.button(
        "Stop",
        key="stop",
        icon=":material/stop:",
        on_click=_stop,
        args=(run,),
        disabled=stopping,
        help="Ends the run now. All complete epochs are kept, with a model to download; "
        "Resume can carry on later.",
    )
    _rate_input(run, progress, disabled=not moving)


def _rate_input(run: Run, progress: Progress, disabled: bool = False) -> None:
    item = field_table()["learning_rate"]
    assert item.minimum is not None and item.maximum is not None
    key = f"rate_{run.id}"
    # The first value is the widget's default, which stays the same while the run is open. A value
    # in the session state would reach the browser only once. A browser that missed it between two
    # looks at the run would answer with another value, as if typed.
    rate = run.control().learning_rate or progress.learning_rate or run.recipe.learning_rate
    # A schedule falls to zero, below what may be typed.
    rate = min(max(float(rate), item.minimum), item.maximum)
    first = st.session_state.setdefault(f"first_{key}", rate)
    st.markdown(
        item.label,
        width="content",
        help="Type a new rate and press Enter. It takes effect at once; the charts mark it.",
    )
    st.number_input(
        item.label,
        label_visibility="collapsed",
        min_value=item.minimum,
        max_value=item.maximum,
        value=first,
        step=item.step_at(first),
        format="%g",
        key=key,
        on_change=_ask_for_rate,
        args=(run, key),
        disabled=disabled,
        width=150,
    )


def _ask_for_rate(run: Run, key: str) -> None:
    rate = st.session_state[key]
    if rate is not None:
        _ask(run, replace(run.control(), learning_rate=float(rate)))


def _ask(run: Run, control: Control) -> None:
    try:
        owner.check(run)
        run.ask(control)
    except RunError as problem:
        st.session_state[MESSAGE] = str(problem)


def _stop(run: Run) -> None:
    if not (owner.may_control(run) and resources.job_queue().withdraw(run.id)):
        _ask(run, replace(run.control(), state="stop", pause_after=None))


def _resume(run: Run) -> None:
    try:
        owner.check(run)
        run.ask(Control(learning_rate=run.control().learning_rate))  # a rate stays until another
        resources.job_queue().submit(run)
    except RunError as problem:
        st.session_state[MESSAGE] = str(problem)


def _back_to_form(recipe: Recipe) -> None:
    forget_start()
    address.replace(to_query(recipe))
