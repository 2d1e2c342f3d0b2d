"""Figures in words: what a person who cannot see them is told."""

import numpy as np
import pytest

from fmnist.charts import lesson, prediction
from fmnist.charts.words import MOST_TRACES, in_words


def figure(*traces, **layout):
    return {"data": list(traces), "layout": layout}


def test_lines_are_told_by_where_they_begin_end_and_peak():
    said = in_words(lesson.losses([2.0, 0.5, 1.0]))
    assert said == "Loss of this picture. Step. from 2 to 1, between 0.5 and 2"
    shares = np.zeros((2, 10), np.float32)
    shares[1, 8] = 1
    said = in_words(lesson.over_epochs([0, 50], shares, "Probability"))
    assert said.startswith("Probability over Epoch. T-shirt/top from 0 to 0")
    assert "Bag from 0 to 1, between 0 and 1" in said


def test_the_largest_bars_are_told_by_name():
    probabilities = np.zeros(10, np.float32)
    probabilities[[3, 9]] = 0.25, 0.75
    said = in_words(prediction.probability_bars(probabilities))
    assert said.index("Ankle boot") < said.index("Dress")


@pytest.mark.parametrize(
    ("trace", "said"),
    [
        ({"type": "scatter", "y": []}, ""),
        ({"type": "scatter", "y": [None, float("nan")]}, ""),
        ({"type": "scatter", "y": [None, 3, None], "name": "<b>One</b>"}, "One 3"),
        ({"type": "scatter", "y": ["a", "b"]}, ""),
        ({"type": "scatter", "y": [1, 2], "hoverinfo": "skip"}, ""),
        ({"type": "scatter", "y": [1, 2], "visible": False}, ""),
        ({"type": "bar", "y": np.array([1.0, np.nan, -5.0])}, "largest: 2 -5, 0 1, 1 nan"),
        ({"type": "heatmap", "z": np.eye(2)}, "2 by 2 values, from 0 to 1"),
        ({"type": "heatmap", "z": np.full((2, 2), np.nan)}, ""),
        ({"type": "contour", "z": np.eye(2)}, ""),
    ],
)
def test_each_kind_of_trace(trace, said):
    assert in_words(figure(trace)) == said


def test_many_traces_are_counted():
    lines = [{"type": "scatter", "y": [1, 2], "name": str(n)} for n in range(MOST_TRACES + 5)]
    assert in_words(figure(*lines)).endswith("and 5 more")
