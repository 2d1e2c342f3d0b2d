"""Why an answer is not sure, and what a person can do about it."""

from __future__ import annotations

from enum import Enum


class Reason(Enum):
    """In one phrase; that of `BETWEEN` names the two classes."""

    STRANGE = "unlike anything known"
    NOT_FOUND = "the item was not found clearly"
    FROM_ABOVE = "shoes are known from the side only"
    UNSTEADY = "the answer changes when the picture is mirrored, moved or turned a little"
    BETWEEN = "between {} and {}"


ADVICE: dict[Reason, str] = {
    Reason.STRANGE: "One item of clothing alone, with nobody in it, works best.",
    Reason.NOT_FOUND: "Draw a box around it, or put it on a plain ground of another colour.",
    Reason.FROM_ABOVE: "Show one shoe from the side, standing on its sole.",
    Reason.UNSTEADY: "Show the whole item upright, spread out, as large as the picture allows.",
    Reason.BETWEEN: "Show what tells them apart: collar, buttons, sleeves, the length.",
}
