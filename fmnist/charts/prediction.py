"""Figures of one answer: the ten probabilities, and a map of what spoke for and against."""

from fmnist.arrays import Float32
from fmnist.charts import theme
from fmnist.charts.figure import Figure, Trace
from fmnist.classes import CLASS_NAMES


def probability_bars(probabilities: Float32, before: Float32 | None = None) -> Figure:
    """Ten horizontal bars, in the order and the colours of the classes.

    Parameters
    ----------
    probabilities : ndarray of shape (10,), in [0, 1]
    before : ndarray of shape (10,), in [0, 1], or None
        A thin mark on each bar: what it was before a person changed a stage.
    """
    labels = [f"  {value:.1%}" if value >= 0.0005 else "" for value in probabilities]
    bars: Trace = {
        "type": "bar",
        "x": probabilities,
        "y": CLASS_NAMES,
        "orientation": "h",
        "marker": {"color": theme.CLASS_COLORS},
        "text": labels,
        "textposition": "outside",
        "cliponaxis": False,
        "hovertemplate": "%{y}: %{x:.2%}<extra></extra>",
        "name": "Probability",
    }
    marks: Trace = {
        "type": "scatter",
        "x": before,
        "y": CLASS_NAMES,
        "mode": "markers",
        "marker": {
            "symbol": "line-ns-open", "size": 16, "color": theme.TEXT, "line": {"width": 2},
        },
        "hovertemplate": "%{y}, without your changes: %{x:.2%}<extra></extra>",
    }  # fmt: skip
    layout = theme.layout(
        showlegend=False,
        margin={"l": 8, "r": 8, "t": 4, "b": 4},
        bargap=0.28,
        dragmode=False,
        xaxis={"range": [0, 1.14], "visible": False, "fixedrange": True},
        yaxis={"autorange": "reversed", "showgrid": False, "ticks": "", "fixedrange": True},
    )
    return {"data": [bars] if before is None else [bars, marks], "layout": layout}


def evidence_map(image: Float32, evidence: Float32, class_name: str) -> Figure:
    """The item, and over it what each pixel said: red for the class, blue against it.

    Parameters
    ----------
    image : ndarray of shape (28, 28), in [0, 1]
    evidence : ndarray of shape (28, 28), signed
    class_name : of the class that the evidence is about
    """
    limit = theme.diverging_limit(evidence)
    pixels: Trace = {
        "type": "heatmap",
        "z": evidence,
        "customdata": image,
        "zmin": -limit,
        "zmax": limit,
        "colorscale": theme.colorscale(theme.DIVERGING),
        "hovertemplate": (
            "row %{y}, column %{x}<br>brightness %{customdata:.2f}"
            f"<br>%{{z:+.3f}} for {class_name}<extra></extra>"
        ),
        "colorbar": {
            "thickness": 10,
            "outlinewidth": 0,
            "tickvals": [-limit, 0, limit],
            "ticktext": ["against", "0", "for"],
        },
    }
    # The item's outline, so that the map can be read as a picture.
    outline: Trace = {
        "type": "contour",
        "z": image,
        "contours": {"start": 0.15, "end": 0.15, "size": 1, "coloring": "none"},
        "line": {"color": "#1c2733", "width": 1.5, "smoothing": 0.6},
        "showscale": False,
        "hoverinfo": "skip",
    }
    hidden = {"visible": False, "fixedrange": True, "constrain": "domain"}
    layout = theme.layout(
        margin={"l": 4, "r": 4, "t": 4, "b": 4},
        dragmode=False,
        xaxis=hidden,
        yaxis={**hidden, "autorange": "reversed", "scaleanchor": "x"},
    )
    return {"data": [pixels, outline], "layout": layout}
