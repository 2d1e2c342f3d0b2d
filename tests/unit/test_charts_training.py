import json
import math

import numpy as np
import plotly.graph_objects as go
import pytest

from fmnist.charts import theme
from fmnist.charts import training as charts
from fmnist.charts.figure import to_json
from fmnist.charts.training import (
    MAX_POINTS,
    NOTEBOOK_RESULT,
    Overlay,
    View,
    decimate,
    smooth,
)
from fmnist.training.progress import Epoch, Point, Progress, RateChange


def epoch(number: int, loss: float, val_loss: float) -> Epoch:
    return Epoch(number, loss, 1 - loss, val_loss, 1 - val_loss, 0.01, 1.0)


def progress(epochs: int = 3, points_per_epoch: int = 4) -> Progress:
    count = epochs * points_per_epoch
    return Progress(
        epochs=[epoch(n, 0.9 / n, 0.5 + abs(n - 2) / 10) for n in range(1, epochs + 1)],
        points=[Point((n + 1) / points_per_epoch, 1 / (n + 1), n / count) for n in range(count)],
    )


def training_figure(*arguments) -> go.Figure:
    """The figure, with all its properties checked by plotly."""
    return go.Figure(charts.training_figure(*arguments))


def traces(figure) -> dict[str, object]:
    return {trace.uid: trace for trace in figure.data}


def test_curves_are_the_numbers_of_the_run() -> None:
    drawn = traces(training_figure(progress(), "loss", 50, View()))
    assert list(drawn["training"].x) == [1, 2, 3]
    assert list(drawn["training"].y) == pytest.approx([0.9, 0.45, 0.3])
    assert list(drawn["validation"].y) == pytest.approx([0.6, 0.5, 0.6])
    assert list(drawn["inside"].x) == pytest.approx([n / 4 for n in range(1, 13)])


def test_accuracy_uses_the_accuracies() -> None:
    drawn = traces(training_figure(progress(), "accuracy", 50, View()))
    assert list(drawn["validation"].y) == pytest.approx([0.4, 0.5, 0.4])
    assert list(drawn["reference"].y) == [0.8761, 0.8761]


def test_star_stands_on_the_lowest_validation_loss() -> None:
    for metric, value in (("loss", 0.5), ("accuracy", 0.5)):
        star = traces(training_figure(progress(), metric, 50, View()))["best"]
        assert list(star.x) == [2]
        assert list(star.y) == pytest.approx([value])


@pytest.mark.parametrize("lost", [0, 1])
def test_the_star_is_found_when_a_damaged_line_has_lost_an_epoch(lost: int) -> None:
    run = progress()
    del run.epochs[lost]
    best = min(run.epochs, key=lambda item: item.val_loss)
    star = traces(training_figure(run, "loss", 50, View()))["best"]
    assert (list(star.x), list(star.y)) == ([best.epoch], pytest.approx([best.val_loss]))


def test_a_run_without_points_has_all_traces_and_a_full_axis() -> None:
    figure = training_figure(Progress(), "loss", 50, View())
    assert set(traces(figure)) == {"reference", "inside", "training", "validation", "best"}
    assert tuple(figure.layout.xaxis.range) == (0, 50)


def test_traces_stay_the_same_ones_while_a_run_grows() -> None:
    first = training_figure(Progress(), "loss", 9, View())
    later = training_figure(progress(), "loss", 9, View(smoothing=0.5))
    assert [trace.uid for trace in first.data] == [trace.uid for trace in later.data]


def test_reference_is_only_there_for_the_real_data() -> None:
    assert "reference" not in traces(training_figure(progress(), "loss", 5, View(reference=False)))


def test_the_title_says_when_it_is_not_the_real_data() -> None:
    run = progress()
    assert training_figure(run, "loss", 5, View()).layout.title.text == "Loss"
    run.data_official, run.data_name = False, "a stand-in"
    assert training_figure(run, "loss", 5, View()).layout.title.text == "Loss on a stand-in"


