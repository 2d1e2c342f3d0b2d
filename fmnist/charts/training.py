"""Loss and accuracy of a run, and of earlier runs behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from fmnist.arrays import Float64
from fmnist.charts import theme
from fmnist.charts.figure import Figure, Layout, Trace
from fmnist.recipe import NOTEBOOK_RESULT
from fmnist.training.progress import Epoch, Progress

Metric = Literal["loss", "accuracy"]

MAX_POINTS = 1500


@dataclass(frozen=True)
class Overlay:
    """An earlier run to draw behind the present one."""

    label: str
    epochs: tuple[Epoch, ...]


@dataclass(frozen=True)
class View:
    """How the curves are shown.

    Attributes
    ----------
    smoothing : weight of the past in a moving average, from 0 (off) to below 1
    log_loss : whether the loss axis is logarithmic
    reference : whether the notebook's result is drawn
    """

    smoothing: float = 0.0
    log_loss: bool = False
    reference: bool = True


def training_figure(
    progress: Progress,
    metric: Metric,
    epochs: int,
    view: View,
    overlays: Sequence[Overlay] = (),
) -> Figure:
    """Training and validation curves of one metric.

    Parameters
    ----------
    progress : the run so far
    metric : which curves
    epochs : length of the run, which fixes the horizontal axis from the start
    view : smoothing, axis and reference
    overlays : earlier runs, at most one for each of `theme.OVERLAY_COLORS`
    """
    log = metric == "loss" and view.log_loss
    traces = [
        *_overlay_traces(overlays, metric, view),
        *([_reference_trace(metric, epochs)] if view.reference else []),
        *_run_traces(progress, metric, view),
    ]
    longest = max([epochs, *(len(overlay.epochs) for overlay in overlays)])
    layout = theme.layout(
        hovermode="x unified",
        showlegend=True,
        margin={"l": 48, "r": 14, "t": 34, "b": 42},
        # Where the curves leave room: loss falls, accuracy rises.
        legend={
            "orientation": "v",
            "x": 1,
            "xanchor": "right",
            "y": 1 if metric == "loss" else 0,
            "yanchor": "top" if metric == "loss" else "bottom",
            "font": {"size": 12},
        },
        title={
            "text": _title(progress, metric),
            "x": 0,
            "xref": "paper",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            "pad": {"t": 8},
            "font": {"size": 15},
        },
        xaxis=theme.axis(
            title={"text": "Epoch", "standoff": 6, "font": {"size": 13}},
            range=[0, longest],
            hoverformat=".4~g",
            unifiedhovertitle={"text": "Epoch %{x}"},
        ),
        yaxis=theme.axis(
            type="log" if log else "linear",
            # A zoom made on one kind of axis means nothing on the other.
            uirevision="log" if log else "linear",
            range=_range(progress, metric, view, overlays, log),
            tickformat=".3~g",
            hoverformat=".4f",
            **({"dtick": "D1"} if log else {}),
        ),
    )
    layout |= _rate_change_marks(progress, at_top=metric == "loss")
    return {"data": traces, "layout": layout}


def _title(progress: Progress, metric: Metric) -> str:
    """The metric, and what it was measured on if that is not Fashion-MNIST."""
    name = metric.capitalize()
    return name if progress.data_official else f"{name} on {theme.as_text(progress.data_name)}"


def smooth(values: Float64, weight: float) -> Float64:
    """Exponential moving average, corrected for its start (Kingma and Ba, arXiv:1412.6980, §3).

    Parameters
    ----------
    values : ndarray of shape (n,)
    weight : of the past, from 0 to below 1
    """
    if weight <= 0.0:
        return values
    result = np.empty_like(values)
    average = 0.0
    for index, value in enumerate(values):
        average = weight * average + (1.0 - weight) * value
        result[index] = average / (1.0 - weight ** (index + 1))
    return result


def decimate(positions: Float64, values: Float64, limit: int) -> tuple[Float64, Float64]:
    """At most `limit` points: the last position and the mean value of equal groups.

    Parameters
    ----------
    positions, values : ndarray of shape (n,)
    limit : 1 or more

    Returns
    -------
    Two ndarrays of shape (min(n, about limit),).
    """
    group = -(-len(values) // limit)
    if group <= 1:
        return positions, values
    starts = np.arange(0, len(values), group)
    ends = np.minimum(starts + group, len(values))
    return positions[ends - 1], np.add.reduceat(values, starts) / (ends - starts)


def _run_traces(progress: Progress, metric: Metric, view: View) -> list[Trace]:
    """Points inside epochs, training, validation, best epoch: always all four, in this order.

    A fixed set with fixed names lets Plotly remember which of them a person has hidden.
    """
    positions = np.array([point.position for point in progress.points], dtype=np.float64)
    inside = np.array([getattr(point, metric) for point in progress.points], dtype=np.float64)
    positions, inside = decimate(positions, smooth(inside, view.smoothing), MAX_POINTS)
    best = progress.best_epoch
    return [
        _line(
            "inside", "inside epochs", positions, inside,
            color=theme.with_alpha(theme.TRAINING, 0.45), width=1, hoverinfo="skip",
        ),
        _epoch_line("training", progress.epochs, metric, theme.TRAINING, view),
        _epoch_line("validation", progress.epochs, f"val_{metric}", theme.VALIDATION, view),
        {
            "type": "scatter",
            "uid": "best",
            "name": "best validation",
            "x": [best.epoch] if best else [],
            "y": [_smoothed_at(progress.epochs, f"val_{metric}", best, view)] if best else [],
            "mode": "markers",
            "cliponaxis": False,
            "marker": {
                "symbol": "star", "size": 13, "color": theme.VALIDATION,
                "line": {"color": theme.BACKGROUND, "width": 1},
            },
            "hovertemplate": "lowest validation loss<extra></extra>",
        },
    ]  # fmt: skip


def _overlay_traces(overlays: Sequence[Overlay], metric: Metric, view: View) -> list[Trace]:
    traces = []
    for overlay, color in zip(overlays, theme.OVERLAY_COLORS, strict=False):
        label = theme.as_text(overlay.label)
        for kind, name, dash in (
            ("training", metric, "dot"),
            ("validation", f"val_{metric}", "solid"),
        ):
            trace = _epoch_line(f"{kind}, {label}", overlay.epochs, name, color, view)
            trace["line"] |= {"dash": dash, "width": 1.5}
            traces.append(trace | {"mode": "lines", "legendrank": 1002})
    return traces


def _reference_trace(metric: Metric, epochs: int) -> Trace:
    value = NOTEBOOK_RESULT[metric]
    return {
        "type": "scatter",
        "uid": "reference",
        "legendrank": 1001,  # after the run's own, whose rank is 1000
        "name": f"notebook, test {value}",
        "x": [0, epochs],
        "y": [value, value],
        "mode": "lines",
        "line": {"color": theme.MUTED, "width": 1.5, "dash": "dash"},
        "hoverinfo": "skip",
    }


def _epoch_line(name: str, epochs: Sequence[Epoch], metric: str, color: str, view: View) -> Trace:
    values = smooth(_values(epochs, metric), view.smoothing)
    numbers = np.array([item.epoch for item in epochs], dtype=np.float64)
    numbers, values = decimate(numbers, values, MAX_POINTS)
    trace = _line(name, name, numbers, values, color=color, width=2)
    # A single point is no line; markers also tell epochs apart from points inside them.
    return trace | {"mode": "lines+markers", "marker": {"size": 4 if len(numbers) < 80 else 1}}


def _line(
    uid: str, name: str, x: Float64, y: Float64, *, color: str, width: float, **options: Any
) -> Trace:
    return {
        "type": "scatter",
        "uid": theme.uid(uid),
        "name": name,
        "x": x.round(4),
        "y": y.round(6),
        "mode": "lines",
        "line": {"color": color, "width": width},
        **options,
    }


def _rate_change_marks(progress: Progress, at_top: bool) -> Layout:
    """A dotted line over the whole height where each new rate took effect, with the rate."""
    across = {"xref": "x", "yref": "y domain"}
    lines = [
        {
            "type": "line", "x0": change.position, "x1": change.position, "y0": 0, "y1": 1,
            "line": {"color": theme.MUTED, "width": 1, "dash": "dot"}, **across,
        }
        for change in progress.rate_changes
    ]  # fmt: skip
    names = [
        {
            "text": f"rate {change.learning_rate:g}", "x": change.position, "xanchor": "left",
            "y": 1 if at_top else 0, "yanchor": "top" if at_top else "bottom",
            "textangle": -90, "showarrow": False, "font": {"size": 11, "color": theme.TEXT},
            **across,
        }
        for change in progress.rate_changes
    ]  # fmt: skip
    return {"shapes": lines, "annotations": names}


def _range(
    progress: Progress, metric: Metric, view: View, overlays: Sequence[Overlay], log: bool
) -> list[float]:
    """Vertical range: all epochs, and the points of the first epoch only until it is complete.

    The first few mini-batches are so far from the rest that they would flatten all that follows.
    They are drawn none the less, and a person can pull the axis to them.
    """
    runs = [progress.epochs, *(overlay.epochs for overlay in overlays)]
    values = np.concatenate(
        [_values(run, name) for run in runs for name in (metric, f"val_{metric}")]
    )
    seen = [point for point in progress.points if point.position > min(progress.completed, 1)]
    values = np.append(values, [getattr(point, metric) for point in seen])
    if view.reference:
        values = np.append(values, NOTEBOOK_RESULT[metric])
    values = values[np.isfinite(values)]
    if not len(values):
        low, high = (0.0, 2.4) if metric == "loss" else (0.0, 1.0)
    else:
        low, high = float(values.min()), float(values.max())
    if log:
        low, high = np.log10(max(low, 1e-6)), np.log10(max(high, 1e-6))
    room = 0.06 * (high - low) or 0.05
    return [float(low - room), float(high + room)]


def _values(epochs: Sequence[Epoch], metric: str) -> Float64:
    return np.array([getattr(item, metric) for item in epochs], dtype=np.float64)


def _smoothed_at(epochs: Sequence[Epoch], metric: str, epoch: Epoch, view: View) -> float:
    # By its index in the list, not by its number: a damaged line may have lost an earlier epoch.
    return float(smooth(_values(epochs, metric), view.smoothing)[epochs.index(epoch)])
