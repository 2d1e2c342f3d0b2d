"""The label lens: labelled images that a model contradicts most, to be looked at by a person."""

import csv
import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmnist.classes import CLASS_NAMES
from fmnist.insight.evaluation import Predictions


@dataclass(frozen=True)
class Candidate:
    """An image whose label may be wrong: the model gives that label little probability.

    Attributes
    ----------
    index : position in the training split, from 0
    label : the class it was given
    predicted : the class the model believes in
    label_probability, predicted_probability : what the model gives to each, in [0, 1]
    loss : cross-entropy in nats, ``−ln label_probability``
    """

    index: int
    label: int
    predicted: int
    label_probability: float
    predicted_probability: float
    loss: float


def candidates(
    predictions: Predictions, count: int, label: int | None = None, predicted: int | None = None
) -> list[Candidate]:
    """The images of highest loss, highest first, among those of a label and a prediction.

    Ranking by loss follows Northcutt, Jiang and Chuang (2021), "Confident learning: estimating
    uncertainty in dataset labels", JAIR 70, where it is the baseline "self-confidence". Images
    that the model classifies as labelled are never candidates.
    """
    chosen = ~predictions.correct
    if label is not None:
        chosen &= predictions.labels == label
    if predicted is not None:
        chosen &= predictions.predicted == predicted
    indices = np.flatnonzero(chosen)
    ranked = indices[np.argsort(-predictions.losses[indices], kind="stable")][:count]
    believed = predictions.predicted
    return [_candidate(predictions, believed, int(index)) for index in ranked]


def to_csv(items: list[Candidate]) -> str:
    """A table with a header line, classes by number and name."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(
        ["index", "label", "label_name", "predicted", "predicted_name",
         "label_probability", "predicted_probability", "loss"]
    )  # fmt: skip
    for item in items:
        writer.writerow(
            [item.index, item.label, CLASS_NAMES[item.label],
             item.predicted, CLASS_NAMES[item.predicted],
             f"{item.label_probability:.6g}", f"{item.predicted_probability:.6g}",
             f"{item.loss:.6g}"]
        )  # fmt: skip
    return buffer.getvalue()


def _candidate(predictions: Predictions, predicted: NDArray[np.int64], index: int) -> Candidate:
    label, opinion = int(predictions.labels[index]), int(predicted[index])
    return Candidate(
        index=index,
        label=label,
        predicted=opinion,
        label_probability=float(predictions.probabilities[index, label]),
        predicted_probability=float(predictions.probabilities[index, opinion]),
        loss=float(predictions.losses[index]),
    )
