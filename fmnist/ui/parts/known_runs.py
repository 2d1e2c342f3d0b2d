"""What all sessions of the server know of the runs."""

import threading
import time
from weakref import WeakValueDictionary

import streamlit as st

from fmnist.training import expected
from fmnist.training.progress import Follower
from fmnist.training.run import Run
from fmnist.training.summaries import Summaries
from fmnist.ui.server import resources

WATCH_SECONDS = 10.0  # between two notes that somebody looks at a run
EXPECT_SECONDS = 2.0  # for which an expected wait is shown again


@st.cache_resource(show_spinner=False)
def summaries() -> Summaries:
    """The one reader of all runs: what one visit has read, no other reads again."""
    return Summaries()


class Followers:
    """One reader of each run that anybody looks at, for as long as somebody keeps it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: WeakValueDictionary[str, Follower] = WeakValueDictionary()

    def of(self, run: Run) -> Follower:
        """The reader of this run; a new one if the folder holds another run by now."""
        with self._lock:
            known = self._known.get(run.id)
            if known is None or known.run != run:
                known = self._known[run.id] = Follower(run)
            return known


@st.cache_resource(show_spinner=False)
def followers() -> Followers:
    """Events of a run are read once for all who look at it."""
    return Followers()


class Watched:
    """When each run was last noted as watched, by any visitor."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._noted: dict[str, float] = {}

    def note(self, run: Run) -> None:
        """Note it in the run's folder, unless that was done a moment ago."""
        now = time.monotonic()
        with self._lock:
            if now - self._noted.get(run.id, float("-inf")) < WATCH_SECONDS:
                return
            recent = now - 100 * WATCH_SECONDS
            self._noted = {name: when for name, when in self._noted.items() if when > recent}
            self._noted[run.id] = now
        run.watch()


@st.cache_resource(show_spinner=False)
def _watched() -> Watched:
    return Watched()


def watched(run: Run) -> None:
    """Somebody looks at this run, which is at work or waits."""
    _watched().note(run)


@st.cache_data(show_spinner=False, ttl=EXPECT_SECONDS)
def expected_waits() -> dict[str, float]:
    """Seconds until each run in line is taken, by its id; the same for all who look."""
    queue = resources.job_queue()
    return expected.waits(queue.line(), summaries(), queue.capacity())
