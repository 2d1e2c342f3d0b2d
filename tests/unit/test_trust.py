"""How far an answer is believed: signs beside the probabilities, and what certainty costs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage
from sklearn.linear_model import LogisticRegression

from fmnist.prediction import confidence, trust
from fmnist.prediction.trade import trade
from fmnist.prediction.trust import NO_TRUST, Signs, log_odds, readings, steadiness, trusted
from fmnist.synthetic import fit_trust
from fmnist.synthetic.fit_trust import Judged, _cross_validated, _regression
from tests.archives import random_network


@given(st.floats(0, 1))
def test_log_odds_are_those_of_a_probability(probability):
    value = log_odds(probability)
    assert abs(value) <= trust.LIMIT + 1e-9
    if abs(value) < trust.LIMIT - 1e-6:
        assert 1 / (1 + np.exp(-value)) == pytest.approx(probability, abs=1e-9)


def test_unfitted_trust_is_the_network_s_own_confidence():
    assert trusted(NO_TRUST, Signs(0.8, 0.1, 0.0, 0.0)) == pytest.approx(0.8)


def test_trust_is_scikit_learns_logistic_regression():
    rng = np.random.default_rng(0)
    signs = [Signs(*rng.uniform(0.05, 0.95, 3), even=float(rng.random() < 0.5)) for _ in range(200)]
    rows = np.array([sign.row() for sign in signs])
    right = rng.random(200) < [sign.steadiness for sign in signs]
    none = Judged(np.zeros((0, 5)), np.zeros(0, bool), np.zeros(0, bool))
    weights = _regression(Judged(rows, right, np.ones(200, bool)), none)
    oracle = LogisticRegression().fit(rows[:, 1:], right).predict_proba(rows[:, 1:])[:, 1]
    assert [trusted(weights, sign) for sign in signs] == pytest.approx(list(oracle), abs=1e-6)


def test_no_picture_judges_what_it_helped_to_fit(monkeypatch):
    """The label of one picture has no influence on the confidence in its own answer."""
    monkeypatch.setattr(fit_trust, "REPEATS", 2)
    rng = np.random.default_rng(1)
    rows = np.column_stack([np.ones(30), rng.normal(size=(30, 4))])
    right = rng.random(30) < 0.5
    none = Judged(np.zeros((0, 5)), np.zeros(0, bool), np.zeros(0, bool))
    before = _cross_validated(Judged(rows, right, np.ones(30, bool)), none)
    right[7] = not right[7]
    after = _cross_validated(Judged(rows, right, np.ones(30, bool)), none)
    assert after[7] == pytest.approx(before[7])
    assert not np.allclose(after, before)


def test_readings_are_the_picture_moved_and_mirrored():
    image = np.random.default_rng(0).random((28, 28)).astype(np.float32)
    image = ndimage.gaussian_filter(image, 2)
    every = readings(image)
    assert every.shape == (18, 28, 28)
    assert every.dtype == np.float32
    np.testing.assert_array_equal(every[0], image)
    np.testing.assert_array_equal(every[9:], every[:9, :, ::-1])
    inner = slice(6, 22), slice(6, 22)
    down = ndimage.shift(image, (trust.SHIFT, 0), order=1)
    assert min(np.abs(reading[inner] - down[inner]).max() for reading in every) < 1e-5
    turned = ndimage.rotate(image, trust.TURN, reshape=False, order=1)
    assert min(np.abs(reading[inner] - turned[inner]).max() for reading in every) < 1e-3


def test_steadiness_is_a_mean_probability():
    network = random_network((20,))
    image = np.random.default_rng(2).random((28, 28)).astype(np.float32)
    shares = [steadiness(network, image, label, 2.0) for label in range(10)]
    assert all(0 <= share <= 1 for share in shares)
    assert sum(shares) == pytest.approx(1, abs=1e-5)


def test_more_certainty_means_fewer_answers():
    measured = confidence.read().measured
    for kind in confidence.JUDGED:
        assert len(measured[kind]) > 50
        trades = [trade(measured[kind], certainty / 100) for certainty in range(20, 100)]
        answered = [item.answered for item in trades]
        assert answered == sorted(answered, reverse=True)
        assert all(0 <= item.right <= item.answered <= item.pictures for item in trades)
        assert trade(measured[kind], 0.0).answered == len(measured[kind])


def test_a_trade_counts_what_reaches_the_certainty():
    measured = np.array([[0.9, 1], [0.6, 0], [0.6, 1], [0.2, 0]], np.float32)
    found = trade(measured, 0.6)
    assert (found.pictures, found.answered, found.right) == (4, 3, 2)
    assert trade(np.zeros((0, 2), np.float32), 0.5).answered == 0
