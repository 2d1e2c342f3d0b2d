"""What a network said at every epoch that a run has kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from fmnist.arrays import Float32, Int64, UInt8
from fmnist.classes import CLASS_COUNT
from fmnist.insight.evaluation import confusion_matrix, predict
from fmnist.network import Network


@dataclass(frozen=True)
class Answers:
    """Ten probabilities of one picture over the epochs.

    Attributes
    ----------
    epochs : ndarray of shape (n,)
    probabilities : ndarray of shape (n, 10)
    """

    epochs: Int64
    probabilities: Float32

    @property
    def turned_at(self) -> int | None:
        """The kept epoch at which the last answer came and stayed; None if it was there always."""
        answers = self.probabilities.argmax(axis=1)
        other = np.flatnonzero(answers != answers[-1])
        return int(self.epochs[other[-1] + 1]) if len(other) else None


def answers(network_at: Callable[[int], Network], epochs: Sequence[int], image: Float32) -> Answers:
    """Ask the network of every epoch about one picture.

    Parameters
    ----------
    network_at : gives the network after an epoch
    epochs : at least one
    image : ndarray of shape (28, 28), float32 in [0, 1]
    """
    rows = [network_at(epoch).probabilities(image[None])[0] for epoch in epochs]
    return Answers(np.array(epochs, np.int64), np.array(rows, np.float32))


def class_accuracies(
    network_at: Callable[[int], Network], epochs: Sequence[int], images: UInt8, labels: UInt8
) -> Float32:
    """Share of right answers per class over the epochs: ndarray of shape (epochs, 10)."""
    rows = []
    sizes = np.maximum(np.bincount(labels, minlength=CLASS_COUNT), 1)
    for epoch in epochs:
        matrix = confusion_matrix(labels, predict(network_at(epoch), images, labels).predicted)
        rows.append(np.diag(matrix) / sizes)
    return np.array(rows, np.float32)
