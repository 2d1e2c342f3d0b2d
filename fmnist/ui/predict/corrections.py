"""Corrections in place, on the photo itself: taps, a box, turns; each can be taken back."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from fmnist.prediction.inference import Answer, Predictor
from fmnist.prediction.options import Options
from fmnist.prediction.result import Result
from fmnist.ui.parts import address
from fmnist.ui.predict.photo import Gesture
from fmnist.ui.predict.rounds import begin_with, latest
from fmnist.ui.predict.stage_address import MOST_TAPS, TURN_LIMIT


def correct(gesture: Gesture) -> None:
    """Take over what a person did on the photo; a box begins anew. In whole per cent, as links."""
    start = latest().start
    if gesture.tap is not None:
        x, y = gesture.tap
        taps = (*start.taps, (round(x, 2), round(y, 2)))
        begin_with(replace(start, taps=taps[-MOST_TAPS:]))
    elif gesture.box is not None:
        left, top, right, bottom = (round(edge, 2) for edge in gesture.box)
        if left < right and top < bottom:
            begin_with(replace(start, box=(left, top, right, bottom), taps=()))


def correction_buttons(options: Options) -> None:
    """Take the last correction back; turn and mirror the photo."""
    key = latest().key
    with st.container(horizontal=True, horizontal_alignment="center"):
        st.button(
            "Undo", icon=":material/undo:", key=key("undo"), on_click=_undo,
            disabled=not (options.taps or options.box),
        )  # fmt: skip
        st.button("Turn", icon=":material/rotate_left:", key=key("quarter"), on_click=_turn)
        st.button("Mirror", icon=":material/flip:", key=key("flip"), on_click=_mirror)


def _undo() -> None:
    start = latest().start
    if start.taps:
        begin_with(replace(start, taps=start.taps[:-1]))
    else:
        begin_with(replace(start, box=None))


def offer_turn(predictor: Predictor, result: Result, answer: Answer, certainty: float) -> None:
    """If the picture were surer when turned, say so, with a button that turns it."""
    if answer.verdict(certainty) == "sure":
        return
    turn = predictor.better_turn(result, answer)
    if turn is None:
        return
    answer = turn.answer
    words = "upside down" if turn.degrees == 180 else "by a quarter"
    st.button(
        f"Turned {words}: {answer.class_name}, {answer.confidence_in_words()}. Turn it",
        icon=":material/rotate_left:", key=latest().key("offer"), on_click=_turn,
        args=(turn.degrees,),
    )  # fmt: skip


def _turn(degrees: int = 90) -> None:
    """Counter-clockwise."""
    key = latest().key("turn")
    st.session_state[key] = (st.session_state[key] + degrees + TURN_LIMIT) % 360 - TURN_LIMIT
    address.changed_here()


def _mirror() -> None:
    key = latest().key("mirror")
    st.session_state[key] = not st.session_state[key]
    address.changed_here()
