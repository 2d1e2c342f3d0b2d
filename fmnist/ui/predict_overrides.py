"""The controls with which a person overrides the stages of the pipeline."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from fmnist.prediction.preprocess import Box, Kind, Options

KINDS: dict[str, str] = {"auto": "Decide for me", "photo": "A photo", "drawing": "A drawing"}
CHOICES: dict[str, bool | None] = {"Automatic": None, "Yes": True, "No": False}
TURN_STEP = 5
AUTOMATIC_THRESHOLD = 0


def choose_options(subject: str, drawn: bool) -> Options:
    """Show the controls; each subject starts with everything automatic.

    Parameters
    ----------
    subject : name of the picture
    drawn : whether it was drawn here; its kind is then known
    """
    base = Options(kind="drawing") if drawn else Options()
    # Widgets are named after the subject, and numbered, so that "Start over" gives fresh ones.
    round_key = f"overrides-{subject}"
    number = st.session_state.get(round_key, 0)

    def key(name: str) -> str:
        return f"{name}-{subject}-{number}"

    with st.expander("Change a stage", icon=":material/tune:"):
        first, second, third = st.columns(3, gap="large")
        with first:
            kind = base.kind if drawn else _kind(key)
            invert = _choice("Negate the brightness", key("invert"), _INVERT_HELP)
            fill = _choice("Fill closed outlines", key("fill"), _FILL_HELP)
        with second:
            rotation = st.slider("Turn, in degrees", -180, 180, 0, TURN_STEP, key=key("turn"))
            mirror = st.toggle("Mirror left and right", key=key("mirror"))
            threshold = st.slider(
                "Threshold of what belongs to the item, in %", AUTOMATIC_THRESHOLD, 95,
                AUTOMATIC_THRESHOLD, 5, key=key("threshold"), help=_THRESHOLD_HELP,
            )  # fmt: skip
        with third:
            crop = _crop(key)
        options = Options(
            kind=kind,
            invert=invert,
            fill=fill,
            crop=crop,
            rotation=float(rotation),
            mirror=mirror,
            threshold=threshold / 100 if threshold else None,
        )
        st.button(
            "Start over",
            icon=":material/restart_alt:",
            key=key("reset"),
            disabled=options == base,
            on_click=_start_over,
            args=(round_key, number),
        )
    return options


def default_options(drawn: bool) -> Options:
    """What the pipeline does when nothing is overridden."""
    return Options(kind="drawing") if drawn else Options()


_INVERT_HELP = "The data shows items bright on black. A photo on a light background is negated."
_FILL_HELP = "Cloth is an area, not a line. Drawn outlines are closed and filled."
_THRESHOLD_HELP = "0 leaves it to the app. Higher keeps less of the picture."


def _kind(key: Callable[[str], str]) -> Kind:
    chosen: Any = st.selectbox(
        "The picture is", list(KINDS), format_func=KINDS.__getitem__, key=key("kind")
    )
    kind: Kind = chosen
    return kind


def _choice(label: str, key: str, help: str) -> bool | None:
    chosen = st.segmented_control(
        label, list(CHOICES), default="Automatic", required=True, key=key, help=help
    )
    return CHOICES[str(chosen)]


def _crop(key: Callable[[str], str]) -> Box | None:
    if not st.toggle("Crop it myself", key=key("crop"), help="Off: trimmed to the item."):
        return None
    left, right = st.slider("Left and right, in %", 0, 100, (0, 100), key=key("crop-x"))
    top, bottom = st.slider("Top and bottom, in %", 0, 100, (0, 100), key=key("crop-y"))
    if right - left < 1 or bottom - top < 1:
        st.caption("The box is empty, so it is not used.")
        return None
    return (left / 100, top / 100, right / 100, bottom / 100)


def _start_over(round_key: str, number: int) -> None:
    st.session_state[round_key] = number + 1
