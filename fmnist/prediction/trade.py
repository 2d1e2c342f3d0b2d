"""What asking for more certainty costs: fewer answers, of which more are right."""

from __future__ import annotations

from dataclasses import dataclass

from fmnist.arrays import Float32


@dataclass(frozen=True)
class Trade:
    """Measured on real pictures, whose answers were judged by fits without them.

    Attributes
    ----------
    pictures : how many there are
    answered : how many of them get a sure answer
    right : how many of those are right
    """

    pictures: int
    answered: int
    right: int


def trade(measured: Float32, certainty: float) -> Trade:
    """Count at a certainty.

    Parameters
    ----------
    measured : ndarray of shape (n, 2), see `fmnist.prediction.confidence.Reference`
    certainty : confidence that a sure answer needs, in [0, 1]
    """
    sure = measured[:, 0] >= certainty
    return Trade(len(measured), int(sure.sum()), int(measured[sure, 1].sum()))
