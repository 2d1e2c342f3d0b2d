"""Is one model better than another, or was it luck? McNemar's test on the same images."""

from dataclasses import dataclass
from fractions import Fraction

from fmnist.arrays import Bool


@dataclass(frozen=True)
class Comparison:
    """Two models on the same images.

    Attributes
    ----------
    both_right, only_first, only_second, both_wrong : number of images
    p_value : chance of a split of the disagreements at least this uneven, were both models
        equally good
    """

    both_right: int
    only_first: int
    only_second: int
    both_wrong: int
    p_value: float

    @property
    def disagreements(self) -> int:
        """Images that exactly one of the two gets right."""
        return self.only_first + self.only_second


def compare(first_correct: Bool, second_correct: Bool) -> Comparison:
    """Exact McNemar test: a two-sided sign test on the images that one model alone gets right.

    Source: Q. McNemar (1947), "Note on the sampling error of the difference between correlated
    proportions or percentages", Psychometrika 12, 153-157; the exact binomial form.

    Parameters
    ----------
    first_correct, second_correct : ndarray of shape (n,), bool, over the same images
    """
    if first_correct.shape != second_correct.shape:
        raise ValueError(
            f"The models answered {len(first_correct):,} and {len(second_correct):,} images; "
            "they can only be compared on the same images."
        )
    only_first = int((first_correct & ~second_correct).sum())
    only_second = int((~first_correct & second_correct).sum())
    return Comparison(
        both_right=int((first_correct & second_correct).sum()),
        only_first=only_first,
        only_second=only_second,
        both_wrong=int((~first_correct & ~second_correct).sum()),
        p_value=sign_test(only_first, only_second),
    )


def sign_test(first: int, second: int) -> float:
    """Two-sided p-value of ``first`` against ``second`` under a fair coin, in whole numbers."""
    trials, fewer = first + second, min(first, second)
    ways, tail = 1, 0
    for successes in range(fewer + 1):
        tail += ways
        ways = ways * (trials - successes) // (successes + 1)
    return float(min(Fraction(1), Fraction(2 * tail, 2**trials)))


def verdict(comparison: Comparison, first: str, second: str, level: float = 0.05) -> str:
    """The test in plain words, for people who do not know it."""
    if comparison.disagreements == 0:
        return f"{first} and {second} are right and wrong on exactly the same images."
    ahead, behind = (first, second)
    more, fewer = comparison.only_first, comparison.only_second
    if fewer > more:
        ahead, behind, more, fewer = second, first, fewer, more
    counted = f"{ahead} alone is right on {more:,} images, {behind} alone on {fewer:,}."
    chance = chance_in_words(comparison.p_value)
    if comparison.p_value < level:
        return (
            f"{counted} If both were equally good, a split this uneven would come up {chance}. "
            f"So {ahead} is very likely the better one on images like these."
        )
    return (
        f"{counted} If both were equally good, a split this uneven would still come up {chance}. "
        "So these images do not tell which of the two is better."
    )


def chance_in_words(p_value: float) -> str:
    """A probability as "once in N tries" or "in N% of tries"."""
    if p_value >= 0.01:
        return f"in {p_value:.0%} of tries"
    if p_value < 1e-6:
        return "less than once in a million tries"
    return f"about once in {round(1 / p_value, -2 if p_value < 1e-3 else -1):,.0f} tries"
