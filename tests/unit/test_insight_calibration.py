import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.special import softmax
from sklearn.calibration import calibration_curve

from fmnist.insight.calibration import (
    at_threshold,
    coverage_curve,
    reliability,
    tempered_confidence,
)


def made(count=2000, seed=0):
    rng = np.random.default_rng(seed)
    confidence = rng.beta(5, 2, count).astype(np.float32)
    return confidence, rng.random(count) < confidence**2


def test_bins_are_those_of_scikit_learn():
    confidence, correct = made()
    ours = reliability(confidence, correct, bins=10)
    accuracy, mean = calibration_curve(correct, confidence.astype(np.float64), n_bins=10)
    filled = ours.count > 0
    np.testing.assert_allclose(ours.accuracy[filled], accuracy)
    np.testing.assert_allclose(ours.confidence[filled], mean, rtol=1e-6)
    assert ours.count.sum() == len(confidence)


def test_expected_error_by_the_definition():
    confidence, correct = made(500)
    error = 0.0
    for low in range(15):
        inside = (confidence > low / 15) & (confidence <= (low + 1) / 15)
        if inside.any():
            gap = correct[inside].mean() - confidence[inside].mean(dtype=np.float64)
            error += abs(gap) * inside.mean()
    bins = reliability(confidence, correct)
    assert bins.expected_error == pytest.approx(error, abs=1e-6)
    assert bins.bias == pytest.approx(confidence.mean() - correct.mean(), abs=1e-6)


def test_edges_belong_to_the_bin_below():
    bins = reliability(np.array([0.0, 0.5, 1.0], np.float32), np.array([True] * 3), bins=2)
    np.testing.assert_array_equal(bins.count, [2, 1])


def test_perfect_and_hopeless():
    sure = np.ones(10, np.float32)
    assert reliability(sure, np.ones(10, bool)).expected_error == 0
    assert reliability(sure, np.zeros(10, bool)).expected_error == 1


@given(
    arrays.arrays(np.float32, st.integers(1, 60), elements=st.sampled_from([0.25, 0.5, 0.75, 1.0])),
    st.integers(0, 2**32 - 1),
)
def test_coverage_curve_agrees_with_every_threshold(confidence, seed):
    correct = np.random.default_rng(seed).random(len(confidence)) < 0.5
    curve = coverage_curve(confidence, correct)
    assert len(curve.threshold) == len(np.unique(confidence))
    for threshold, coverage, accuracy in zip(
        curve.threshold, curve.coverage, curve.accuracy, strict=True
    ):
        answered = confidence >= threshold
        assert coverage == pytest.approx(answered.mean())
        assert accuracy == pytest.approx(correct[answered].mean())
        assert at_threshold(confidence, correct, threshold) == pytest.approx((coverage, accuracy))
    assert curve.coverage[-1] == 1


def test_no_answers_have_no_accuracy():
    coverage, accuracy = at_threshold(np.array([0.5], np.float32), np.array([True]), 0.9)
    assert coverage == 0
    assert np.isnan(accuracy)


@pytest.mark.parametrize("temperature", [0.25, 1.0, 1.7, 16.0])
def test_tempering_divides_the_logits(temperature):
    logits = np.random.default_rng(0).normal(0, 4, (50, 10))
    expected = softmax(logits / temperature, axis=1).max(axis=1)
    ours = tempered_confidence(softmax(logits, axis=1).astype(np.float32), temperature)
    np.testing.assert_allclose(ours, expected, rtol=1e-4)
