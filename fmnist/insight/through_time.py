"""What a network said at every epoch that a run has kept."""

from collections.abc import Mapping
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


def answers(networks: Mapping[int, Network], image: Float32) -> Answers:
    """Ask the network of every epoch about one picture.

    Parameters
    ----------
    networks : by the epoch after which they are; at least one
    image : ndarray of shape (28, 28), float32 in [0, 1]
    """
    rows = [network.probabilities(image[None])[0] for network in networks.values()]
    return Answers(np.array(list(networks), np.int64), np.array(rows, np.float32))


def confusion_matrices(networks: Mapping[int, Network], images: UInt8, labels: UInt8) -> Int64:
    """Of every epoch: ndarray of shape (epochs, 10, 10), rows are the true classes."""
    return np.array(
        [
            confusion_matrix(labels, predict(network, images, labels).predicted)
            for network in networks.values()
        ]
    )


def class_accuracies(matrices: Int64) -> Float32:
    """Share of right answers per class: ndarray of shape (epochs, 10), float32 in [0, 1].

    Parameters
    ----------
    matrices : ndarray of shape (epochs, 10, 10), of `confusion_matrices`
    """
    sizes = np.maximum(matrices.sum(axis=2), 1)  # (epochs, 10)
    return np.asarray(np.diagonal(matrices, axis1=1, axis2=2) / sizes, np.float32)


def changeable(answers: Int64, labels: UInt8, label: int) -> Int64:
    """Pictures of a class by how often the answer to them changed, the most changeable first.

    Those that are called right in the end come before those that are not.

    Parameters
    ----------
    answers : ndarray of shape (epochs, images), the class that each picture was called
    labels : ndarray of shape (images,)

    Returns
    -------
    ndarray of numbers of images; the first image alone if there is none of the class
    """
    mine = np.flatnonzero(labels == label)
    if not len(mine):
        return np.zeros(1, np.int64)
    changes = (np.diff(answers[:, mine], axis=0) != 0).sum(axis=0)
    wrong = answers[-1, mine] != label
    return np.asarray(mine[np.lexsort((-changes, wrong))], np.int64)


@dataclass(frozen=True)
class Mistake:
    """How often one class was taken for another.

    Attributes
    ----------
    label, predicted : classes
    counts : of each epoch
    """

    label: int
    predicted: int
    counts: tuple[int, ...]

    @property
    def worst(self) -> int:
        """The highest count of a trained network: before training it says nothing."""
        return max(self.counts[1:] or self.counts)


def mistakes(matrices: Int64, count: int) -> list[Mistake]:
    """The mistakes made most often at any epoch but the first, the commonest first.

    Before training all pictures get one answer or two, which says nothing of how hard they are.

    Parameters
    ----------
    matrices : ndarray of shape (epochs, 10, 10), of `confusion_matrices`
    """
    later = matrices[1:] if len(matrices) > 1 else matrices
    worst = later.max(axis=0) * (1 - np.eye(CLASS_COUNT, dtype=np.int64))
    order = np.argsort(-worst, axis=None, kind="stable")[:count]
    pairs = [divmod(int(place), CLASS_COUNT) for place in order]
    return [Mistake(row, column, tuple(matrices[:, row, column].tolist())) for row, column in pairs]
