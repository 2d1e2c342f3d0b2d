import numpy as np
import plotly.graph_objects as go
import pytest

from fmnist.charts import bars
from fmnist.charts import weights as charts
from fmnist.charts.bars import LayerHistograms
from fmnist.charts.figure import to_json
from fmnist.charts.weights import Tile
from fmnist.insight.weights import glorot_histogram, grid_columns, histogram, neuron_mosaic
from tests.archives import random_network


def made_grid(units, limit=0.2, selected=None, faded=()):
    layer = random_network((units,)).layers[0]
    mosaic = neuron_mosaic(
        layer.kernel, layer.bias, np.full(units, 0.2, np.float32), 0.2, grid_columns(units)
    )
    tiles = [Tile(n, f"Neuron {n}", n in faded) for n in range(units)]
    return mosaic, go.Figure(charts.neuron_grid(mosaic, tiles, limit, selected))


@pytest.mark.parametrize("units", [1, 10, 100, 512])
def test_pointer_cells_lie_on_their_tiles(units):
    mosaic, figure = made_grid(units)
    picture, cells = figure.data
    assert picture.z.shape == mosaic.picture.shape
    for number in range(units):
        row, column = divmod(number, mosaic.columns)
        assert cells.customdata[row][column] == number
        assert cells.text[row][column] == f"Neuron {number}"
        x, y = cells.x0 + column * cells.dx, cells.y0 + row * cells.dy
        left = column * mosaic.pitch[1] + mosaic.gap
        top = row * mosaic.pitch[0] + mosaic.gap
        assert left <= x - 13 and x + 13 <= left + 27.5
        assert top < y < top + mosaic.pitch[0]
    assert np.isnan(cells.z).sum() == mosaic.rows * mosaic.columns - units


def test_scale_is_zero_centred():
    _, figure = made_grid(4)
    picture = figure.data[0]
    zero = (0 - picture.zmin) / (picture.zmax - picture.zmin)
    stops = dict(picture.colorscale)
    nearest = min(stops, key=lambda position: abs(position - zero))
    assert abs(nearest - zero) < 1e-9
    assert stops[nearest] == "#f7f7f7"
    assert picture.colorbar.ticktext == ("−0.20", "0", "+0.20")


def test_own_scales_are_labelled_without_numbers():
    _, figure = made_grid(4, limit=None)
    assert figure.data[0].colorbar.ticktext == ("−own", "0", "+own")


def test_dead_neurons_are_faded_and_the_selected_one_outlined():
    mosaic, figure = made_grid(12, selected=7, faded={3})
    assert figure.data[1].z.ravel()[3] == 1
    assert np.nansum(figure.data[1].z) == 1
    (outline,) = figure.layout.shapes
    row, column = divmod(7, mosaic.columns)
    centre = figure.data[1].x0 + column * mosaic.pitch[1]
    assert outline.x0 < centre < outline.x1
    assert outline.y0 < figure.data[1].y0 + row * mosaic.pitch[0] < outline.y1


def test_512_neurons_are_small_enough_to_send_at_once():
    _, figure = made_grid(512)
    assert len(to_json(figure.to_dict())) < 1_000_000


def test_neuron_picture_has_exact_weights():
    weights = np.random.default_rng(0).normal(size=(28, 28)).astype(np.float32)
    figure = go.Figure(charts.neuron_picture(weights, 2.0))
    np.testing.assert_array_equal(figure.data[0].z, weights)
    assert (figure.data[0].zmin, figure.data[0].zmax) == (-2.0, 2.0)


def test_bars():
    values = np.linspace(-1, 1, 10).astype(np.float32)
    signed = go.Figure(bars.class_bars(values, "title", signed=True)).data[0]
    np.testing.assert_array_equal(signed.x, values)
    assert len(set(signed.marker.color)) == 2
    plain = go.Figure(bars.class_bars(values, "title", signed=False)).data[0]
    assert len(set(plain.marker.color)) == 10
    outgoing = bars.outgoing_bars(values[:3], ["neuron 1", "neuron 5", "neuron 2"], "title")
    assert go.Figure(outgoing).data[0].y == ("neuron 1", "neuron 5", "neuron 2")


def test_layer_histograms_name_start_and_now_once():
    network = random_network((12, 8))
    rows = []
    for layer in network.layers:
        now = histogram(layer.kernel)
        start = glorot_histogram(*layer.kernel.shape, now.edges)
        rows.append(LayerHistograms(layer.name, now, histogram(layer.bias), start, None))
    figure = go.Figure(bars.layer_histograms(rows))
    assert len(figure.data) == 9
    assert sorted(t.name for t in figure.data if t.showlegend) == ["at the start", "now"]
    axes = {trace.xaxis for trace in figure.data}
    assert axes == {"x", *(f"x{n}" for n in range(2, 7))}
    assert all(figure.layout[f"xaxis{n}"].domain[1] <= 1 for n in range(1, 7))
