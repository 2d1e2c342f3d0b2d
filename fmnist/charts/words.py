"""What a figure shows, in words: for screen readers, which cannot see the drawing."""

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist.charts.figure import Figure, Trace

MOST_TRACES = 12  # that are told one by one
MOST_BARS = 3
MARKUP = re.compile(r"<[^>]*>")


def in_words(figure: Figure) -> str:
    """A few sentences: the title, the axes, and of each trace where it begins, ends and peaks."""
    layout = figure["layout"]
    told = [words for trace in figure["data"] if (words := _trace(trace))]
    more = len(told) - MOST_TRACES
    if more > 0:
        told = [*told[:MOST_TRACES], f"and {more} more"]
    title = _text(layout.get("title"))
    axes = [_text(layout.get(axis, {}).get("title")) for axis in ("yaxis", "xaxis")]
    about = " over ".join(filter(None, axes))
    return ". ".join(filter(None, (title, about, *told)))


def _text(title: Any) -> str:
    said = title.get("text", "") if isinstance(title, dict) else title or ""
    return MARKUP.sub("", str(said))


def _trace(trace: Trace) -> str:
    if trace.get("hoverinfo") == "skip" or trace.get("visible") is False:
        return ""
    kind, name = trace["type"], MARKUP.sub("", str(trace.get("name") or ""))
    if kind == "heatmap":
        return _heatmap(trace, name)
    if kind == "bar":
        return _bars(trace, name)
    if kind == "scatter":
        return _line(trace, name)
    return ""


def _numbers(values: Any) -> NDArray[np.float64] | None:
    """As floats; None if they are no numbers, or none of them is finite."""
    try:
        numbers = np.asarray([np.nan if item is None else item for item in values], np.float64)
    except (TypeError, ValueError):
        return None
    return numbers if np.isfinite(numbers).any() else None


def _line(trace: Trace, name: str) -> str:
    y = _numbers(trace.get("y", ()))
    if y is None:
        return ""
    known = y[np.isfinite(y)]
    if len(known) == 1:
        return f"{name} {known[0]:.3g}".strip()
    said = f"{name} from {known[0]:.3g} to {known[-1]:.3g}".strip()
    return f"{said}, between {known.min():.3g} and {known.max():.3g}"


def _bars(trace: Trace, name: str) -> str:
    """The tallest bars by name."""
    lying = trace.get("orientation") == "h"
    sizes = _numbers(trace.get("x" if lying else "y", ()))
    if sizes is None:
        return ""
    names = list(trace.get("y" if lying else "x", range(len(sizes))))
    order = np.argsort(-np.abs(np.nan_to_num(sizes)), kind="stable")[:MOST_BARS]
    tallest = ", ".join(f"{names[place]} {sizes[place]:.3g}" for place in order)
    return f"{name}: {tallest}" if name else f"largest: {tallest}"


def _heatmap(trace: Trace, name: str) -> str:
    values = np.asarray(trace["z"], np.float64)
    known = values[np.isfinite(values)]
    if not known.size:
        return ""
    size = " by ".join(map(str, values.shape))
    return f"{name} {size} values, from {known.min():.3g} to {known.max():.3g}".strip()
