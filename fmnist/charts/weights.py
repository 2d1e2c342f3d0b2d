"""First-layer weights, single neurons and whole layers as figures."""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from fmnist.charts import theme
from fmnist.classes import CLASS_NAMES
from fmnist.insight.weights import Histogram, Mosaic

Float32 = NDArray[np.float32]

CLEAR = "rgba(0,0,0,0)"

# Class names short enough for an axis.
SHORT_NAMES = ("T-shirt", *CLASS_NAMES[1:9], "Boot")


@dataclass(frozen=True)
class Tile:
    """What a grid says about one neuron under the pointer.

    Attributes
    ----------
    number : the neuron, from 0; a click reports it
    text : lines shown under the pointer
    faded : whether the tile is greyed, as for a dead neuron
    """

    number: int
    text: str
    faded: bool = False


def neuron_grid(
    mosaic: Mosaic, tiles: list[Tile], limit: float | None, selected: int | None = None
) -> go.Figure:
    """All neurons in one figure, on one zero-centred scale.

    The weights are one heatmap. A second, clear one with a cell for each neuron lies on top: it
    names the neuron under the pointer and reports it, as ``customdata``, when clicked.

    Parameters
    ----------
    mosaic : the tiles, in the order of `tiles`
    limit : weight at the end of the shared scale; None when every neuron has a scale of its own
    selected : position in `tiles` to be outlined, if any
    """
    figure = go.Figure(layout=_bare_layout(mosaic.picture.shape))
    figure.add_heatmap(
        z=mosaic.picture,
        zmin=-128,
        zmax=127,
        colorscale=_scale_with_gaps(),
        hoverinfo="skip",
        colorbar=_color_bar(limit),
    )
    figure.add_trace(_pointer_layer(mosaic, tiles))
    if selected is not None:
        figure.add_shape(_outline(mosaic, selected))
    return figure


def neuron_picture(weights: Float32, limit: float) -> go.Figure:
    """One neuron's weights, large; (28, 28) float32, the exact weight under the pointer."""
    figure = go.Figure(layout=_bare_layout((28, 28)))
    figure.add_heatmap(
        z=weights,
        zmin=-limit,
        zmax=limit,
        colorscale=theme.colorscale(theme.DIVERGING),
        hovertemplate="row %{y}, column %{x}<br>weight %{z:+.4f}<extra></extra>",
        colorbar=_color_bar(limit, ends=(-limit, limit)),
    )
    return figure


def class_bars(values: Float32, title: str, signed: bool) -> go.Figure:
    """One bar for each class: shape (10,). Signed bars are coloured by for and against."""
    colors = (
        [theme.CORRECT if value >= 0 else theme.WRONG for value in values]
        if signed
        else list(theme.CLASS_COLORS)
    )
    figure = go.Figure(
        go.Bar(
            x=values,
            y=list(CLASS_NAMES),
            orientation="h",
            marker={"color": colors},
            hovertemplate="%{y}: %{x:+.3f}<extra></extra>"
            if signed
            else "%{y}: %{x:.3f}<extra></extra>",
        )
    )
    return figure.update_layout(
        theme.layout(
            margin={"l": 8, "r": 12, "t": 30, "b": 28},
            title=_title(title),
            bargap=0.25,
            xaxis=theme.axis(fixedrange=True, nticks=5),
            yaxis=theme.axis(autorange="reversed", fixedrange=True, showgrid=False),
            shapes=[_zero_line()] if signed else [],
        )
    )


def outgoing_bars(weights: Float32, names: list[str], title: str) -> go.Figure:
    """Strongest weights into the next layer, largest magnitude first."""
    figure = go.Figure(
        go.Bar(
            x=weights,
            y=names,
            orientation="h",
            marker={"color": [theme.CORRECT if w >= 0 else theme.WRONG for w in weights]},
            hovertemplate="%{y}: weight %{x:+.3f}<extra></extra>",
        )
    )
    return figure.update_layout(
        theme.layout(
            margin={"l": 8, "r": 12, "t": 30, "b": 28},
            title=_title(title),
            bargap=0.25,
            xaxis=theme.axis(fixedrange=True, nticks=5),
            yaxis=theme.axis(
                type="category", autorange="reversed", fixedrange=True, showgrid=False
            ),
            shapes=[_zero_line()],
        )
    )


def weight_histogram(now: Histogram, title: str) -> go.Figure:
    """Histogram of one neuron's weights."""
    figure = go.Figure(_bars(now, "now"))
    return figure.update_layout(
        theme.layout(
            margin={"l": 8, "r": 12, "t": 30, "b": 28},
            title=_title(title),
            showlegend=False,
            bargap=0,
            xaxis=theme.axis(fixedrange=True, nticks=5),
            yaxis=theme.axis(fixedrange=True, nticks=4),
        )
    )


@dataclass(frozen=True)
class LayerHistograms:
    """One layer's weights and biases, now and (if known) at the start, in the same bins."""

    name: str
    weights: Histogram
    biases: Histogram
    start_weights: Histogram | None
    start_biases: Histogram | None


