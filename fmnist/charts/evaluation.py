"""Headline figures, confusion matrix and calibration as figures."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist.charts import theme
from fmnist.charts.figure import Figure, Trace
from fmnist.classes import CLASS_NAMES, SHORT_NAMES
from fmnist.insight.calibration import CoverageCurve, Reliability
from fmnist.insight.evaluation import row_shares

MAX_CURVE_POINTS = 400


@dataclass(frozen=True)
class AccuracyMark:
    """One line of the headline figure: a name, an accuracy and, if known, its interval."""

    name: str
    accuracy: float
    interval: tuple[float, float] | None = None
    own: bool = False


def accuracy_marks(marks: list[AccuracyMark]) -> Figure:
    """Accuracies side by side, the model's own with its interval, the highest on top."""
    ordered = sorted(marks, key=lambda mark: mark.accuracy)
    values = [mark.accuracy for mark in marks]
    spread = max(0.02, (max(values) - min(values)) * 0.25)
    layout = theme.layout(
        margin={"l": 8, "r": 16, "t": 8, "b": 28},
        dragmode=False,
        showlegend=False,
        xaxis=theme.axis(
            tickformat=".0%", fixedrange=True, nticks=6,
            range=[max(0, min(values) - spread), min(1.01, max(values) + spread)],
        ),
        yaxis=theme.axis(
            fixedrange=True, type="category", showgrid=False, range=[-0.5, len(marks) - 0.2],
        ),
    )  # fmt: skip
    return {"data": [_mark(mark) for mark in ordered], "layout": layout}


def confusion_matrix(
    counts: NDArray[np.int64], percent: bool, selected: tuple[int, int] | None = None
) -> Figure:
    """True class down, predicted class across; right answers in one hue, mistakes in another.

    The diagonal has most images. Mistakes have a scale of their own, because on one scale with the
    diagonal they would all look alike.

    Parameters
    ----------
    counts : ndarray of shape (10, 10)
    percent : whether cells show the share of their row instead of counts
    selected : true and predicted class of the cell to outline
    """
    shares = row_shares(counts)
    wrong = shares * (1 - np.eye(len(counts)))
    right = np.where(np.eye(len(counts), dtype=bool), shares, np.nan)
    form = "{:.1%}" if percent else "{:,}"
    values = shares if percent else counts
    texts = [[form.format(v) if v else "" for v in row] for row in values.tolist()]
    cells = [
        _cells(wrong, counts, theme.WRONG, float(wrong.max()) or 1.0),
        _cells(right, counts, theme.TRAINING, 1.0),
    ]
    axis = {
        "tickvals": list(range(10)), "ticktext": SHORT_NAMES, "fixedrange": True, "showgrid": False,
    }  # fmt: skip
    layout = theme.layout(
        margin={"l": 8, "r": 4, "t": 4, "b": 8},
        dragmode=False,
        xaxis={**axis, "title": {"text": "predicted class", "standoff": 6}, "tickangle": -45},
        yaxis={**axis, "title": {"text": "true class", "standoff": 6}, "autorange": "reversed"},
        shapes=[] if selected is None else [_cell_outline(*selected)],
    )
    return {"data": [trace | {"text": texts} for trace in cells], "layout": layout}


def reliability_diagram(bins: Reliability) -> Figure:
    """Accuracy of each bin of confidence, its gap to the diagonal, and how many images it has."""
    centres = (bins.edges[1:] + bins.edges[:-1]) / 2
    filled = bins.count > 0
    bars: Trace = {
        "type": "bar", "name": "share right", "marker": {"color": theme.TRAINING},
        "x": centres[filled], "y": bins.accuracy[filled],
        "width": np.diff(bins.edges)[filled] * 0.94,
        "customdata": np.stack([bins.count, bins.confidence], axis=1)[filled].tolist(),
        "hovertemplate": "mean confidence %{customdata[1]:.1%}<br>right %{y:.1%}"
        "<br>%{customdata[0]:,} images<extra></extra>",
    }  # fmt: skip
    means: Trace = {
        "type": "scatter", "name": "mean confidence", "mode": "markers", "hoverinfo": "skip",
        "x": bins.confidence[filled], "y": bins.accuracy[filled],
        "marker": {"color": theme.VALIDATION, "size": 7},
    }  # fmt: skip
    diagonal: Trace = {
        "type": "scatter", "name": "as sure as right", "mode": "lines", "hoverinfo": "skip",
        "x": [0, 1], "y": [0, 1], "line": {"color": theme.MUTED, "dash": "dash", "width": 1.5},
    }  # fmt: skip
    axis = {"tickformat": ".0%", "range": [0, 1], "fixedrange": True}
    layout = theme.layout(
        dragmode=False,
        xaxis={**axis, "title": {"text": "confidence"}},
        yaxis={**axis, "title": {"text": "share right"}},
    )
    return {"data": [bars, means, diagonal], "layout": layout}


