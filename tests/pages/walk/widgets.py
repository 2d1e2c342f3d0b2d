"""What can be pressed on a page, and every value that it takes: read from the page as it stands."""

import base64
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from streamlit.proto.WidgetStates_pb2 import WidgetState

from tests.pages.walk.files import DRAWINGS, MODELS, PHOTOS, PICTURES
from tests.pages.walk.visitor import Event, Visitor, click_event

NASTY_TEXTS = ("", "x", "²", "../..", "<b>x</b>", "a" * 10_000, "\u202eright to left\u2067\u200f")
CLICK = "click"
BETWEEN = "between two steps"  # of a slider; a browser sends no such value, a program may


@dataclass(frozen=True)
class Press:
    """Something that a person can do with one widget.

    Attributes
    ----------
    widget : what it is called: its key or its label
    value : what it is set to, in words
    event : what the browser then sends
    download : id of the file that the browser then fetches; empty if none
    way : what stays the same of it however often it is pressed, such as "a step up"; else `value`
    """

    widget: str
    value: str
    event: Event
    download: str = ""
    way: str = ""

    @property
    def mark(self) -> str:
        """What has been tried once it was pressed, whichever run or picture it is about."""
        widget = re.sub(r"_[0-9]{8}-.*|-[0-9]+$", "", self.widget.partition(" (")[0])
        return f"{widget} {(self.way or self.value)[:50]}"

    @property
    def is_button(self) -> bool:
        return self.value == CLICK

    def __repr__(self) -> str:
        value = self.value if len(self.value) < 60 else f"{self.value[:20]}… ({len(self.value)})"
        return f"{self.widget}: {value}"


def presses(visitor: Visitor) -> list[Press]:
    """Everything that can be pressed now, in the order of the page."""
    found: list[Press] = []
    for item in visitor.app._tree:
        make = WAYS.get(item.type)
        if make is not None and not getattr(item.proto, "disabled", False):
            found += make(item)
    for component in visitor.components():
        found += clicks(component)
        if component.key == "canvas":
            found += [
                Press("canvas", name, visitor.draw(drawing)) for name, drawing in DRAWINGS.items()
            ]
    return found


def name_of(item: Any) -> str:
    return item.key or item.proto.label


# One way for each kind of widget ---------------------------------------------------------------


def button(item: Any) -> Iterator[Press]:
    yield Press(
        f"{name_of(item)} ({item.label})", CLICK, Event(WidgetState(id=item.id, trigger_value=True))
    )  # fmt: skip


def download(item: Any) -> Iterator[Press]:
    yield Press(item.label, "download", Event(), download=item.id)


def toggle(item: Any) -> Iterator[Press]:
    for value in (True, False):
        text = None if value == item.proto.default else str(value).lower()
        yield _press(item, str(value), text, bool_value=value)


def selectbox(item: Any) -> Iterator[Press]:
    for number, option in enumerate(item.options):
        text = None if number == item.proto.default else option
        yield _press(item, option, text, string_value=option)


def button_group(item: Any) -> Iterator[Press]:
    for number, option in enumerate(item.options):
        default = list(item.proto.default) == [number]
        yield _press(
            item, option, None if default else option, string_array_value={"data": [option]}
        )
    if not item.proto.required:
        yield _press(item, "nothing", "", string_array_value={"data": []})


def multiselect(item: Any) -> Iterator[Press]:
    options = item.options
    limit = item.max_selections or len(options)
    chosen = [[], *([option] for option in options), options[:2], options[:limit], options[-limit:]]
    for some in chosen:
        yield _press(item, str(some), some or None, string_array_value={"data": some})


def number_input(item: Any) -> Iterator[Press]:
    low = -1e9 if item.min is None else item.min
    high = 1e9 if item.max is None else item.max
    whole = item.proto.data_type == item.proto.INT
    now = low if item.value is None else item.value
    ways = {
        "lowest": low, "highest": high, "middle": (low + high) / 2, "a step up": now + item.step,
        "a step down": now - item.step,
    }  # fmt: skip
    for way, number in ways.items():
        if low <= number <= high:
            value = int(number) if whole else float(number)
            text = None if value == item.proto.default else str(value)
            yield _press(item, str(value), text, way, double_value=value)
    if not item.proto.HasField("default"):
        yield _press(item, "nothing", None)


def slider(item: Any) -> Iterator[Press]:
    low, high, step = item.proto.min, item.proto.max, item.proto.step
    middle = low + step * round((high - low) / 2 / step)
    whole = item.proto.data_type == item.proto.INT
    if len(item.proto.default) == 1:
        values = [[value] for value in _distinct([low, high, middle, low + step], low, high, whole)]
    else:
        ends = [(low, high), (low, middle), (middle, high), (low, low), (high, high),
                (middle, middle + step)]  # fmt: skip
        values = [list(pair) for pair in ends]
    for some in values:
        default = list(item.proto.default) == some
        text = None if default else [f"{value:g}" for value in some]
        yield _press(item, str(some), text, double_array_value={"data": some})
    between = [low + 0.37 * (high - low)] * len(item.proto.default)
    yield _press(item, str(between), None, BETWEEN, double_array_value={"data": between})


