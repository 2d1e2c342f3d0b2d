"""You against the network: which pictures are asked, and how both did."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fmnist.arrays import Float32, Int64, UInt8

LEVELS = ("Mixed", "Easy", "Hard")
PICTURES = 20


@dataclass(frozen=True)
class Score:
    """How a sitting went.

    Attributes
    ----------
    yours, network : right answers
    asked : pictures that were answered
    disagreed : places, from 0, at which the two said different things
    """

    yours: int
    network: int
    asked: int
    disagreed: tuple[int, ...]


def pictures(probabilities: Float32, labels: UInt8, level: str, seed: int) -> Int64:
    """Indices of twenty different test images, the same for the same level and seed.

    Easy ones are among the half in which the network gives the true class most; hard ones among
    the tenth in which it gives it least. One seed after another shows all of them once before any
    comes again.

    Parameters
    ----------
    probabilities : ndarray of shape (n, 10): of a network that is the same for all who play
    """
    if level not in LEVELS:
        raise ValueError(f"{level!r:.20} is no level; there are {', '.join(LEVELS)}.")
    chance = probabilities[np.arange(len(labels)), labels]
    order = np.argsort(chance, kind="stable")
    pool = {"Mixed": order, "Easy": order[len(order) // 2 :], "Hard": order[: len(order) // 10]}
    chosen = np.sort(pool[level])
    turns, turn = divmod(seed, max(1, len(chosen) // PICTURES))
    shuffled = np.random.default_rng([turns, LEVELS.index(level)]).permutation(chosen)
    return shuffled[turn * PICTURES : (turn + 1) * PICTURES]


def score(yours: Sequence[int], network: Sequence[int], labels: Sequence[int]) -> Score:
    """Count the right answers of both on the pictures that were answered."""
    asked = len(yours)
    pairs = list(zip(yours, network[:asked], labels[:asked], strict=True))
    return Score(
        sum(mine == true for mine, _, true in pairs),
        sum(theirs == true for _, theirs, true in pairs),
        asked,
        tuple(n for n, (mine, theirs, _) in enumerate(pairs) if mine != theirs),
    )
