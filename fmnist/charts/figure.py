"""Figures as plain data, in the form that Plotly's JavaScript takes.

The classes of ``plotly.graph_objects`` check every property whenever they build a figure. That took
20 to 60 ms for one chart of a run, twice a second, most of what the server did. Here a figure is
therefore a dict, and the tests have those classes check it.
"""

import base64
import json
import math
from typing import Any, TypedDict

import numpy as np

# https://plotly.com/javascript/reference/: a typed array is given by dtype, bytes and shape.
_DTYPES = {
    np.dtype(name): short
    for name, short in (
        ("int8", "i1"), ("uint8", "u1"), ("int16", "i2"), ("uint16", "u2"), ("int32", "i4"),
        ("uint32", "u4"), ("float32", "f4"), ("float64", "f8"),
    )
}  # fmt: skip

Trace = dict[str, Any]
Layout = dict[str, Any]


class Figure(TypedDict):
    """What ``Plotly.react`` draws; arrays may be NumPy's.

    Attributes
    ----------
    data : traces, each with its ``type`` and properties as Plotly's reference names them
    layout : from `fmnist.charts.theme.layout`
    """

    data: list[Trace]
    layout: Layout


def to_json(figure: Figure) -> str:
    """A figure as JSON that browsers read: pictures as bytes, NaN and infinities as null."""
    return json.dumps(_plain(figure), allow_nan=False, separators=(",", ":"))


def merge(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """A copy of `base` in which `changes` replace what is there, nested dicts key by key."""
    merged = dict(base)
    for key, value in changes.items():
        old = merged.get(key)
        deeper = isinstance(old, dict) and isinstance(value, dict)
        merged[key] = merge(dict(old or {}), value) if deeper else value
    return merged


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray) and value.ndim > 1 and value.dtype in _DTYPES:
        return {
            "dtype": _DTYPES[value.dtype],
            "bdata": base64.b64encode(np.ascontiguousarray(value).tobytes()).decode("ascii"),
            "shape": ", ".join(map(str, value.shape)),
        }
    if isinstance(value, (np.ndarray, np.generic)):
        is_plain = value.dtype.kind in "biu" or (value.dtype.kind == "f" and _is_finite(value))
        return value.tolist() if is_plain else _plain(value.tolist())
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _is_finite(value: np.ndarray | np.generic) -> bool:
    return bool(np.isfinite(value).all())
