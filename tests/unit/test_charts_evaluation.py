import numpy as np
import plotly.graph_objects as go
import pytest

from fmnist.charts import evaluation as charts
from fmnist.charts.evaluation import AccuracyMark
from fmnist.insight.calibration import coverage_curve, reliability
from fmnist.insight.evaluation import confusion_matrix, row_shares
from tests.unit.test_insight_evaluation import made_predictions

SAYS = made_predictions(2000)
COUNTS = confusion_matrix(SAYS.labels, SAYS.predicted)


def test_marks_are_sorted_and_own_ones_have_their_interval():
    marks = [
        AccuracyMark("people", 0.835),
        AccuracyMark("mine", 0.87, (0.86, 0.88), own=True),
        AccuracyMark("notebook", 0.8761),
    ]
    figure = go.Figure(charts.accuracy_marks(marks))
    assert [trace.y[0] for trace in figure.data] == ["people", "mine", "notebook"]
    mine = figure.data[1]
    assert mine.error_x.array[0] == pytest.approx(0.01)
    assert mine.error_x.arrayminus[0] == pytest.approx(0.01)
    assert [trace.error_x.visible for trace in figure.data] == [False, True, False]


@pytest.mark.parametrize("percent", [False, True])
def test_confusion_matrix_shows_counts_or_shares(percent):
    figure = go.Figure(charts.confusion_matrix(COUNTS, percent, selected=(2, 4)))
    mistakes, right = figure.data
    np.testing.assert_allclose(np.diag(right.z), np.diag(row_shares(COUNTS)))
    assert np.isnan(right.z[0, 1])
    assert np.diag(mistakes.z).sum() == 0
    text = mistakes.text[2][4]
    assert text == (f"{row_shares(COUNTS)[2, 4]:.1%}" if percent else f"{COUNTS[2, 4]:,}")
    assert (figure.layout.shapes[0].x0, figure.layout.shapes[0].y0) == (3.5, 1.5)


def test_matrix_of_a_perfect_model():
    figure = go.Figure(charts.confusion_matrix(np.diag(np.full(10, 100)), percent=False))
    assert figure.data[0].zmax == 1.0
    assert figure.data[0].text[0][1] == ""


def test_reliability_diagram_leaves_empty_bins_out():
    bins = reliability(SAYS.confidence, SAYS.correct)
    figure = go.Figure(charts.reliability_diagram(bins))
    assert len(figure.data[0].x) == (bins.count > 0).sum()
    assert not np.isnan(figure.data[0].y).any()


def test_coverage_chart_is_thinned_but_keeps_its_ends():
    curve = coverage_curve(SAYS.confidence, SAYS.correct)
    figure = go.Figure(charts.coverage_chart(curve, 0.6, (0.8, 0.9)))
    line = figure.data[0]
    assert len(line.x) <= charts.MAX_CURVE_POINTS < len(curve.coverage)
    assert (line.x[0], line.x[-1]) == (curve.coverage[0], 1.0)
    assert figure.data[1].x == (0.8,)
    nothing = go.Figure(charts.coverage_chart(curve, 0.99, (0.0, float("nan"))))
    assert len(nothing.data) == 1
