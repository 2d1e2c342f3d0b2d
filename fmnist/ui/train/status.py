"""The line on top of a run: its state, and how far it is."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from fmnist.training import progress as states
from fmnist.training.progress import Progress
from fmnist.training.runs import Control
from fmnist.ui.parts.text import plain


def status_line(
    state: str,
    progress: Progress,
    epochs: int,
    waits_for: str = "In line",
    asked: str | None = None,
) -> None:
    """Draw the state, the figures and the progress bar.

    Parameters
    ----------
    state : one of the states of `fmnist.training.progress`
    progress : the run so far
    epochs : that the run is to have
    waits_for : what a waiting run waits for, in words
    asked : the last wish that is not carried out yet, as `pending` says; None if there is none
    """
    share = min(progress.position / epochs, 1.0)
    name = asked or state.capitalize()
    progress_bar("run", state, name, _figures(state, progress, epochs, waits_for), share)


def progress_bar(what: str, state: str, name: str, figures: Sequence[str], share: float) -> None:
    """Draw a state, what stands beside it, and a bar.

    Parameters
    ----------
    what : whose progress it is, for screen readers
    state : decides the look
    name : of the state, as it is shown
    figures : in few words each
    share : of the way that is done, 0 to 1
    """
    beside = "".join(f"<span>{escape(text)}</span>" for text in figures)
    st.html(
        f'<div class="fmnist-status"><b class="{state.replace(" ", "-")}">{name}</b>{beside}</div>'
        f'<div class="fmnist-bar" role="progressbar" aria-label="Progress of the {what}" '
        f'aria-valuemin="0" aria-valuemax="100" aria-valuenow="{100 * share:.0f}">'
        f'<div style="width: {share:.2%}"></div></div>'
        # Said aloud by screen readers, and no more often than anybody can listen to.
        f'<p role="status" class="fmnist-unseen">{name}, {int(10 * share)} tenths done</p>'
    )


def pending(state: str, control: Control, completed: int) -> str | None:
    """The wish that a training process has not carried out yet, in a word, or None."""
    if state in states.LIVE and control.state == "stop":
        return "Stopping…"
    if state == states.RUNNING and control.state == "pause":
        return "Pausing…"
    if state == states.PAUSED and not control.holds(completed):
        return "Resuming…"
    return None


def explain(state: str, progress: Progress, failure: str | None) -> None:
    """Say what an ended run left behind and what can be done now."""
    until = f"Everything up to epoch {progress.completed} is kept"
    kept = f"{until}: curves, weights and model."
    nothing = "No epoch was complete, so there is nothing to keep yet."
    if state == states.STOPPED:
        reason = f"{plain(progress.message)} " if progress.message else ""
        st.info(
            f"{reason}{kept if progress.completed else nothing} **Resume** carries on from there. "
            "Test figures come with a run that goes to its end.",
            icon=":material/stop_circle:",
        )
    elif state == states.FAILED:
        st.error(plain(failure or progress.message), icon=":material/error:")
    elif state == states.INTERRUPTED and progress.phase == states.WAITING:
        st.info("This run has not begun. **Resume** puts it in line.", icon=":material/schedule:")
    elif state == states.INTERRUPTED:
        st.warning(
            f"Training was interrupted at epoch {progress.completed}: the process that trained "
            f"is gone. {f'{until}.' if progress.completed else nothing} **Resume** carries on as "
            "if nothing had happened.",
            icon=":material/power_off:",
        )


def clock(seconds: float) -> str:
    """Seconds as minutes and seconds, or hours, minutes and seconds."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def remaining(progress: Progress, epochs: int) -> float | None:
    """Seconds still to train, from the pace of the last few epochs; None before the first."""
    recent = progress.epochs[-5:]
    if not recent:
        return None
    pace = sum(item.seconds for item in recent) / len(recent)
    return pace * max(epochs - progress.position, 0.0)


def _figures(state: str, progress: Progress, epochs: int, waits_for: str) -> list[str]:
    """What stands beside the state, in few words."""
    complete = f"{progress.completed} of {epochs} epochs"
    trained = f"{clock(progress.elapsed)} trained"
    if state == states.WAITING:
        return [waits_for]
    if state == states.WARMING_UP and progress.prepared is not None:
        return [f"Making changed copies of the images, {progress.prepared:.0%}"]
    if state == states.WARMING_UP:
        return ["Putting data and network in place"]
    if state == states.RUNNING and not progress.points:
        return ["Compiling the first training step"]
    if state == states.RUNNING:
        left = remaining(progress, epochs)
        pace = progress.images_per_second
        return [
            f"Epoch {min(int(progress.position) + 1, epochs)} of {epochs}",
            *([f"{pace:,.0f} images/s"] if pace else []),
            f"{clock(progress.elapsed)} elapsed",
            *([] if left is None else [f"about {clock(left)} left"]),
        ]
    return [complete, trained] if progress.elapsed else [complete]
