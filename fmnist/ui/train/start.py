"""Start: one run for one press, and for a double click."""

import threading
import time
from dataclasses import dataclass, field

import streamlit as st

from fmnist import environment
from fmnist.recipe import Recipe
from fmnist.training import groups
from fmnist.training.runs import RunError
from fmnist.ui.parts import address
from fmnist.ui.parts.parameters import GROUP, RUN
from fmnist.ui.parts.text import plain
from fmnist.ui.server import owner, resources
from fmnist.ui.train.form import form_recipe
from fmnist.ui.train.several import is_several, planned

STARTED = "started"  # a LastStart
NOT_STARTED = "not-started"  # why Start has made no run
SECOND_CLICK_SECONDS = 2.0  # after the page has gone to the run


@dataclass
class LastStart:
    """What a visitor has started last: a run, or a group of runs.

    Streamlit serves a second click in another thread while the first is still served, and ends the
    first where that touches the session's state or sends something. So the session keeps one such
    object, which each thread holds while it makes a run and notes it here.
    """

    query: dict[str, str] | None = None  # what the address of it says
    # On the clock of time.monotonic:
    followed: float | None = None  # when the page went there
    drawn: float = float("-inf")  # when the form was drawn last
    lock: threading.Lock = field(default_factory=threading.Lock)

    def is_recent(self) -> bool:
        """Whether an address without the run is one from before the page went there."""
        if self.query is None:
            return False
        return self.followed is None or time.monotonic() - self.followed < SECOND_CLICK_SECONDS

    def is_second_click(self) -> bool:
        """Whether another click now is the second of two, however late a busy server sees it.

        Until the form was drawn anew nobody can have pressed for another run.
        """
        if self.query is not None and self.followed is not None and self.drawn < self.followed:
            return True
        return self.is_recent()


def start_button() -> None:
    """Draw the button."""
    _last_start().drawn = time.monotonic()
    label = "Start them" if is_several() else "Start"
    st.button(label, type="primary", icon=":material/play_arrow:", key="start", on_click=_start)


def where_runs_are_trained() -> None:
    """Draw a line about the cluster, if there is one; strangers need no address of it."""
    queue = resources.job_queue()
    if problem := queue.problem():
        st.warning(f"{plain(problem)}.", icon=":material/cloud_off:")
    elif (about := queue.about()) and environment.mode() != "public":
        st.caption(about)


def start_problem() -> None:
    """Say once why no run was made."""
    if NOT_STARTED in st.session_state:
        st.error(plain(st.session_state.pop(NOT_STARTED)), icon=":material/error:")


def go_to_started_run() -> None:
    """Go to the run that was just started; a second click still brings the form's address."""
    last = _last_start()
    if last.is_recent() and last.query and not any(map(address.text, (RUN, GROUP))):
        address.replace(last.query)
        last.followed = last.followed or time.monotonic()


def forget_start() -> None:
    """The form was asked for: from now on a click on Start is another one."""
    st.session_state.pop(STARTED, None)


def _start() -> None:
    """Train what the form says by now."""
    last, recipe = _last_start(), form_recipe()
    problem = None
    with last.lock:
        if last.is_second_click():
            return
        try:
            last.query = _make(planned(recipe))
            last.followed = None
        except (RunError, ValueError) as raised:
            problem = str(raised)
    if problem is not None:
        st.session_state[NOT_STARTED] = problem


def _make(recipes: list[Recipe]) -> dict[str, str]:
    """Make the runs and put them in line; what the address of them says."""
    queue, person = resources.job_queue(), owner.person()
    if len(recipes) == 1:
        return RUN.query(queue.start(recipes[0], person).id)
    group = groups.new_id()
    queue.start_group(recipes, person, group)
    return GROUP.query(group)


def _last_start() -> LastStart:
    last: LastStart = st.session_state.setdefault(STARTED, LastStart())
    return last
