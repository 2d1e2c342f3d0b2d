"""Charts of groups, with every property checked by plotly's own classes."""

import json

import numpy as np
import plotly.graph_objects as go
import pytest

from fmnist.charts import groups as charts
from fmnist.charts.figure import to_json
from fmnist.charts.groups import Curve

VALUES = np.array([[0.5, 0.6, 0.8], [0.7, 0.8, np.nan], [0.6, np.nan, np.nan]])


def test_curves_are_means_with_bands_of_one_deviation():
    figure = go.Figure(charts.mean_curves([Curve("Adam", VALUES)], "Accuracy", 3))
    low, high, mean = figure.data
    assert list(mean.y) == pytest.approx([0.6, 0.7, 0.8])
    assert list(mean.x) == [1, 2, 3]
    deviations = [np.std(column[~np.isnan(column)], ddof=1) for column in VALUES.T[:2]]
    assert np.array(high.y)[:2] - np.array(mean.y)[:2] == pytest.approx(deviations, abs=1e-6)
    assert np.array(mean.y)[:2] - np.array(low.y)[:2] == pytest.approx(deviations, abs=1e-6)
    assert high.y[2] == low.y[2] == pytest.approx(0.8)  # one run has no spread
    assert high.fill == "tonexty"


def test_one_run_has_no_band_and_no_epochs_no_points():
    (line,) = go.Figure(charts.mean_curves([Curve("x", VALUES[:1])], "Loss", 3)).data
    assert line.mode == "lines"
    (empty,) = go.Figure(charts.mean_curves([Curve("x", np.full((1, 4), np.nan))], "Loss", 4)).data
    assert len(empty.x) == 0
    assert go.Figure(charts.mean_curves([], "Loss", 4)).data == ()


def test_twenty_seven_lines_can_be_told_apart():
    curves = [Curve(f"run {n}", VALUES[:1]) for n in range(27)]
    lines = go.Figure(charts.mean_curves(curves, "Loss", 3)).data
    assert len({(line.line.color, line.line.dash) for line in lines}) == 27


def test_every_run_is_a_dot_that_carries_its_id():
    figure = go.Figure(
        charts.outcomes(["0.01", "<b>"], [[0.8, 0.9], [0.7]], [["a", "b"], ["c"]], "Rate")
    )
    bars, dots = figure.data
    assert list(dots.customdata) == ["a", "b", "c"]
    assert list(dots.y) == [0.8, 0.9, 0.7]
    assert [round(x) for x in dots.x] == [0, 0, 1]
    assert list(bars.y) == pytest.approx([0.85, 0.7])
    assert figure.layout.xaxis.ticktext == ("0.01", "&lt;b&gt;")


def test_a_variant_without_a_run_yet_has_no_mean():
    figure = go.Figure(charts.outcomes(["a", "b"], [[], [0.7]], [[], ["c"]], "Rate"))
    assert figure.data[0].y == (None, 0.7)


def test_the_heatmap_shows_its_figures_and_nothing_where_there_is_none():
    means = np.array([[0.8, np.nan], [0.9, 0.7]])
    chart = charts.outcome_heatmap(["0.01", "0.1"], ["0", "0.9"], means, "Rate", "Momentum")
    figure = go.Figure(chart)
    assert [list(row) for row in figure.data[0].text] == [["80.0%", ""], ["90.0%", "70.0%"]]
    assert np.array_equal(np.asarray(figure.data[0].z), means, equal_nan=True)
    json.loads(to_json(chart))
