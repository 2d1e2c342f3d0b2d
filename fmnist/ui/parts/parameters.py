"""Every parameter that an address can have, declared once: its name, its pages, its values.

Those of simple widgets are left to Streamlit (`WidgetParameter`), which follows link and back
button by itself. The others (`Parameter`) are read and written by the pages, through
`fmnist.ui.parts.address`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from fmnist.classes import CLASS_COUNT
from fmnist.recipe import Recipe, field_table, to_text
from fmnist.training import groups
from fmnist.training.experiments import NAME
from fmnist.training.runs import RUN_ID

T = TypeVar("T")

TRAIN, PREDICT, WEIGHTS, EVALUATE = "Train", "Predict", "Weights", "Evaluate"  # titles of pages
LEARN = "Learn"
SOURCES = ("draw", "upload", "camera", "photo", "sample")
PARTS_OF_A_STEP = ("Forward", "Backward", "Update")
MOST_RUNS = 20  # of one parameter
MOST_DIGITS = 9
LONGEST_STAGES = 200  # characters; all settings at once take 175
_STAGES = re.compile(r"[a-z]+:[a-z0-9-]+(,[a-z]+:[a-z0-9-]+)*")


@dataclass(frozen=True)
class Parameter(Generic[T]):
    """A parameter that pages read and write.

    Attributes
    ----------
    name : in the address
    pages : titles of the pages that have it
    parse : the value of a text. Raises ValueError with a plain sentence if the text has none
    text : of a value, as `parse` takes it
    explained : whether the page itself says what is wrong with a text
    """

    name: str
    pages: tuple[str, ...]
    parse: Callable[[str], T]
    text: Callable[[T], str] = str
    explained: bool = False

    def query(self, value: T) -> dict[str, str]:
        """The part of a link that says this value."""
        return {self.name: self.text(value)}


@dataclass(frozen=True)
class WidgetParameter:
    """A parameter that Streamlit keeps the same as the widget whose key is its name.

    Its text is the one that the widget shows; a text that the widget cannot show counts as none.
    """

    name: str
    pages: tuple[str, ...]


def _name(text: str) -> str:
    if not RUN_ID.fullmatch(text):
        raise ValueError(f"{text[:20]!r} is no name of a model or a run.")
    return text


def _source(text: str) -> str:
    if text not in SOURCES:
        raise ValueError(f"{text[:20]!r} is no source of pictures; there are {', '.join(SOURCES)}.")
    return text


def _part_of_a_step(text: str) -> str:
    if text not in PARTS_OF_A_STEP:
        raise ValueError(f"{text[:20]!r} is no part of a step: {', '.join(PARTS_OF_A_STEP)}.")
    return text


def _whole_number(text: str) -> int:
    # Digits of other scripts count as digits for Python, and int() refuses thousands of them.
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        raise ValueError(f"{text[:20]!r} is no whole number from 0 on.")
    return int(text)


def _label(text: str) -> int:
    number = _whole_number(text)
    if number >= CLASS_COUNT:
        raise ValueError(f"{text[:20]!r} is no class; there are 0 to {CLASS_COUNT - 1}.")
    return number


def _class_pair(text: str) -> tuple[int, int]:
    numbers = [_whole_number(part) for part in text.split("-", 2)]
    if len(numbers) != 2 or max(numbers) >= CLASS_COUNT:
        raise ValueError(f"{text[:20]!r} names no two classes, such as 6-0.")
    return numbers[0], numbers[1]


def _place(text: str) -> tuple[int, int]:
    numbers = [_whole_number(part) for part in text.split("-", 2)]
    if len(numbers) != 2:
        raise ValueError(f"{text[:20]!r} names no neuron of a layer, such as 0-17.")
    return numbers[0], numbers[1]


def _experiment(text: str) -> str:
    if not NAME.fullmatch(text):
        raise ValueError(f"{text[:20]!r} is no name of an experiment.")
    return text


def _run_ids(text: str) -> tuple[str, ...]:
    names = tuple(text.split(",", MOST_RUNS))
    if len(names) > MOST_RUNS or not all(map(RUN_ID.fullmatch, names)):
        raise ValueError(f"{text[:20]!r} is no list of runs, with commas between them.")
    return names


def _stages(text: str) -> str:
    if not (len(text) <= LONGEST_STAGES and _STAGES.fullmatch(text)):
        raise ValueError(f"{text[:20]!r} is no list of stage settings, such as turn:15,mirror:yes.")
    return text


def _group(text: str) -> str:
    if not groups.GROUP_ID.fullmatch(text):
        raise ValueError(f"{text[:20]!r} is no name of a group of runs.")
    return text


def _seeds(text: str) -> int:
    number = _whole_number(text)
    if not 1 <= number <= groups.MAX_SEEDS:
        raise ValueError(f"{text[:20]!r} seeds cannot be had; there are 1 to {groups.MAX_SEEDS}.")
    return number


def _field(name: str, text: str) -> Any:
    return getattr(Recipe.from_mapping({name: text}), name)


RUN = Parameter("run", (TRAIN,), _name, explained=True)
OVERLAYS = Parameter("compare", (TRAIN,), _run_ids, ",".join)
RECIPE: dict[str, Parameter[Any]] = {
    name: Parameter(name, (TRAIN,), partial(_field, name), to_text, explained=True)
    for name in field_table()
}
SEEDS = Parameter("seeds", (TRAIN,), _seeds)
SWEEP = Parameter("sweep", (TRAIN,), groups.read_sweep, groups.sweep_text)
GROUP = Parameter("group", (TRAIN,), _group)
BESIDE_GROUP = Parameter("with", (TRAIN,), _group)
SMOOTHING = WidgetParameter("smoothing", (TRAIN,))
LOG_LOSS = WidgetParameter("log_loss", (TRAIN,))

MODEL = Parameter("model", (PREDICT, WEIGHTS, EVALUATE, LEARN), _name, explained=True)
EPOCH = Parameter("epoch", (PREDICT, WEIGHTS, EVALUATE, LEARN), _whole_number)
BESIDE = Parameter("beside", (WEIGHTS, EVALUATE), _name, explained=True)

SOURCE = Parameter("source", (PREDICT,), _source)
IMAGE = Parameter("image", (PREDICT,), _label)  # one of the bundled photos
INDEX = Parameter("index", (PREDICT,), _whole_number)
STAGES = Parameter("stages", (PREDICT,), _stages)  # its text: `fmnist.ui.predict.stage_address`
CERTAINTY = WidgetParameter("certainty", (PREDICT,))
MAP = WidgetParameter("map", (PREDICT,))

NEURON = Parameter("neuron", (WEIGHTS,), _whole_number, explained=True)
BESIDE_EPOCH = Parameter("beside_epoch", (WEIGHTS,), _whole_number)
SORT = WidgetParameter("sort", (WEIGHTS,))
OWN_SCALES = WidgetParameter("own", (WEIGHTS,))

PART = WidgetParameter("part", (LEARN,))
PICTURE = Parameter("picture", (LEARN,), _whole_number)
AT = Parameter("at", (LEARN,), _place, lambda at: f"{at[0]}-{at[1]}")
SHOWN = Parameter("shown", (LEARN,), _part_of_a_step)
GAME = Parameter("game", (LEARN,), _whole_number)
LEVEL = WidgetParameter("level", (LEARN,))
STEP_RATE = WidgetParameter("step_rate", (LEARN,))
UNTRAINED = WidgetParameter("untrained", (LEARN,))
BREAK = WidgetParameter("break", (LEARN,))
# How much of each kind of damage, and its curve.
CUT, BITS, NOISE, RIGHT, DOWN, TURN, OFF, WHICH, ONE, CURVE = (
    WidgetParameter(name, (LEARN,))
    for name in ("cut", "bits", "noise", "right", "down", "turned", "off", "which", "one", "curve")
)
EXPERIMENT = Parameter("experiment", (LEARN,), _experiment)

CELL = Parameter("cell", (EVALUATE,), _class_pair, lambda cell: f"{cell[0]}-{cell[1]}")
UNIT = WidgetParameter("unit", (EVALUATE,))
VIEW = WidgetParameter("view", (EVALUATE,))
LIST = WidgetParameter("list", (EVALUATE,))
TRUE_CLASS = WidgetParameter("true", (EVALUATE,))
PREDICTED_CLASS = WidgetParameter("predicted", (EVALUATE,))
CONFIDENCE = WidgetParameter("confidence", (EVALUATE,))
THRESHOLD = WidgetParameter("threshold", (EVALUATE,))
GIVEN_LABEL = WidgetParameter("label", (EVALUATE,))
OPINION = WidgetParameter("opinion", (EVALUATE,))

PARAMETERS: tuple[Parameter[Any] | WidgetParameter, ...] = (
    RUN, OVERLAYS, *RECIPE.values(), SEEDS, SWEEP, GROUP, BESIDE_GROUP, SMOOTHING, LOG_LOSS,
    MODEL, BESIDE, SOURCE, IMAGE, INDEX, STAGES, CERTAINTY, MAP, NEURON, EPOCH, BESIDE_EPOCH, SORT,
    OWN_SCALES, CELL, UNIT, VIEW, LIST, TRUE_CLASS, PREDICTED_CLASS, CONFIDENCE, THRESHOLD,
    GIVEN_LABEL, OPINION, PART, PICTURE, AT, SHOWN, GAME, LEVEL, EXPERIMENT,
    STEP_RATE, UNTRAINED, BREAK, CUT, BITS, NOISE, RIGHT, DOWN, TURN, OFF, WHICH, ONE, CURVE,
)  # fmt: skip
