"""Charts of Learn, with every property checked by plotly's own classes."""

import json

import numpy as np
import plotly.graph_objects as go
import pytest

from fmnist.charts import lesson as charts
from fmnist.charts.figure import to_json


@pytest.mark.parametrize("units", [1, 10, 512])
@pytest.mark.parametrize("gradients", [False, True])
def test_a_layer_is_a_strip_of_its_values(units, gradients):
    values = np.linspace(-1, 2, units)
    slopes = np.linspace(1, -1, units) if gradients else None
    chart = charts.layer_strip(values, slopes, 0)
    figure = go.Figure(chart)
    assert len(figure.data) == 1 + gradients
    assert np.asarray(figure.data[0].z).shape == (1, units)
    assert figure.data[0].zmax == -figure.data[0].zmin == max(abs(values))
    assert len(figure.layout.shapes) == 1
    json.loads(to_json(chart))
    assert not go.Figure(charts.layer_strip(values, slopes, None)).layout.shapes


@pytest.mark.parametrize("kind", ["picture", "weights", "gradient"])
def test_pixels_stand_on_their_feet(kind):
    figure = go.Figure(charts.pixels(np.zeros((28, 28)), kind))
    assert figure.layout.yaxis.autorange == "reversed"
    assert figure.data[0].zmax > figure.data[0].zmin


def test_curves():
    assert list(go.Figure(charts.losses([2.0, 1.0])).data[0].y) == [2.0, 1.0]
    shares = np.random.default_rng(0).random((3, 10)).astype(np.float32)
    figure = go.Figure(charts.over_epochs([0, 5, 9], shares, "Right"))
    assert len({(line.line.color, line.line.dash) for line in figure.data}) == 10
    assert list(figure.data[4].y) == pytest.approx(shares[:, 4], abs=1e-5)
    damage = go.Figure(charts.damage_curve([0, 0.5], [0.9, 0.1], "Noise", 0.2))
    assert damage.layout.shapes[0].x0 == 0.2
