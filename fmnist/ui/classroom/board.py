"""The leaderboard of a round, and what the class is doing now."""

import streamlit as st

from fmnist.training import classroom
from fmnist.training.classroom import Round, Standing
from fmnist.training.progress import LIVE
from fmnist.training.runs import RunError
from fmnist.ui.parts.known_runs import summaries
from fmnist.ui.parts.text import plain
from fmnist.ui.server import owner

PLACES = 30


def leaderboard() -> None:
    """Draw the best run of everybody; it redraws itself."""
    now = classroom.current_round()
    if now is None:
        st.info("No round has begun yet. What you train now is practice.")
        return
    st.subheader(_title(now), anchor=False)
    st.fragment(_places, run_every=None if now.over else 2.0)()


def _title(now: Round) -> str:
    if now.over:
        return f"The round is over: best validation accuracy within {now.budget} epochs"
    return f"Who gets the best validation accuracy within {now.budget} epochs?"


def _places() -> None:
    now = classroom.current_round()
    if now is None:
        return
    nicknames = classroom.people()
    found = classroom.standings(summaries().sound(), nicknames, now)
    me = owner.person()
    if not found:
        st.caption(
            "Nobody has a complete epoch yet. A run counts with all training images and a "
            "validation split of 0.15."
        )
        return
    head = "| | Nickname | Validation accuracy | Epochs |"
    lines = [f"{head} Test accuracy |" if now.over else head,
             "|--:|---|--:|--:|" + ("--:|" if now.over else "")]  # fmt: skip
    shown = list(enumerate(found, start=1))
    mine = [place for place in shown[PLACES:] if place[1].person == me]
    lines += [_line(number, place, me, now.over) for number, place in [*shown[:PLACES], *mine]]
    st.markdown("\n".join(lines))
    if len(found) > PLACES:
        st.caption(f"The first {PLACES} of {len(found)}.")


def _line(number: int, place: Standing, me: str, over: bool) -> str:
    name = plain(place.nickname)
    cells = [
        str(number),
        f"**{name}** (you)" if place.person == me else name,
        f"{place.best:.2%}",
        str(place.epochs),
    ]
    if over:
        cells.append("–" if place.test is None else f"{place.test:.2%}")
    return f"| {' | '.join(cells)} |"


def at_work() -> str:
    """How many have joined, and how many runs wait and train, in one sentence."""
    states = []
    for item in summaries().sound():
        try:
            states.append(summaries().state(item.run))
        except RunError:
            continue
    live = [state for state in states if state in LIVE]
    waiting = live.count("waiting")
    joined = len(classroom.people())
    return (
        f"{joined} joined · {len(live) - waiting} runs at work · {waiting} in line · "
        f"{len(states)} in all"
    )
