"""The controls with which a person overrides the stages of the pipeline.

While the controls are on the page, they decide, and the address follows them. Otherwise the address
decides: the first picture after a link starts with the settings of the link.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from fmnist.prediction.options import KindChoice, Options
from fmnist.prediction.pixels import Box
from fmnist.ui.parts import address
from fmnist.ui.parts.parameters import STAGES
from fmnist.ui.predict.rounds import begin, latest, start_over
from fmnist.ui.predict.stage_address import (
    THRESHOLD_LIMIT,
    THRESHOLD_STEP,
    TURN_LIMIT,
    TURN_STEP,
    as_text,
    default_options,
    in_percent,
)

KINDS: dict[str, str] = {"auto": "Decide for me", "photo": "A photo", "drawing": "A drawing"}
CHOICES: dict[str, bool | None] = {"Automatic": None, "Yes": True, "No": False}
AUTOMATIC_THRESHOLD = 0


def choose_options(picture: str, known: KindChoice) -> Options:
    """Show the controls; a picture starts as a link says, or with everything automatic.

    Parameters
    ----------
    picture : its name
    known : its kind, if its source tells; "auto" if not
    """
    this = begin(picture, known)
    start, key = this.start, this.key
    with st.expander("Change a stage", icon=":material/tune:"):
        first, second, third = st.columns(3, gap="large")
        with first:
            kind = _kind(start.kind, key("kind")) if known == "auto" else known
            invert = _choice("Negate the brightness", start.invert, key("invert"), _INVERT_HELP)
            fill = _choice("Fill closed outlines", start.fill, key("fill"), _FILL_HELP)
        with second:
            rotation = st.slider(
                "Turn, in degrees", -TURN_LIMIT, TURN_LIMIT, int(start.rotation), TURN_STEP,
                key=key("turn"), on_change=address.changed_here,
            )  # fmt: skip
            mirror = st.toggle(
                "Mirror left and right",
                start.mirror,
                key=key("mirror"),
                on_change=address.changed_here,
            )
            threshold = st.slider(
                "Threshold of what belongs to the item, in %",
                AUTOMATIC_THRESHOLD, THRESHOLD_LIMIT, round(100 * (start.threshold or 0)),
                THRESHOLD_STEP, key=key("threshold"), help=_THRESHOLD_HELP,
                on_change=address.changed_here,
            )  # fmt: skip
        with third:
            crop = _crop(start.crop, key)
        options = Options(
            kind=kind,
            invert=invert,
            fill=fill,
            crop=crop,
            rotation=float(rotation),
            mirror=mirror,
            threshold=threshold / 100 if threshold else None,
            box=start.box,
            taps=start.taps,
        )
        st.button(
            "Start over",
            icon=":material/restart_alt:",
            key=key("reset"),
            disabled=options == default_options(known),
            on_click=start_over,
        )
    address.write(STAGES, as_text(options, known))
    return options


def wait_for_picture() -> None:
    """Without a picture, keep a link's settings in the address, drop those of the last one."""
    if latest().is_shown():
        address.write(STAGES, None)


_INVERT_HELP = "The data shows items bright on black. A photo on a light background is negated."
_FILL_HELP = "Cloth is an area, not a line. Drawn outlines are closed and filled."
_THRESHOLD_HELP = "0 leaves it to the app. Higher keeps less of the picture."


def _kind(start: KindChoice, key: str) -> KindChoice:
    kinds = list(KINDS)
    chosen: Any = st.selectbox(
        "The picture is",
        kinds,
        kinds.index(start),
        format_func=KINDS.__getitem__,
        key=key,
        on_change=address.changed_here,
    )
    kind: KindChoice = chosen
    return kind


def _choice(label: str, start: bool | None, key: str, help: str) -> bool | None:
    default = next(name for name, value in CHOICES.items() if value is start)
    chosen = st.segmented_control(
        label,
        list(CHOICES),
        default=default,
        required=True,
        key=key,
        help=help,
        on_change=address.changed_here,
    )
    return CHOICES[str(chosen)]


def _crop(start: Box | None, key: Callable[[str], str]) -> Box | None:
    by_hand = st.toggle(
        "Crop it myself",
        start is not None,
        key=key("crop"),
        help="Off: trimmed to the item.",
        on_change=address.changed_here,
    )
    if not by_hand:
        return None
    from_left, from_right, from_top, from_bottom = in_percent(start or (0, 0, 1, 1))
    left, right = st.slider(
        "Left and right, in %",
        0,
        100,
        (from_left, from_right),
        key=key("crop-x"),
        on_change=address.changed_here,
    )
    top, bottom = st.slider(
        "Top and bottom, in %",
        0,
        100,
        (from_top, from_bottom),
        key=key("crop-y"),
        on_change=address.changed_here,
    )
    if right - left < 1 or bottom - top < 1:
        st.caption("The box is empty, so it is not used.")
        return None
    return (left / 100, top / 100, right / 100, bottom / 100)
