"""Bars about a neuron, and histograms of weights and biases."""

from dataclasses import dataclass

import numpy as np

from fmnist.arrays import Float32
from fmnist.charts import theme
from fmnist.charts.figure import Figure, Layout, Trace
from fmnist.classes import CLASS_NAMES
from fmnist.insight.weights import Histogram


@dataclass(frozen=True)
class LayerHistograms:
    """One layer's weights and biases, now and (if known) at the start, in the same bins."""

    name: str
    weights: Histogram
    biases: Histogram
    start_weights: Histogram | None
    start_biases: Histogram | None


def class_bars(values: Float32, title: str, signed: bool) -> Figure:
    """One bar for each class: shape (10,). Signed bars are coloured by for and against."""
    form = "+.3f" if signed else ".3f"
    bars: Trace = {
        "type": "bar",
        "x": values,
        "y": CLASS_NAMES,
        "orientation": "h",
        "marker": {"color": _signs(values) if signed else theme.CLASS_COLORS},
        "hovertemplate": f"%{{y}}: %{{x:{form}}}<extra></extra>",
    }
    layout = _bar_layout(title)
    layout["shapes"] = [_zero_line()] if signed else []
    return {"data": [bars], "layout": layout}


def outgoing_bars(weights: Float32, names: list[str], title: str) -> Figure:
    """Strongest weights into the next layer, largest magnitude first."""
    bars: Trace = {
        "type": "bar",
        "x": weights,
        "y": names,
        "orientation": "h",
        "marker": {"color": _signs(weights)},
        "hovertemplate": "%{y}: weight %{x:+.3f}<extra></extra>",
    }
    layout = _bar_layout(title)
    layout["shapes"] = [_zero_line()]
    return {"data": [bars], "layout": layout}


def weight_histogram(now: Histogram, title: str) -> Figure:
    """Histogram of one neuron's weights."""
    layout = theme.layout(
        margin={"l": 8, "r": 12, "t": 30, "b": 28},
        title=_title(title),
        showlegend=False,
        bargap=0,
        xaxis={"fixedrange": True, "nticks": 5},
        yaxis={"fixedrange": True, "nticks": 4},
    )
    return {"data": [_histogram(now, "now", legend=False)], "layout": layout}


def layer_histograms(layers: list[LayerHistograms]) -> Figure:
    """A row for each layer: weights left, biases right; bars are now, the line is the start."""
    layout = theme.layout(
        margin={"l": 44, "r": 12, "t": 62, "b": 30},
        bargap=0,
        legend={"orientation": "h", "x": 0, "y": 1, "yref": "container", "yanchor": "top"},
        annotations=[],
    )
    traces: list[Trace] = []
    for row, layer in enumerate(layers):
        panels = (
            ("weights", layer.weights, layer.start_weights),
            ("biases", layer.biases, layer.start_biases),
        )
        for column, (what, now, start) in enumerate(panels):
            number = 2 * row + column + 1
            first = number == 1
            axis = "" if first else str(number)  # Plotly names them x, x2, x3
            axes = {"xaxis": f"x{axis}", "yaxis": f"y{axis}"}
            traces.append(_histogram(now, "now", legend=first) | axes)
            if start is not None:
                traces.append(_steps(start, "at the start", legend=first) | axes)
            _add_panel(
                layout, axis, f"{theme.as_text(layer.name)}: {what}", row, column, len(layers)
            )
    return {"data": traces, "layout": layout}


def _add_panel(layout: Layout, axis: str, title: str, row: int, column: int, rows: int) -> None:
    """Put the axes of one histogram, and its title above them, where they belong in the figure."""
    gap = 0.28 / rows
    height = (1 - gap * (rows - 1)) / rows
    bottom = (rows - 1 - row) * (height + gap)
    left = 0.55 * column
    layout[f"xaxis{axis}"] = theme.axis(
        fixedrange=True, nticks=5, domain=[left, left + 0.45], anchor=f"y{axis}"
    )
    layout[f"yaxis{axis}"] = theme.axis(
        fixedrange=True, nticks=4, domain=[bottom, bottom + height], anchor=f"x{axis}"
    )
    layout["annotations"].append(
        {
            "text": title, "font": {"size": 13, "color": theme.TEXT}, "showarrow": False,
            "xref": "paper", "x": left + 0.225, "xanchor": "center",
            "yref": "paper", "y": bottom + height, "yanchor": "bottom",
        }
    )  # fmt: skip


def _histogram(histogram: Histogram, name: str, legend: bool) -> Trace:
    edges = histogram.edges
    return {
        "type": "bar",
        "x": (edges[1:] + edges[:-1]) / 2,
        "y": histogram.count,
        "width": np.diff(edges),
        "name": name,
        "showlegend": legend,
        "legendgroup": name,
        "marker": {"color": theme.TRAINING, "line": {"width": 0}},
        "hovertemplate": "%{y:,.0f} near %{x:+.3f}<extra></extra>",
    }


def _steps(histogram: Histogram, name: str, legend: bool) -> Trace:
    edges, count = histogram.edges, histogram.count
    return {
        "type": "scatter",
        "x": np.repeat(edges, 2),
        "y": np.concatenate([[0.0], np.repeat(count, 2), [0.0]]),
        "mode": "lines",
        "name": name,
        "showlegend": legend,
        "legendgroup": name,
        "line": {"color": theme.VALIDATION, "width": 1.5},
        "hoverinfo": "skip",
    }


def _bar_layout(title: str) -> Layout:
    return theme.layout(
        margin={"l": 8, "r": 12, "t": 30, "b": 28},
        title=_title(title),
        bargap=0.25,
        xaxis={"fixedrange": True, "nticks": 5},
        yaxis={
            "type": "category",
            "autorange": "reversed",
            "fixedrange": True,
            "showgrid": False,
        },
    )


def _signs(values: Float32) -> list[str]:
    return [theme.CORRECT if value >= 0 else theme.WRONG for value in values]


def _title(text: str) -> dict[str, object]:
    return {"text": text, "x": 0, "xanchor": "left", "y": 1, "yanchor": "top",
            "yref": "container", "pad": {"t": 4, "l": 4}, "font": {"size": 13}}  # fmt: skip


def _zero_line() -> dict[str, object]:
    return {"type": "line", "x0": 0, "x1": 0, "y0": 0, "y1": 1, "yref": "paper",
            "line": {"color": theme.MUTED, "width": 1}}  # fmt: skip
