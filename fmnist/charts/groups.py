"""Groups of runs: mean curves with their spread, and outcomes over the values of a setting."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fmnist.arrays import Float64
from fmnist.charts import theme
from fmnist.charts.figure import Figure, Trace

# As many lines as can be told apart; more would be a tangle.
LINE_COLORS = (theme.TRAINING, theme.VALIDATION, *theme.OVERLAY_COLORS)
DASHES = ("solid", "dash", "dot")


@dataclass(frozen=True)
class Curve:
    """One variant over the epochs.

    Attributes
    ----------
    label : what it is called
    values : ndarray of shape (runs, epochs), NaN where a run has no such epoch
    """

    label: str
    values: Float64


def mean_curves(curves: Sequence[Curve], title: str, epochs: int, falling: bool = False) -> Figure:
    """Mean of each variant over its runs, and a band of one standard deviation to either side.

    Parameters
    ----------
    curves : at most as many as there are colours times dashes, 27
    title : of the chart
    epochs : length of the longest run
    falling : whether the curves fall, so that they leave room at the top
    """
    traces: list[Trace] = []
    for number, curve in enumerate(curves):
        color = LINE_COLORS[number % len(LINE_COLORS)]
        dash = DASHES[number // len(LINE_COLORS) % len(DASHES)]
        mean, deviation, numbers = _over_runs(curve.values)
        name = theme.as_text(curve.label)
        if len(curve.values) > 1:
            traces += _band(name, numbers, mean - deviation, mean + deviation, color)
        traces.append(
            {
                "type": "scatter",
                "uid": theme.uid(name),
                "name": name,
                "x": numbers,
                "y": mean.round(6),
                "mode": "lines+markers" if len(numbers) < 2 else "lines",
                "line": {"color": color, "width": 2, "dash": dash},
                "legendgroup": name,
                "hovertemplate": "%{y:.4f}",
            }
        )
    return {
        "data": traces,
        "layout": theme.layout(
            hovermode="x unified",
            showlegend=len(curves) > 1,
            title={"text": title, "x": 0, "xref": "paper", "font": {"size": 15}},
            margin={"t": 34, "b": 42},
            legend={
                "orientation": "v", "x": 1, "xanchor": "right", "y": 1 if falling else 0,
                "yanchor": "top" if falling else "bottom", "font": {"size": 12},
            },
            xaxis=theme.axis(title={"text": "Epoch"}, range=[0, epochs]),
            yaxis=theme.axis(tickformat=".3~g"),
        ),
    }  # fmt: skip


def outcomes(
    labels: Sequence[str],
    values: Sequence[Sequence[float]],
    ids: Sequence[Sequence[str]],
    axis: str,
) -> Figure:
    """A dot for each run above its variant, and a bar at the mean; each dot carries its run's id.

    Parameters
    ----------
    labels : of the variants, from left to right
    values : validation accuracy of each run of each variant
    ids : of the same runs, as ``customdata``
    axis : what the variants differ in
    """
    x = [number for number, several in enumerate(values) for _ in several]
    # Runs of one variant stand side by side, so that equal ones do not hide each other.
    aside = [place for several in values for place in _side_by_side(len(several))]
    means = [float(np.mean(several)) if len(several) else None for several in values]
    dots: Trace = {
        "type": "scatter",
        "name": "a run",
        "x": np.array(x, np.float64) + np.array(aside),
        "y": [value for several in values for value in several],
        "customdata": [run for several in ids for run in several],
        "mode": "markers",
        "marker": {"size": 10, "color": theme.with_alpha(theme.TRAINING, 0.75)},
        "hovertemplate": "%{y:.2%}, click to open the run<extra></extra>",
    }
    bars: Trace = {
        "type": "scatter",
        "name": "mean",
        "x": list(range(len(means))),
        "y": means,
        "mode": "markers",
        "marker": {
            "symbol": "line-ew", "size": 34, "line": {"width": 3, "color": theme.VALIDATION},
        },
        "hoverinfo": "skip",
    }  # fmt: skip
    return {
        "data": [bars, dots],
        "layout": theme.layout(
            margin={"t": 34, "b": 60},
            xaxis=theme.axis(
                title={"text": axis},
                tickvals=list(range(len(labels))),
                ticktext=[theme.as_text(label) for label in labels],
                range=[-0.5, max(len(labels) - 0.5, 0.5)],
            ),
            yaxis=theme.axis(title={"text": "Validation accuracy"}, tickformat=".1%"),
        ),
    }


def outcome_heatmap(
    rows: Sequence[str], columns: Sequence[str], means: Float64, row_axis: str, column_axis: str
) -> Figure:
    """Mean validation accuracy over two settings, with the figure in each cell.

    Parameters
    ----------
    rows, columns : values of the two settings, in words
    means : ndarray of shape (rows, columns), NaN where there is none yet
    """
    texts = [["" if np.isnan(value) else f"{value:.1%}" for value in row] for row in means]
    return {
        "data": [
            {
                "type": "heatmap",
                "z": means,
                "x": [theme.as_text(name) for name in columns],
                "y": [theme.as_text(name) for name in rows],
                "text": texts,
                "texttemplate": "%{text}",
                "colorscale": "Cividis",
                "colorbar": {"tickformat": ".0%", "thickness": 12},
                "hovertemplate": f"{row_axis} %{{y}}, {column_axis} %{{x}}: %{{text}}"
                "<extra></extra>",
                "xgap": 2,
                "ygap": 2,
            }
        ],
        "layout": theme.layout(
            margin={"t": 34, "b": 60},
            xaxis=theme.axis(title={"text": column_axis}, type="category", showgrid=False),
            yaxis=theme.axis(title={"text": row_axis}, type="category", showgrid=False),
        ),
    }


def _side_by_side(count: int) -> list[float]:
    step = 0.08 / max(count / 6, 1)
    return [step * (number - (count - 1) / 2) for number in range(count)]


def _over_runs(values: Float64) -> tuple[Float64, Float64, Float64]:
    """Mean, standard deviation and number of each epoch that any run has."""
    there = ~np.isnan(values)
    count = there.sum(axis=0)
    numbers = np.flatnonzero(count)
    filled = np.where(there, values, 0.0)[:, numbers]
    count = count[numbers]
    mean = filled.sum(axis=0) / count
    squares = np.where(there[:, numbers], (filled - mean) ** 2, 0.0).sum(axis=0)
    return mean, np.sqrt(squares / np.maximum(count - 1, 1)), (numbers + 1).astype(np.float64)


def _band(name: str, x: Float64, low: Float64, high: Float64, color: str) -> list[Trace]:
    shared: dict[str, Any] = {
        "type": "scatter",
        "x": x,
        "mode": "lines",
        "line": {"width": 0},
        "legendgroup": name,
        "showlegend": False,
        "hoverinfo": "skip",
    }
    shade = {"fill": "tonexty", "fillcolor": theme.with_alpha(color, 0.18)}
    return [
        shared | {"uid": theme.uid(f"{name}, low"), "y": low.round(6)},
        shared | {"uid": theme.uid(f"{name}, high"), "y": high.round(6), **shade},
    ]