def coverage_chart(curve: CoverageCurve, threshold: float, point: tuple[float, float]) -> Figure:
    """Accuracy among answered images against the share answered; the chosen threshold marked.

    Parameters
    ----------
    point : coverage and accuracy at the threshold
    """
    last = len(curve.coverage) - 1
    chosen = np.unique(np.linspace(0, last, min(last + 1, MAX_CURVE_POINTS)).round().astype(int))
    line: Trace = {
        "type": "scatter", "name": "accuracy", "mode": "lines",
        "x": curve.coverage[chosen], "y": curve.accuracy[chosen],
        "customdata": curve.threshold[chosen], "line": {"color": theme.TRAINING, "width": 2},
        "hovertemplate": "answers %{x:.1%} of images<br>right on %{y:.1%} of them"
        "<br>when at least %{customdata:.1%} sure<extra></extra>",
    }  # fmt: skip
    coverage, accuracy = point
    mark: Trace = {
        "type": "scatter", "mode": "markers", "x": [coverage], "y": [accuracy],
        "marker": {"color": theme.ACCENT, "size": 12},
        "hovertemplate": f"at least {threshold:.0%} sure<extra></extra>",
    }  # fmt: skip
    floor = min(0.8, float(curve.accuracy.min()) - 0.02)
    axis = {"tickformat": ".0%", "fixedrange": True}
    layout = theme.layout(
        margin={"l": 52, "r": 12, "t": 12, "b": 40},
        dragmode=False,
        showlegend=False,
        xaxis={**axis, "title": {"text": "share of images answered"}, "range": [0, 1.02]},
        yaxis={**axis, "title": {"text": "right among them"}, "range": [floor, 1.01]},
    )
    return {"data": [line, mark] if coverage > 0 else [line], "layout": layout}


def _mark(mark: AccuracyMark) -> Trace:
    low, high = mark.interval or (mark.accuracy, mark.accuracy)
    color = theme.ACCENT if mark.own else theme.MUTED
    return {
        "type": "scatter",
        "x": [mark.accuracy],
        "y": [theme.as_text(mark.name)],
        "mode": "markers+text",
        "text": [f"{mark.accuracy:.1%}"],
        "textposition": "top center",
        "textfont": {"color": theme.TEXT, "size": 12},
        "marker": {"color": color, "size": 11 if mark.own else 8},
        "error_x": {
            "type": "data", "symmetric": False, "array": [high - mark.accuracy],
            "arrayminus": [mark.accuracy - low], "color": color, "thickness": 2, "width": 5,
            "visible": mark.interval is not None,
        },
        "hovertemplate": _mark_hover(mark),
    }  # fmt: skip


def _cell_outline(true: int, predicted: int) -> dict[str, Any]:
    return {
        "type": "rect", "line": {"color": theme.TEXT, "width": 2.5},
        "x0": predicted - 0.5, "x1": predicted + 0.5, "y0": true - 0.5, "y1": true + 0.5,
    }  # fmt: skip


def _cells(shares: NDArray[np.float64], counts: NDArray[np.int64], color: str, top: float) -> Trace:
    names = [
        [f"{true} taken for {given}" if true != given else f"{true}, recognised"
         for given in CLASS_NAMES] for true in CLASS_NAMES
    ]  # fmt: skip
    rows = row_shares(counts)
    text = [
        [f"{names[t][p]}<br>{counts[t, p]:,} images, {rows[t, p]:.1%} of the class"
         for p in range(10)] for t in range(10)
    ]  # fmt: skip
    return {
        "type": "heatmap", "z": shares, "zmin": 0, "zmax": top, "showscale": False,
        "xgap": 2, "ygap": 2, "hoverongaps": False,
        "colorscale": [[0, theme.with_alpha(color, 0.06)], [1, theme.with_alpha(color, 0.85)]],
        "hovertext": text, "hovertemplate": "%{hovertext}<extra></extra>",
        "texttemplate": "%{text}", "textfont": {"color": theme.TEXT, "size": 11},
    }  # fmt: skip


def _mark_hover(mark: AccuracyMark) -> str:
    text = f"{theme.as_text(mark.name)}: {mark.accuracy:.2%}"
    if mark.interval:
        text += f"<br>95% interval {mark.interval[0]:.1%} to {mark.interval[1]:.1%}"
    return text + "<extra></extra>"