def layer_histograms(layers: list[LayerHistograms]) -> go.Figure:
    """A row for each layer: weights left, biases right; now as bars, the start as a line."""
    titles = [f"{layer.name}: {what}" for layer in layers for what in ("weights", "biases")]
    figure = make_subplots(
        rows=len(layers), cols=2, subplot_titles=titles,
        vertical_spacing=0.28 / len(layers), horizontal_spacing=0.1,
    )  # fmt: skip
    for row, layer in enumerate(layers, start=1):
        pairs = ((layer.weights, layer.start_weights), (layer.biases, layer.start_biases))
        for column, (now, start) in enumerate(pairs, start=1):
            first = row == 1 and column == 1
            figure.add_trace(_bars(now, "now", legend=first), row, column)
            if start is not None:
                figure.add_trace(_steps(start, "at the start", legend=first), row, column)
    figure.update_layout(
        theme.layout(
            margin={"l": 44, "r": 12, "t": 62, "b": 30},
            bargap=0,
            legend={"orientation": "h", "x": 0, "y": 1, "yref": "container", "yanchor": "top"},
        )
    )
    figure.update_xaxes(theme.axis(fixedrange=True, nticks=5))
    figure.update_yaxes(theme.axis(fixedrange=True, nticks=4))
    return figure.update_annotations(font={"size": 13, "color": theme.TEXT})


def _bars(histogram: Histogram, name: str, legend: bool = False) -> go.Bar:
    edges = histogram.edges
    return go.Bar(
        x=(edges[1:] + edges[:-1]) / 2,
        y=histogram.count,
        width=np.diff(edges),
        name=name,
        showlegend=legend,
        legendgroup=name,
        marker={"color": theme.TRAINING, "line": {"width": 0}},
        hovertemplate="%{y:,.0f} near %{x:+.3f}<extra></extra>",
    )


def _steps(histogram: Histogram, name: str, legend: bool) -> go.Scatter:
    edges, count = histogram.edges, histogram.count
    return go.Scatter(
        x=np.repeat(edges, 2),
        y=np.concatenate([[0.0], np.repeat(count, 2), [0.0]]),
        mode="lines",
        name=name,
        showlegend=legend,
        legendgroup=name,
        line={"color": theme.VALIDATION, "width": 1.5},
        hoverinfo="skip",
    )


def _pointer_layer(mosaic: Mosaic, tiles: list[Tile]) -> go.Heatmap:
    cells = mosaic.rows * mosaic.columns
    shape = (mosaic.rows, mosaic.columns)
    fill = np.full(cells, np.nan, np.float32)
    fill[: len(tiles)] = [1.0 if tile.faded else 0.0 for tile in tiles]
    numbers = np.full(cells, -1, np.int32)
    numbers[: len(tiles)] = [tile.number for tile in tiles]
    texts = np.full(cells, "", object)
    texts[: len(tiles)] = [tile.text for tile in tiles]
    height, width = mosaic.pitch
    return go.Heatmap(
        z=fill.reshape(shape),
        zmin=0,
        zmax=1,
        x0=(mosaic.gap + width - 1) / 2,
        dx=width,
        y0=(mosaic.gap + height - 1) / 2,
        dy=height,
        colorscale=[[0, "rgba(127,139,151,0)"], [1, "rgba(127,139,151,0.6)"]],
        showscale=False,
        hoverongaps=False,
        customdata=numbers.reshape(shape),
        text=texts.reshape(shape).tolist(),
        hovertemplate="%{text}<extra></extra>",
    )


def _outline(mosaic: Mosaic, position: int) -> dict[str, object]:
    row, column = divmod(position, mosaic.columns)
    height, width = mosaic.pitch
    left, top = column * width + mosaic.gap / 2 - 0.5, row * height + mosaic.gap / 2 - 0.5
    return {
        "type": "rect", "x0": left, "x1": left + width, "y0": top, "y1": top + height,
        "line": {"color": theme.ACCENT, "width": 3},
    }  # fmt: skip


def _scale_with_gaps() -> list[list[float | str]]:
    """The diverging scale for steps of -127 to 127; gaps, at -128, show the page."""
    stops: list[list[float | str]] = [[0.0, CLEAR], [0.5 / 255, CLEAR]]
    stops.append([0.5 / 255, theme.DIVERGING[0][1]])
    stops.extend([(1 + 254 * position) / 255, color] for position, color in theme.DIVERGING)
    return stops


def _color_bar(limit: float | None, ends: tuple[float, float] = (-127, 127)) -> dict[str, object]:
    """A flat bar above the picture; `ends` are the heatmap's values at the scale's ends."""
    texts = ("−own", "0", "+own") if limit is None else (f"−{limit:.2f}", "0", f"+{limit:.2f}")
    return {
        "orientation": "h", "thickness": 10, "len": 0.6, "outlinewidth": 0,
        "x": 0.5, "xanchor": "center", "y": 1.0, "yanchor": "bottom", "ypad": 6,
        "tickvals": [ends[0], 0, ends[1]], "ticktext": list(texts),
    }  # fmt: skip


def _bare_layout(shape: tuple[int, ...]) -> go.Layout:
    """Square pixels from the top left, no axes, nothing to drag."""
    height, width = shape
    hidden = {"visible": False, "fixedrange": True, "constrain": "domain"}
    return theme.layout(
        margin={"l": 0, "r": 0, "t": 8, "b": 4},
        dragmode=False,
        xaxis={**hidden, "range": [-0.5, width - 0.5]},
        yaxis={
            **hidden,
            "range": [height - 0.5, -0.5],
            "scaleanchor": "x",
            "constraintoward": "top",
        },
    )


def _title(text: str) -> dict[str, object]:
    return {"text": text, "x": 0, "xanchor": "left", "y": 1, "yanchor": "top",
            "yref": "container", "pad": {"t": 4, "l": 4}, "font": {"size": 13}}  # fmt: skip


def _zero_line() -> dict[str, object]:
    return {"type": "line", "x0": 0, "x1": 0, "y0": 0, "y1": 1, "yref": "paper",
            "line": {"color": theme.MUTED, "width": 1}}  # fmt: skip
