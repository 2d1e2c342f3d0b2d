"""Charts of the page Learn: layers as strips of their values, and figures over the epochs."""

from collections.abc import Sequence

import numpy as np

from fmnist.arrays import Float32, Float64, Int64
from fmnist.charts import theme
from fmnist.charts.figure import Figure, Trace
from fmnist.classes import CLASS_NAMES

GREYS = [[0.0, "#101418"], [1.0, "#ffffff"]]


def layer_strip(values: Float64, gradients: Float64 | None, selected: int | None) -> Figure:
    """One layer: above what its neurons give, beneath the gradient of the loss by their sums.

    Parameters
    ----------
    values : ndarray of shape (units,)
    gradients : ndarray of shape (units,); None before the way back
    selected : number of a neuron to be marked
    """
    units = len(values)
    traces = [_row(values, 1.0, "value", _around_zero(values))]
    if gradients is not None:
        traces.append(_row(gradients, 0.0, "gradient", _around_zero(gradients)))
    shapes = [] if selected is None else [
        {
            "type": "rect", "x0": selected - 0.5, "x1": selected + 0.5,
            "y0": 0.5 if gradients is None else -0.5, "y1": 1.5,
            "line": {"color": theme.VALIDATION, "width": 2},
        }
    ]  # fmt: skip
    return {
        "data": traces,
        "layout": theme.layout(
            margin={"l": 62, "r": 8, "t": 4, "b": 22},
            xaxis=theme.axis(range=[-0.5, units - 0.5], showgrid=False, nticks=8),
            yaxis=theme.axis(
                range=[0.5 if gradients is None else -0.5, 1.5],
                tickvals=[1] if gradients is None else [0, 1],
                ticktext=["gives"] if gradients is None else ["gradient", "gives"],
                showgrid=False,
                fixedrange=True,
            ),
            shapes=shapes,
        ),
    }


def pixels(image: Float64, kind: str) -> Figure:
    """28 × 28 values: "picture" in grey, "weights" or "gradient" around zero."""
    trace: Trace = {
        "type": "heatmap",
        "z": image.astype(np.float32),
        "showscale": False,
        "hovertemplate": f"row %{{y}}, column %{{x}}: %{{z:+.4f}}<extra>{kind}</extra>",
    }
    if kind == "picture":
        trace |= {"colorscale": GREYS, "zmin": 0.0, "zmax": 1.0}
    else:
        trace |= _around_zero(image)
    axis = theme.axis(visible=False, fixedrange=True)
    return {
        "data": [trace],
        "layout": theme.layout(
            margin={"l": 0, "r": 0, "t": 0, "b": 0},
            xaxis=axis | {"constrain": "domain"},
            yaxis=axis | {"autorange": "reversed", "scaleanchor": "x", "constrain": "domain"},
        ),
    }


def losses(values: Sequence[float], title: str = "Loss of this picture") -> Figure:
    """The loss after each step."""
    return {
        "data": [
            {
                "type": "scatter",
                "x": list(range(len(values))),
                "y": list(values),
                "mode": "lines+markers",
                "line": {"color": theme.TRAINING, "width": 2},
                "hovertemplate": "after step %{x}: %{y:.4f}<extra></extra>",
            }
        ],
        "layout": theme.layout(
            margin={"l": 52, "r": 10, "t": 30, "b": 40},
            title={"text": title, "x": 0, "xref": "paper", "font": {"size": 14}},
            xaxis=theme.axis(title={"text": "Step"}, rangemode="tozero"),
            yaxis=theme.axis(rangemode="tozero"),
        ),
    }


def over_epochs(epochs: Sequence[int], shares: Float32, axis: str) -> Figure:
    """Ten shares over the epochs, a line for each class.

    Parameters
    ----------
    shares : ndarray of shape (epochs, 10), 0 to 1
    axis : what the shares are
    """
    traces = _lines(epochs, shares.round(5), CLASS_NAMES, "%{y:.1%}")
    yaxis: dict[str, object] = {"title": {"text": axis}, "range": [0, 1], "tickformat": ".0%"}
    beside: dict[str, object] = {
        "orientation": "v",
        "x": 1.01,
        "xanchor": "left",
        "y": 1,
        "yanchor": "top",
    }
    return _over_epochs(traces, yaxis, beside)


def counts_over_epochs(epochs: Sequence[int], counts: Int64, names: Sequence[str]) -> Figure:
    """Counts over the epochs, a line for each name.

    Parameters
    ----------
    counts : ndarray of shape (epochs, names)
    """
    traces = _lines(epochs, counts, names, "%{y}")
    yaxis: dict[str, object] = {"title": {"text": "Pictures"}, "rangemode": "tozero"}
    below: dict[str, object] = {
        "orientation": "h",
        "x": 0,
        "y": -0.22,
        "yanchor": "top",
    }  # its names are long
    return _over_epochs(traces, yaxis, below)


def _lines(
    epochs: Sequence[int], values: Float32 | Int64, names: Sequence[str], shown: str
) -> list[Trace]:
    """Lines that differ in more than their colour.

    Parameters
    ----------
    values : ndarray of shape (epochs, names)
    """
    return [
        {
            "type": "scatter",
            "uid": theme.uid(name),
            "name": name,
            "x": list(epochs),
            "y": values[:, number],
            "mode": "lines",
            "line": {"color": theme.CLASS_COLORS[number], "width": 2,
                     "dash": ("solid", "dash")[number % 2]},
            "hovertemplate": shown,
        }
        for number, name in enumerate(names)
    ]  # fmt: skip


def _over_epochs(
    traces: list[Trace], yaxis: dict[str, object], legend: dict[str, object]
) -> Figure:
    return {
        "data": traces,
        "layout": theme.layout(
            hovermode="x unified",
            showlegend=True,
            margin={"t": 10, "b": 42},
            legend=legend,
            xaxis=theme.axis(title={"text": "Epoch"}),
            yaxis=theme.axis(**yaxis),
        ),
    }


def damage_curve(x: Sequence[float], accuracies: Sequence[float], axis: str, now: float) -> Figure:
    """Accuracy over how much is broken, with a mark at what is set now."""
    return {
        "data": [
            {
                "type": "scatter",
                "x": list(x),
                "y": list(accuracies),
                "mode": "lines+markers",
                "line": {"color": theme.TRAINING, "width": 2},
                "hovertemplate": "%{x:.3~g}: %{y:.1%}<extra></extra>",
            }
        ],
        "layout": theme.layout(
            margin={"t": 10, "b": 44},
            xaxis=theme.axis(title={"text": axis}),
            yaxis=theme.axis(title={"text": "Accuracy"}, range=[0, 1], tickformat=".0%"),
            shapes=[
                {
                    "type": "line", "x0": now, "x1": now, "y0": 0, "y1": 1, "yref": "y domain",
                    "line": {"color": theme.VALIDATION, "width": 1.5, "dash": "dot"},
                }
            ],
        ),
    }  # fmt: skip


def _row(values: Float64, y: float, name: str, look: dict[str, object]) -> Trace:
    return {
        "type": "heatmap",
        "z": values[None, :].astype(np.float32),
        "y": [y],
        "showscale": False,
        "hovertemplate": f"neuron %{{x}}: {name} %{{z:+.4g}}<extra></extra>",
        "xgap": 1 if len(values) <= 128 else 0,
        **look,
    }


def _around_zero(values: Float64) -> dict[str, object]:
    limit = theme.diverging_limit(values)
    return {"colorscale": theme.colorscale(theme.DIVERGING), "zmin": -limit, "zmax": limit}
