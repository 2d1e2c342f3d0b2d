"""What a person decided about the picture that is on the page, as long as it is there."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import streamlit as st

from fmnist.prediction.options import KindChoice, Options
from fmnist.ui.parts import address
from fmnist.ui.parts.parameters import STAGES
from fmnist.ui.predict.stage_address import as_text, default_options, from_text

ROUND = "round of overrides"


@dataclass(frozen=True)
class Round:
    """One set of controls, whose keys contain its number, so that another round has fresh ones.

    Attributes
    ----------
    number : of the round
    picture : its name
    start : what the controls say before a person touches them
    """

    number: int = 0
    picture: str = ""
    start: Options = field(default_factory=Options)

    def key(self, name: str) -> str:
        """Key of a control."""
        return f"{name}-{self.number}"

    def is_shown(self) -> bool:
        """Whether its controls were on the page in the last run."""
        return self.key("turn") in st.session_state


def latest() -> Round:
    """The round that is on the page, or was the last one."""
    found: Round = st.session_state.get(ROUND, Round())
    return found


def begin(picture: str, known: KindChoice) -> Round:
    """The round of this picture: the latest one unless picture or address are new."""
    last = latest()
    news = address.is_news(STAGES, last.key("turn"))
    if not news and last.picture == picture and last.is_shown():
        return last
    wanted = address.text(STAGES) if news else None
    start = default_options(known) if wanted is None else from_text(wanted, known)
    begun = st.session_state[ROUND] = Round(last.number + 1, picture, start)
    # At once, because a run that is cut short before the controls leaves only the address.
    address.write(STAGES, as_text(start, known))
    return begun


def start_over() -> None:
    """Fresh controls, with everything automatic."""
    st.session_state[ROUND] = Round(latest().number + 1)
    address.write(STAGES, None)


def begin_with(start: Options) -> None:
    """The same controls; what was corrected on the photo has no control of its own."""
    st.session_state[ROUND] = replace(latest(), start=start)
    address.changed_here()
