import json

import numpy as np
import plotly.graph_objects as go
import pytest
from _plotly_utils.utils import to_typed_array_spec

from fmnist.charts.figure import merge, to_json
from fmnist.charts.prediction import evidence_map, probability_bars

ROWS = np.arange(12.0).reshape(3, 4)


def test_lists_and_rows_of_numbers_are_plain_json():
    figure = {"data": [{"x": np.array([1, 2]), "y": (0.5, np.float32(0.25))}], "layout": {}}
    assert json.loads(to_json(figure)) == {"data": [{"x": [1, 2], "y": [0.5, 0.25]}], "layout": {}}


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "int32", "float32", "float64"])
def test_pictures_go_as_the_bytes_that_plotly_sends(dtype):
    for array in (ROWS.astype(dtype), ROWS.astype(dtype).T, np.ones((2, 3, 4), dtype)):
        sent = json.loads(to_json({"data": [{"z": array}], "layout": {}}))["data"][0]["z"]
        assert sent == to_typed_array_spec(np.ascontiguousarray(array))


def test_numbers_that_json_lacks_become_null():
    figure = {"data": [{"x": np.array([np.nan, np.inf]), "y": [-float("inf")]}], "layout": {}}
    assert json.loads(to_json(figure))["data"][0] == {"x": [None, None], "y": [None]}


def test_merge_goes_into_dicts_and_leaves_its_arguments_alone():
    base, changes = {"a": {"b": 1, "c": 2}, "d": [1]}, {"a": {"c": 3}, "d": [2]}
    assert merge(base, changes) == {"a": {"b": 1, "c": 3}, "d": [2]}
    assert base == {"a": {"b": 1, "c": 2}, "d": [1]}


def test_figures_of_an_answer_are_what_plotly_knows():
    probabilities = np.full(10, 0.1, np.float32)
    bars = go.Figure(probability_bars(probabilities, before=probabilities[::-1]))
    assert list(bars.data[0].x) == pytest.approx([0.1] * 10)
    assert len(bars.data) == 2
    image = np.random.default_rng(0).random((28, 28), np.float32)
    figure = go.Figure(evidence_map(image, image - 0.5, "Bag"))
    assert figure.data[0].zmin == -figure.data[0].zmax
    assert figure.data[1].contours.start == 0.15
