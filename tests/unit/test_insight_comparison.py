import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from fmnist.insight.comparison import compare, sign_test, verdict


@given(st.integers(0, 300), st.integers(0, 300))
def test_p_value_is_the_exact_binomial_one(first, second):
    expected = binomtest(first, first + second).pvalue if first + second else 1.0
    assert sign_test(first, second) == pytest.approx(expected, rel=1e-9)


def test_p_value_of_thousands_of_disagreements():
    assert sign_test(4600, 5400) == pytest.approx(binomtest(4600, 10_000).pvalue, rel=1e-6)


def test_counts():
    first = np.array([1, 1, 1, 0, 0, 0], bool)
    second = np.array([1, 0, 0, 1, 0, 0], bool)
    result = compare(first, second)
    counts = (result.both_right, result.only_first, result.only_second, result.both_wrong)
    assert counts == (1, 2, 1, 2)
    assert result.disagreements == 3
    assert result.p_value == pytest.approx(binomtest(2, 3).pvalue)


def test_different_images_are_refused():
    with pytest.raises(ValueError, match="5 and 6 images"):
        compare(np.ones(5, bool), np.ones(6, bool))


def split(only_first, only_second):
    first = np.repeat([True, False], [only_first, only_second])
    return compare(first, ~first)


def test_verdict_names_the_better_one():
    assert "So B is very likely the better one" in verdict(split(20, 80), "A", "B")
    assert "So A is very likely the better one" in verdict(split(80, 20), "A", "B")
    assert "less than once in a million" in verdict(split(800, 200), "A", "B")


def test_verdict_does_not_claim_what_is_not_known():
    text = verdict(split(52, 48), "A", "B")
    assert "do not tell which of the two is better" in text
    assert "in 76% of tries" in text


def test_verdict_on_equal_models():
    same = np.array([True, False])
    assert "exactly the same images" in verdict(compare(same, same), "A", "B")
