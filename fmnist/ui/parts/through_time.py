"""The epochs that a model has kept: a slider over them, a play button, the model as it was then.

The key of a slider names its place on a page; the epoch it shows stands in the address.
"""

from dataclasses import replace

import streamlit as st

from fmnist.terms import hint
from fmnist.training.progress import LIVE
from fmnist.training.runs import Run, RunError
from fmnist.ui.parts import address
from fmnist.ui.parts.known_runs import summaries
from fmnist.ui.parts.model_picker import Subject
from fmnist.ui.parts.pace import look_seconds
from fmnist.ui.parts.parameters import EPOCH, Parameter
from fmnist.ui.parts.text import plain

PLAY_SECONDS = 0.3
PAGE_SECONDS = 0.7  # where a whole page is drawn anew for each epoch
LIVE_SECONDS = 1.0


def choose_epoch(subject: Subject, key: str) -> Subject:
    """Draw slider and button if whole networks are kept; the model as it was after that epoch.

    While it plays, or follows a run at work, the whole page is drawn anew for each epoch.
    """
    epochs = subject.kept.whole_epochs() if subject.kept else []
    follow_address(subject, epochs, key, EPOCH)
    if not epochs or subject.kept is None:
        return subject
    epoch = epochs[-1]
    if len(epochs) > 1:
        move(epochs, key)
        playing = plays(key)
        epoch = time_controls(epochs, key, EPOCH)
        every = PAGE_SECONDS if playing else look_seconds(LIVE_SECONDS) if subject.live else None
        st.fragment(_clock, run_every=every)(subject, epochs, playing, [True])
    try:
        return at_epoch(subject, epoch, is_newest=epoch == epochs[-1])
    except RunError as problem:
        st.warning(plain(problem), icon=":material/error:")
        return subject


def at_epoch(subject: Subject, epoch: int, is_newest: bool) -> Subject:
    """The model as it was after an epoch. Raises RunError if that cannot be read.

    The newest of a trained model is the model itself: what is kept beside it is rounded.
    """
    assert subject.kept is not None
    if is_newest and subject.network is not None:
        return subject
    return replace(
        subject,
        network=subject.kept.network(epoch),
        version="-".join(map(str, subject.kept.version(epoch))),
        epoch=None if is_newest else epoch,
    )


def _clock(subject: Subject, epochs: list[int], playing: bool, is_first: list[bool]) -> None:
    """Draws nothing: by the clock it has the page drawn with the next epoch."""
    if is_first:
        is_first.clear()  # this call is the page's own
        return
    more = subject.kept is not None and subject.kept.epochs() != epochs
    ended = subject.run is None or not is_live(subject.run)
    if playing or (subject.live and (more or ended)):
        st.rerun()  # the whole page shows the model, and sets how often this looks


def is_live(run: Run) -> bool:
    """Whether a run is at work; one that was deleted meanwhile is not."""
    try:
        return summaries().state(run) in LIVE
    except RunError:
        return False


def follow_address(
    subject: Subject, epochs: list[int], key: str, parameter: Parameter[int]
) -> None:
    """Take over the epoch of a link; an epoch of another model, or not kept, leaves the address."""
    slider, drawn = f"{key}-epoch", f"{key}-model"
    wanted = address.value(parameter)
    news = address.is_news(parameter, slider)
    another = st.session_state.get(drawn, subject.ref) != subject.ref
    st.session_state[drawn] = subject.ref
    if news or another:
        st.session_state.pop(slider, None)  # then the newest is shown
        st.session_state.pop(f"{key}-newest", None)
        st.session_state[f"{key}-playing"] = False
    if news and wanted in epochs:
        st.session_state[slider] = wanted
    if wanted not in epochs[:-1] or (another and not news):  # the newest needs no parameter
        address.write(parameter, None)


def move(epochs: list[int], key: str) -> None:
    """Move the slider to the newest epoch if it follows the run, and by one step if it plays.

    A run that ended since the last look may have had epochs until then, so that it is followed too.
    """
    slider, newest = f"{key}-epoch", f"{key}-newest"
    epoch = st.session_state.get(slider)
    if epoch not in epochs or epoch == st.session_state.get(newest):
        st.session_state[slider] = epochs[-1]  # follows the run
    st.session_state[newest] = epochs[-1]
    if plays(key):
        following = epochs.index(st.session_state[slider]) + 1
        if following < len(epochs):
            st.session_state[slider] = epochs[following]
        else:
            st.session_state[f"{key}-playing"] = False


def time_controls(epochs: list[int], key: str, parameter: Parameter[int]) -> int:
    """Play button and slider over the epochs that are kept; returns the epoch to show."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        icon = ":material/pause:" if plays(key) else ":material/play_arrow:"
        st.button(
            "Pause" if plays(key) else "Play", icon=icon, key=f"{key}-play",
            on_click=_play_or_pause, args=(key, epochs, parameter),
        )  # fmt: skip
        return int(
            st.select_slider(
                "Epoch (0 is before training)", epochs, key=f"{key}-epoch", help=hint("epoch"),
                on_change=_write_epoch, args=(key, epochs, parameter),
            )
        )  # fmt: skip


def plays(key: str) -> bool:
    """Whether the epochs go by."""
    return bool(st.session_state.get(f"{key}-playing"))


def _play_or_pause(key: str, epochs: list[int], parameter: Parameter[int]) -> None:
    slider = f"{key}-epoch"
    if not plays(key) and st.session_state[slider] == epochs[-1]:
        st.session_state[slider] = epochs[0]
    st.session_state[f"{key}-playing"] = not plays(key)
    _write_epoch(key, epochs, parameter)


def _write_epoch(key: str, epochs: list[int], parameter: Parameter[int]) -> None:
    """The newest epoch needs no parameter, nor do those that pass by."""
    epoch = int(st.session_state[f"{key}-epoch"])
    address.write(parameter, None if plays(key) or epoch == epochs[-1] else epoch)
