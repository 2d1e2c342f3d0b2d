"""First-layer weights as heatmaps: all neurons in one figure, or one of them large."""

from dataclasses import dataclass

import numpy as np

from fmnist.arrays import Float32
from fmnist.charts import theme
from fmnist.charts.figure import Figure, Layout, Trace
from fmnist.classes import SIDE
from fmnist.insight.weights import Mosaic

CLEAR = "rgba(0,0,0,0)"


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
) -> Figure:
    """All neurons in one figure, on one zero-centred scale.

    The weights are one heatmap. A second, clear one with a cell for each neuron lies on top: it
    names the neuron under the pointer and reports it, as ``customdata``, when clicked.

    Parameters
    ----------
    mosaic : the tiles, in the order of `tiles`
    limit : weight at the end of the shared scale; None when every neuron has a scale of its own
    selected : position in `tiles` to be outlined, if any
    """
    picture: Trace = {
        "type": "heatmap",
        "z": mosaic.picture,
        "zmin": -128,
        "zmax": 127,
        "colorscale": _scale_with_gaps(),
        "hoverinfo": "skip",
        "colorbar": _color_bar(limit),
    }
    layout = _bare_layout(mosaic.picture.shape)
    layout["shapes"] = [] if selected is None else [_outline(mosaic, selected)]
    return {"data": [picture, _pointer_layer(mosaic, tiles)], "layout": layout}


def neuron_picture(weights: Float32, limit: float) -> Figure:
    """One neuron's weights, large; (28, 28) float32, the exact weight under the pointer."""
    picture: Trace = {
        "type": "heatmap",
        "z": weights,
        "zmin": -limit,
        "zmax": limit,
        "colorscale": theme.colorscale(theme.DIVERGING),
        "hovertemplate": "row %{y}, column %{x}<br>weight %{z:+.4f}<extra></extra>",
        "colorbar": _color_bar(limit, ends=(-limit, limit)),
    }
    return {"data": [picture], "layout": _bare_layout((SIDE, SIDE))}


def _pointer_layer(mosaic: Mosaic, tiles: list[Tile]) -> Trace:
    cells = mosaic.rows * mosaic.columns
    shape = (mosaic.rows, mosaic.columns)
    fill = np.full(cells, np.nan, np.float32)
    fill[: len(tiles)] = [1.0 if tile.faded else 0.0 for tile in tiles]
    numbers = np.full(cells, -1, np.int32)
    numbers[: len(tiles)] = [tile.number for tile in tiles]
    texts = np.full(cells, "", object)
    texts[: len(tiles)] = [tile.text for tile in tiles]
    height, width = mosaic.pitch
    return {
        "type": "heatmap",
        "z": fill.reshape(shape),
        "zmin": 0,
        "zmax": 1,
        "x0": (mosaic.gap + width - 1) / 2,
        "dx": width,
        "y0": (mosaic.gap + height - 1) / 2,
        "dy": height,
        "colorscale": [[0, "rgba(127,139,151,0)"], [1, "rgba(127,139,151,0.6)"]],
        "showscale": False,
        "hoverongaps": False,
        "customdata": numbers.reshape(shape).tolist(),
        "text": texts.reshape(shape).tolist(),
        "hovertemplate": "%{text}<extra></extra>",
    }


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


def _bare_layout(shape: tuple[int, ...]) -> Layout:
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
