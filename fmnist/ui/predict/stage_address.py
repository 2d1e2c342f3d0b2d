"""Stage settings as one parameter of the address, such as ``?stages=fill:no,turn:15``.

Only what differs from automatic is named. Anybody may have written the text: each part is looked
up among all that the controls of Predict can say, and a part that is not among it is passed over.
"""

from __future__ import annotations

from typing import Any

from fmnist.prediction.correction import Point
from fmnist.prediction.options import KindChoice, Options
from fmnist.prediction.pixels import Box
from fmnist.ui.parts.parameters import LONGEST_STAGES

TURN_LIMIT, TURN_STEP = 180, 5  # degrees
THRESHOLD_LIMIT, THRESHOLD_STEP = 95, 5  # per cent
MOST_TAPS = 8  # the last ones count

_KINDS: dict[str, KindChoice] = {"photo": "photo", "drawing": "drawing"}
_CHOICES = {"yes": True, "no": False}
_TURNS = {str(v): float(v) for v in range(-TURN_LIMIT, TURN_LIMIT + 1, TURN_STEP)}
_THRESHOLDS = {str(v): v / 100 for v in range(THRESHOLD_STEP, THRESHOLD_LIMIT + 1, THRESHOLD_STEP)}
_PERCENT = {str(v): v for v in range(101)}


def default_options(known: KindChoice) -> Options:
    """What the pipeline does when nothing is overridden."""
    return Options(kind=known)


def as_text(options: Options, known: KindChoice) -> str | None:
    """The parameter for settings that the controls can have; None if all of them are automatic."""
    said = {
        "kind": _name(_KINDS, options.kind) if known == "auto" else "",
        "invert": _name(_CHOICES, options.invert),
        "fill": _name(_CHOICES, options.fill),
        "turn": _name(_TURNS, options.rotation or None),
        "mirror": "yes" if options.mirror else "",
        "threshold": _name(_THRESHOLDS, options.threshold),
        "crop": "-".join(map(str, in_percent(options.crop))) if options.crop else "",
        "box": "-".join(map(str, in_percent(options.box))) if options.box else "",
        "taps": "-".join(str(round(100 * v)) for tap in options.taps for v in tap),
    }
    return ",".join(f"{name}:{value}" for name, value in said.items() if value) or None


def from_text(text: str, known: KindChoice) -> Options:
    """The settings that a parameter names; whatever it says, the controls can show them.

    Parameters
    ----------
    text : of the parameter
    known : the picture's kind, if its source tells; the control of it is then not there
    """
    if len(text) > LONGEST_STAGES:
        return default_options(known)
    said = dict(part.split(":", 1) for part in text.split(",") if ":" in part)
    return Options(
        kind=_KINDS.get(said.get("kind", ""), "auto") if known == "auto" else known,
        invert=_CHOICES.get(said.get("invert", "")),
        fill=_CHOICES.get(said.get("fill", "")),
        crop=_box(said.get("crop", "")),
        rotation=_TURNS.get(said.get("turn", ""), 0.0),
        mirror=said.get("mirror") == "yes",
        threshold=_THRESHOLDS.get(said.get("threshold", "")),
        box=None if known == "drawing" else _box(said.get("box", "")),
        taps=() if known == "drawing" else _taps(said.get("taps", "")),
    )


def in_percent(box: Box) -> tuple[int, int, int, int]:
    """Left, right, top and bottom of a box in per cent, in the order of the controls."""
    left, top, right, bottom = (round(100 * edge) for edge in box)
    return left, right, top, bottom


def _name(values: dict[str, Any], wanted: object) -> str:
    return next((name for name, value in values.items() if value == wanted), "")


def _box(text: str) -> Box | None:
    edges = [_PERCENT.get(edge) for edge in text.split("-", 4)]
    if len(edges) != 4 or None in edges:
        return None
    left, right, top, bottom = (edge / 100 for edge in edges if edge is not None)
    return (left, top, right, bottom) if left < right and top < bottom else None


def _taps(text: str) -> tuple[Point, ...]:
    places = [_PERCENT.get(part) for part in text.split("-", 2 * MOST_TAPS)]
    if len(places) % 2 or len(places) > 2 * MOST_TAPS or None in places:
        return ()
    shares = [place / 100 for place in places if place is not None]
    return tuple(zip(shares[::2], shares[1::2], strict=True))