def test_earlier_runs_lie_behind_in_other_colors_and_lengthen_the_axis() -> None:
    longer = Overlay("before", tuple(epoch(n, 1 / n, 1 / n) for n in range(1, 8)))
    figure = training_figure(progress(), "loss", 5, View(), [longer])
    names = [trace.name for trace in figure.data]
    assert names.index("validation, before") < names.index("training")
    assert figure.data[0].line.color not in (theme.TRAINING, theme.VALIDATION)
    assert tuple(figure.layout.xaxis.range) == (0, 7)


def test_logarithmic_axis_is_for_loss_only_and_covers_the_values() -> None:
    loss = training_figure(progress(), "loss", 5, View(log_loss=True))
    assert loss.layout.yaxis.type == "log"
    low, high = loss.layout.yaxis.range
    assert 10**low < 0.3
    assert 10**high > 0.9
    assert training_figure(progress(), "accuracy", 5, View(log_loss=True)).layout.yaxis.type == (
        "linear"
    )


def test_first_mini_batches_do_not_flatten_the_rest() -> None:
    run = progress()
    run.points[0] = Point(0.01, 40.0, 0.1)
    figure = training_figure(run, "loss", 50, View())
    assert figure.layout.yaxis.range[1] < 1.1
    assert max(traces(figure)["inside"].y) == 40.0


def test_range_covers_the_points_of_an_incomplete_first_epoch() -> None:
    run = Progress(points=[Point(0.1, 2.3, 0.1), Point(0.2, 1.4, 0.5)])
    low, high = training_figure(run, "loss", 50, View()).layout.yaxis.range
    assert low < NOTEBOOK_RESULT["loss"] < 2.3 < high


def test_diverged_values_give_a_figure_that_browsers_can_read() -> None:
    run = Progress(epochs=[epoch(1, math.nan, math.inf), epoch(2, 0.5, 0.6)])
    text = to_json(charts.training_figure(run, "loss", 2, View()))
    assert "NaN" not in text
    assert "Infinity" not in text
    assert all(map(math.isfinite, json.loads(text)["layout"]["yaxis"]["range"]))


def test_rate_changes_are_marked_where_they_took_effect() -> None:
    run = progress()
    run.rate_changes = [RateChange(1.5, 0.001, 1)]
    figure = training_figure(run, "loss", 5, View())
    assert [shape.x0 for shape in figure.layout.shapes] == [1.5]
    assert [note.text for note in figure.layout.annotations] == ["rate 0.001"]


def test_smoothing_leaves_constants_alone_and_calms_noise() -> None:
    assert smooth(np.full(9, 2.5), 0.9) == pytest.approx([2.5] * 9)
    noise = np.random.default_rng(0).normal(size=500)
    assert smooth(noise, 0.9).std() < noise.std() / 3
    assert smooth(noise, 0.0) is noise


def test_smoothing_is_a_weighted_mean_of_the_past() -> None:
    values, weight = np.array([3.0, 1.0, 4.0, 1.0, 5.0]), 0.6
    weights = weight ** np.arange(5)[::-1]
    assert smooth(values, weight)[-1] == pytest.approx(np.average(values, weights=weights))


def test_decimation_keeps_mean_and_end() -> None:
    positions, values = np.arange(1, 6001) / 4, np.random.default_rng(1).normal(size=6000)
    few_positions, few_values = decimate(positions, values, MAX_POINTS)
    assert len(few_positions) == len(few_values) == 1500
    assert few_positions[-1] == positions[-1]
    assert few_values.mean() == pytest.approx(values.mean())


def test_decimation_leaves_short_runs_alone() -> None:
    positions = np.arange(10.0)
    assert decimate(positions, positions, 10)[0] is positions
    assert len(decimate(positions, positions, 9)[0]) == 5


def test_long_runs_are_sent_with_few_points() -> None:
    run = progress(epochs=1000, points_per_epoch=8)
    figure = training_figure(run, "loss", 1000, View())
    assert max(len(trace.x) for trace in figure.data) <= MAX_POINTS