def select_slider(item: Any) -> Iterator[Press]:
    options = list(dict.fromkeys([item.options[0], item.options[-1], *item.options[:3],
                                  item.options[len(item.options) // 2]]))  # fmt: skip
    for option in options:
        default = [item.options[int(i)] for i in item.proto.default] == [option]
        yield _press(item, option, None if default else option,
                     string_array_value={"data": [option]})  # fmt: skip


def text_input(item: Any) -> Iterator[Press]:
    for text in NASTY_TEXTS:
        yield _press(item, text, text or None, string_value=text)


def file_uploader(item: Any) -> Iterator[Press]:
    models = "keras" in "".join(item.allowed_type)
    files = MODELS if models else PICTURES
    for name, content in files.items():
        yield Press(
            name_of(item), f"upload {name}",
            Event(prepare=lambda n=name, c=content: item.set_value((n, c(), ""))),
        )  # fmt: skip
    if item.accept_multiple_files:
        several = [(name, content(), "") for name, content in files.items()]
        yield Press(name_of(item), "upload all of them",
                    Event(prepare=lambda: item.set_value(several)))  # fmt: skip
    yield Press(name_of(item), "take the file out", Event(prepare=item.clear))


def camera_input(item: Any) -> Iterator[Press]:
    for name, content in PHOTOS.items():
        yield Press(
            name_of(item), f"take {name}",
            Event(prepare=lambda n=name, c=content: item.set_value((n, c(), "image/jpeg"))),
        )  # fmt: skip
    yield Press(name_of(item), "clear the photo", Event(prepare=item.clear))


def clicks(component: Any) -> Iterator[Press]:
    """First, middle and last cell, or point, of the trace that lies on top of a clickable plot."""
    data = json.loads(component.proto.json or "{}")
    if component.key == "run-table":
        yield from table_presses(component, json.loads(data["rows"]))
    if not data.get("clickable"):
        return
    layer = json.loads(data["figure"])["data"][-1]
    if "z" not in layer:
        yield from _point_clicks(component, layer)
        return
    numbers = _array(layer.get("customdata"))
    cells = _array(layer["z"]).shape[:2]
    for part in (0, 0.34, 0.5, 1):
        row, column = (round(part * (length - 1)) for length in cells)
        value = {
            "curve_number": 0, "point_number": [row, column], "x": column, "y": row, "z": 0,
            "customdata": None if numbers is None else int(numbers[row, column]),
        }  # fmt: skip
        yield Press(
            f"plot {component.key}", f"click {row}, {column}", click_event(component, value)
        )


def _point_clicks(component: Any, layer: dict[str, Any]) -> Iterator[Press]:
    x, y = (_array(layer[name]).tolist() for name in ("x", "y"))
    numbers = _array(layer.get("customdata"))
    carried = [None] * len(x) if numbers is None else numbers.tolist()
    for point in sorted({0, len(x) // 2, len(x) - 1} if x else ()):
        value = {
            "curve_number": 0, "point_number": point, "x": x[point], "y": y[point], "z": None,
            "customdata": carried[point],
        }  # fmt: skip
        yield Press(f"plot {component.key}", f"click point {point}", click_event(component, value))


def table_presses(component: Any, rows: list[dict[str, Any]]) -> Iterator[Press]:
    """What can be done with the newest and the oldest run, and what no table would report."""
    actions: list[Any] = ["", "null", "[1]", '{"do": 7}', '{"do": "delete", "run": "../x"}']
    for row in {row["id"]: row for row in (rows[0], rows[-1])}.values():
        run = row["id"]
        actions += [
            {"do": "open", "run": run},
            {"do": "pin", "run": run, "pinned": not row["pinned"]},
            {"do": "delete", "run": run},
            *({"do": "label", "run": run, "name": text, "note": text} for text in NASTY_TEXTS),
        ]
    actions.append({"do": "compare", "runs": [row["id"] for row in rows[:3]]})
    for action in actions:
        said = action if isinstance(action, str) else json.dumps(action)
        way = re.sub(r'"run": "[^"]*"|"runs": .*', "", said)
        yield Press("run table", said, click_event(component, said, "action"), way=way)


WAYS: dict[str, Callable[[Any], Iterator[Press]]] = {
    "button": button,
    "download_button": download,
    "toggle": toggle,
    "checkbox": toggle,
    "selectbox": selectbox,
    "radio": selectbox,
    "button_group": button_group,
    "multiselect": multiselect,
    "number_input": number_input,
    "slider": slider,
    "select_slider": select_slider,
    "text_input": text_input,
    "text_area": text_input,
    "file_uploader": file_uploader,
    "camera_input": camera_input,
}


def _press(item: Any, value: str, text: Any, way: str = "", **state: Any) -> Press:
    """A new value of a widget; `text` is how its parameter in the address says it, if any."""
    event = Event(WidgetState(id=item.id, **state), item.proto.query_param_key, text)
    return Press(name_of(item), value, event, way=way)


def _distinct(values: list[float], low: float, high: float, whole: bool) -> list[float]:
    kind = int if whole else float
    return list(dict.fromkeys(kind(value) for value in values if low <= value <= high))


def _array(value: Any) -> Any:
    """An array as `fmnist.charts.figure.to_json` writes it; None for none."""
    if isinstance(value, dict):
        array = np.frombuffer(base64.b64decode(value["bdata"]), value["dtype"])
        return array.reshape(tuple(map(int, value.get("shape", str(array.size)).split(", "))))
    return None if value is None else np.asarray(value, object)
