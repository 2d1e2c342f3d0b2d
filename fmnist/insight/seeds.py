"""What several runs of one recipe tell: their spread, and whether two recipes really differ."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr

SURE = 0.05  # below it a difference counts as more than noise, by the usual convention
FEWEST = 2  # runs of each recipe, without which there is no spread to compare with


@dataclass(frozen=True)
class Spread:
    """Mean and sample standard deviation (with n - 1) of some figures.

    Attributes
    ----------
    deviation : None for a single figure
    """

    mean: float
    deviation: float | None
    count: int


@dataclass(frozen=True)
class Welch:
    """Welch's test of two groups of figures.

    Attributes
    ----------
    difference : of the means, first minus second
    p_value : how likely a difference at least as large were if both had the same mean, two-sided
    """

    difference: float
    statistic: float
    degrees_of_freedom: float
    p_value: float


def spread(values: Sequence[float]) -> Spread:
    """Mean and standard deviation of at least one figure. Raises ValueError for none."""
    if not values:
        raise ValueError("There is no figure to take the mean of.")
    deviation = float(np.std(values, ddof=1)) if len(values) > 1 else None
    return Spread(float(np.mean(values)), deviation, len(values))


def welch(first: Sequence[float], second: Sequence[float]) -> Welch | None:
    """Compare the means of two groups whose variances may differ; None if either has one run.

    B. L. Welch, "The generalization of Student's problem when several different population
    variances are involved", Biometrika 34 (1947). It takes the runs for independent and their
    figures for about normally distributed.
    """
    if min(len(first), len(second)) < FEWEST:
        return None
    shares = [float(np.var(values, ddof=1)) / len(values) for values in (first, second)]
    difference = float(np.mean(first) - np.mean(second))
    total = sum(shares)
    if total == 0.0:  # all alike within each group
        same = difference == 0.0
        return Welch(difference, 0.0 if same else math.copysign(math.inf, difference),
                     float(len(first) + len(second) - 2), 1.0 if same else 0.0)  # fmt: skip
    statistic = difference / math.sqrt(total)
    freedom = total**2 / sum(
        share**2 / (len(values) - 1) for share, values in zip(shares, (first, second), strict=True)
    )
    return Welch(difference, statistic, freedom, float(2.0 * stdtr(freedom, -abs(statistic))))


def verdict(test: Welch | None, first: str, second: str) -> str:
    """What the test says of two accuracies, in one plain sentence.

    Parameters
    ----------
    first, second : what the two groups are called
    """
    if test is None:
        return "With one run each there is no telling a difference from luck: take more seeds."
    better, worse = (first, second) if test.difference > 0 else (second, first)
    points = f"{abs(100 * test.difference):.2f} points"
    chance = "below 0.001" if test.p_value < 0.001 else f"{test.p_value:.3f}"
    if test.p_value < SURE:
        return f"{better} is {points} better than {worse}, which is more than noise (p {chance})."
    return (
        f"{better} is {points} ahead of {worse}, which may well be noise (p {chance}): seeds alone "
        "make as large a difference."
    )
