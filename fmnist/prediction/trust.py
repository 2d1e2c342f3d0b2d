"""Signs that tell whether an answer can be believed, beside the network's own probabilities.

A network is sure of many wrong answers. More can be seen from how it answers when the picture is
mirrored, shifted, turned or scaled a little, and from how clearly the item was found.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from fmnist.arrays import Float32, Float64
from fmnist.classes import SIDE
from fmnist.network import Network, activate

TURN = 7.0  # degrees
SHIFT = 1.5  # pixels
ZOOM = 0.09  # larger and smaller by this share
LIMIT = 6.0  # log-odds beyond this count no more
# Weights of an intercept and the four signs; these believe the network's own confidence.
NO_TRUST: Float64 = np.array([0.0, 1.0, 0.0, 0.0, 0.0])


@dataclass(frozen=True)
class Signs:
    """What is known about one answer.

    Attributes
    ----------
    confidence : probability of the answer, after temperature scaling
    steadiness : mean probability of the same class over changed readings of the picture
    separation : how well colours tell the item from its ground, 0 to 1; 1 for drawings
    even : whether the ground is even, 0 or 1; 1 for drawings
    """

    confidence: float
    steadiness: float
    separation: float = 1.0
    even: float = 1.0

    def row(self) -> Float64:
        """As numbers for a logistic regression, the first 1 for the intercept: (5,)."""
        odds = [log_odds(self.confidence), log_odds(self.steadiness)]
        return np.array([1.0, *odds, self.separation, self.even])


def log_odds(probability: float) -> float:
    """Within ``±LIMIT``."""
    edge = 1 / (1 + np.exp(LIMIT))
    inside = min(max(probability, edge), 1 - edge)
    return float(np.log(inside / (1 - inside)))


def trusted(weights: Float64, signs: Signs) -> float:
    """Probability that an answer is right, by logistic regression on its signs.

    Parameters
    ----------
    weights : ndarray of shape (5,), from `fmnist.synthetic.fit_trust`
    """
    return float(1 / (1 + np.exp(-float(weights @ signs.row()))))


def readings(image: Float32) -> Float32:
    """The picture, mirrored, shifted, turned and scaled: (18, 28, 28), float32.

    Parameters
    ----------
    image : ndarray of shape (28, 28), float32 in [0, 1]
    """
    changed = [image]
    for side in (-1, 1):
        changed += [
            moved(image, angle=side * TURN),
            moved(image, down=side * SHIFT),
            moved(image, across=side * SHIFT),
            moved(image, zoom=1 + side * ZOOM),
        ]
    every = np.stack(changed)
    return np.concatenate([every, every[:, :, ::-1]])


def moved(
    image: Float32, angle: float = 0.0, down: float = 0.0, across: float = 0.0, zoom: float = 1.0
) -> Float32:
    """Turn by degrees, shift by pixels and scale about the middle; black comes in."""
    cosine, sine = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    matrix = np.array([[cosine, -sine], [sine, cosine]]) / zoom
    middle = np.full(2, (SIDE - 1) / 2)
    offset = middle - matrix @ (middle + np.array([down, across]))
    return np.asarray(ndimage.affine_transform(image, matrix, offset, order=1), np.float32)


def steadiness(network: Network, image: Float32, answer: int, temperature: float) -> float:
    """Mean probability of a class over the changed readings of a picture, in [0, 1]."""
    logits = network.logits(readings(image)) / np.float32(temperature)
    return float(activate("softmax", logits)[1:, answer].mean())
