"""How good a model is on labelled images: predictions, intervals, per-class figures.

Every figure is the field's own definition; the source stands in its docstring.
"""

import math
from dataclasses import dataclass

import numpy as np

from fmnist.arrays import Bool, Float32, Float64, Int64, UInt8
from fmnist.classes import CLASS_COUNT
from fmnist.network import Dense, Network
from fmnist.recipe import NOTEBOOK_RESULT

CHUNK = 1000  # images at a time: 3 MB of float32


@dataclass(frozen=True)
class Predictions:
    """What a model says about labelled images.

    Attributes
    ----------
    probabilities : ndarray of shape (n, 10), float32, rows sum to 1
    losses : ndarray of shape (n,), float32, cross-entropy of each image in nats
    labels : ndarray of shape (n,), uint8 in 0..9
    """

    probabilities: Float32
    losses: Float32
    labels: UInt8

    @property
    def predicted(self) -> Int64:
        """Most probable class of each image, shape (n,); the first one of equals."""
        return np.asarray(self.probabilities.argmax(axis=1))

    @property
    def confidence(self) -> Float32:
        """Probability of the predicted class, shape (n,)."""
        return np.asarray(self.probabilities.max(axis=1), np.float32)

    @property
    def correct(self) -> Bool:
        """Whether each image is classified as its label says, shape (n,)."""
        return np.asarray(self.predicted == self.labels)

    @property
    def loss(self) -> float:
        """Mean cross-entropy, as Keras's ``evaluate`` gives it."""
        return float(self.losses.mean(dtype=np.float64))

    @property
    def accuracy(self) -> float:
        """Share of correct images."""
        return float(self.correct.mean())


def scaled_to_bytes(network: Network) -> Network:
    """The same network for pixels in 0..255: the first kernel is divided by 255.

    Scaling a kernel once is cheaper than scaling tens of thousands of images.
    """
    first = network.layers[0]
    kernel = first.kernel / np.float32(255)
    return Network((Dense(first.name, kernel, first.bias, first.activation), *network.layers[1:]))


def predict(network: Network, images: UInt8, labels: UInt8) -> Predictions:
    """Apply a model to labelled images, a chunk at a time so that memory stays small.

    The loss is taken from the logits, ``log Σ exp(z) − z[label]``, so that it stays finite where
    the probability of the label is too small for float32.

    Parameters
    ----------
    images : ndarray of shape (n, 28, 28), uint8
    labels : ndarray of shape (n,), uint8 in 0..9
    """
    bytes_network = scaled_to_bytes(network)
    probabilities = np.empty((len(images), CLASS_COUNT), np.float32)
    losses = np.empty(len(images), np.float32)
    for start in range(0, len(images), CHUNK):
        part = slice(start, start + CHUNK)
        logits = bytes_network.logits(images[part].astype(np.float32))  # (chunk, 10)
        logits -= logits.max(axis=1, keepdims=True)
        exponentials = np.exp(logits)
        total = exponentials.sum(axis=1, keepdims=True)
        probabilities[part] = exponentials / total
        losses[part] = np.log(total[:, 0]) - logits[np.arange(len(logits)), labels[part]]
    return Predictions(probabilities, losses, labels)


def wilson_interval(successes: int, trials: int, z: float = 1.959964) -> tuple[float, float]:
    """Wilson's score interval of a proportion; 95% by default.

    Source: E. B. Wilson (1927), "Probable inference, the law of succession, and statistical
    inference", Journal of the American Statistical Association 22, 209-212.

    Raises
    ------
    ValueError
        If ``trials`` is not positive or ``successes`` is not between 0 and ``trials``.
    """
    if trials < 1 or not 0 <= successes <= trials:
        raise ValueError(
            f"{successes} successes in {trials} trials is not a proportion; "
            "give at least one trial and 0 to that many successes."
        )
    share = successes / trials
    centre = share + z * z / (2 * trials)
    spread = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    scale = 1 + z * z / trials
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def confusion_matrix(labels: UInt8, predicted: Int64) -> Int64:
    """Counts of shape (10, 10): row is the true class, column the predicted class."""
    cells = labels.astype(np.int64) * CLASS_COUNT + predicted
    counts = np.bincount(cells, minlength=CLASS_COUNT * CLASS_COUNT)
    return counts.reshape(CLASS_COUNT, CLASS_COUNT)


def row_shares(matrix: Int64) -> Float64:
    """Each row divided by its sum, in 0..1: of a true class, the share predicted as each class."""
    totals = matrix.sum(axis=1, keepdims=True)
    return np.asarray(matrix / np.maximum(totals, 1))


@dataclass(frozen=True)
class ClassReport:
    """Per-class figures, each an ndarray of shape (10,).

    Attributes
    ----------
    precision : of the images given this class, the share that are of it; 0 if none were given it
    recall : of the images of this class, the share that were given it; 0 if there are none
    f1 : harmonic mean of both; 0 if both are 0
    support : how many images are of this class
    """

    precision: Float64
    recall: Float64
    f1: Float64
    support: Int64


def class_report(matrix: Int64) -> ClassReport:
    """Precision, recall, F1 and support of each class, from a confusion matrix.

    Source: C. J. van Rijsbergen (1979), "Information Retrieval", chapter 7. A ratio without
    denominator is 0, as in scikit-learn's ``classification_report(zero_division=0)``.
    """
    hits = np.diag(matrix).astype(np.float64)
    given, support = matrix.sum(axis=0), matrix.sum(axis=1)
    return ClassReport(
        precision=hits / np.maximum(given, 1),
        recall=hits / np.maximum(support, 1),
        f1=2 * hits / np.maximum(given + support, 1),
        support=support,
    )


@dataclass(frozen=True)
class PublishedFigure:
    """A test accuracy that somebody else reported."""

    name: str
    accuracy: float
    source: str
    url: str


BENCHMARK = "https://github.com/zalandoresearch/fashion-mnist#benchmark"
PEOPLE = PublishedFigure(
    "People without fashion expertise",
    0.835,
    "Fashion-MNIST's README, table of benchmarks: 1,000 random test images, "
    "majority of three answers each",
    BENCHMARK,
)
PUBLISHED: tuple[PublishedFigure, ...] = (
    PEOPLE,
    PublishedFigure(
        "The seed notebook, same network",
        NOTEBOOK_RESULT["accuracy"],
        "one run of the notebook that this app grew from: 50 epochs, SGD, "
        f"loss {NOTEBOOK_RESULT['loss']}",
        "",
    ),
    PublishedFigure(
        "Best published MLP (256-128-100)",
        0.8833,
        "Fashion-MNIST's README, table of benchmarks, submitted by @heitorrapela; "
        "not verified by its authors",
        BENCHMARK,
    ),
)


# Which images to look at ------------------------------------------------------------------------


def select(
    predictions: Predictions,
    true_class: int | None = None,
    predicted_class: int | None = None,
    correct: bool | None = None,
    confident_first: bool = True,
) -> Int64:
    """Indices of images that match every filter given, most or least confident first.

    Returns
    -------
    ndarray of shape (m,), int64; images of equal confidence keep the order of the data
    """
    chosen = np.ones(len(predictions.labels), np.bool_)
    if true_class is not None:
        chosen &= predictions.labels == true_class
    if predicted_class is not None:
        chosen &= predictions.predicted == predicted_class
    if correct is not None:
        chosen &= predictions.correct == correct
    indices = np.flatnonzero(chosen)
    keys = predictions.confidence[indices]
    return indices[np.argsort(-keys if confident_first else keys, kind="stable")]
