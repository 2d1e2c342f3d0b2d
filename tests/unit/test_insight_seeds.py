"""Spread and Welch's test against NumPy and scipy.stats."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from fmnist.insight.seeds import spread, verdict, welch

FIGURES = st.lists(st.floats(0, 1, width=32), min_size=2, max_size=20)
pytestmark = pytest.mark.filterwarnings("ignore:Precision loss:RuntimeWarning")


@given(FIGURES)
def test_spread_is_numpy_s(values):
    told = spread(values)
    assert told.mean == pytest.approx(np.mean(values))
    assert told.deviation == pytest.approx(np.std(values, ddof=1))
    assert told.count == len(values)


def test_one_figure_has_no_spread_and_none_no_mean():
    assert spread([0.5]).deviation is None
    with pytest.raises(ValueError, match="no figure"):
        spread([])


@given(FIGURES, FIGURES)
def test_welch_is_scipy_s(first, second):
    assume(np.std(first) > 1e-6 or np.std(second) > 1e-6)
    ours = welch(first, second)
    theirs = stats.ttest_ind(first, second, equal_var=False)
    assert ours.statistic == pytest.approx(theirs.statistic, rel=1e-6, abs=1e-9)
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-5, abs=1e-12)
    assert ours.degrees_of_freedom == pytest.approx(theirs.df, rel=1e-6)


def test_too_few_runs_tell_nothing():
    assert welch([0.8], [0.7, 0.9]) is None
    assert "more seeds" in verdict(None, "A", "B")


def test_runs_all_alike():
    assert welch([0.8, 0.8], [0.8, 0.8]).p_value == 1.0
    test = welch([0.9, 0.9], [0.8, 0.8])
    assert test.p_value == 0.0 and test.statistic == math.inf


def test_the_verdict_says_who_is_better_and_whether_that_is_noise():
    clear = welch([0.90, 0.91, 0.90], [0.80, 0.81, 0.80])
    assert verdict(clear, "Adam", "SGD").startswith("Adam is 10.00 points better than SGD")
    assert verdict(clear, "Adam", "SGD").endswith("more than noise (p below 0.001).")
    noise = welch([0.90, 0.80, 0.85], [0.86, 0.84, 0.91])
    assert verdict(noise, "Adam", "SGD").startswith("SGD is 2.00 points ahead of Adam")
    assert "may well be noise" in verdict(noise, "Adam", "SGD")


def test_noise_is_called_more_than_noise_as_rarely_as_promised():
    """Two groups of one distribution: about one time in twenty, and no more."""
    rng = np.random.default_rng(0)
    wrong = sum(welch(*rng.normal(0.88, 0.003, (2, 5))).p_value < 0.05 for _ in range(4000))
    assert wrong / 4000 < 0.06
