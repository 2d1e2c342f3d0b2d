"""Fit how far answers to real pictures can be trusted: a logistic regression on their signs.

Needs a folder of real pictures that nothing was trained on, and scikit-learn, a development
package. What is reported of the fit is cross-validated: no picture judges what it helped to fit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from fmnist.arrays import Float32, Float64, Mask, UInt8
from fmnist.classes import CLASS_COUNT
from fmnist.dataset import Dataset
from fmnist.network import Network
from fmnist.prediction.confidence import JUDGED, Reference
from fmnist.prediction.decode import decode
from fmnist.prediction.detector import Kind
from fmnist.prediction.inference import Predictor
from fmnist.prediction.options import Options
from fmnist.prediction.preprocess import preprocess
from fmnist.prediction.trust import NO_TRUST
from fmnist.synthetic.recoloured import COLOURS, photo

FOLDS, REPEATS = 10, 20
VALIDATION = range(57_000, 60_000)  # images that no bundled network was trained on
MADE, MADE_WEIGHT = 16, 0.25  # images made into photos; each photo counts so much of a real one
EVEN_GROUNDS = ("white", "grey", "black")
CLASS_FOLDER = re.compile(r"(\d)_.*")


@dataclass(frozen=True)
class Judged:
    """Answers of a network to pictures of one kind.

    Attributes
    ----------
    rows : ndarray of shape (n, signs), float64
    right : ndarray of shape (n,), bool
    believed : ndarray of shape (n,), bool
        False for what is never a sure answer: seen from above, not found clearly, no clothing.
    """

    rows: Float64
    right: Mask
    believed: Mask

    def __getitem__(self, some: Mask) -> Judged:
        return Judged(self.rows[some], self.right[some], self.believed[some])


def fit(network: Network, reference: Reference, folder: Path, data: Dataset) -> Reference:
    """The reference with trust that is fitted to a network's answers to real pictures.

    Parameters
    ----------
    folder : with ``photos/<index>_<name>/*`` and other sets, which are drawings
    data : Fashion-MNIST; photos on plain grounds are made from its validation images, since few
        of the folder's are of that kind. They count little and are not measured on

    Raises
    ------
    ValueError
        If there are no photos or no drawings.
    """
    unfitted = replace(reference, trust=dict.fromkeys(JUDGED, NO_TRUST))
    predictor = Predictor(network, unfitted)
    trust: dict[Kind, Float64] = {}
    measured: dict[Kind, Float32] = {}
    for kind in JUDGED:
        judged = _judged(
            predictor, ((_rgb(path), label) for path, label in pictures(folder, kind)), kind
        )
        if not len(judged.right):
            raise ValueError(f"{folder} has no {kind}s; it takes sets of <index>_<name> folders.")
        made = _judged(predictor, _made_photos(data) if kind == "photo" else (), kind)
        trust[kind] = _regression(judged, made)
        confidence = _cross_validated(judged, made)
        measured[kind] = np.stack([confidence, judged.right], axis=1).astype(np.float32)
    return replace(reference, trust=trust, measured=measured)


def _judged(predictor: Predictor, pictures: Iterable[tuple[UInt8, int]], kind: Kind) -> Judged:
    """Answers to pictures, each with its class; blank ones get none."""
    rows, right, believed = [], [], []
    for rgb, label in pictures:
        result = preprocess(rgb, Options(kind="photo" if kind == "photo" else "drawing"))
        if result.blank:
            continue
        logits = predictor.network.logits(result.image[None])[0]  # (10,)
        rows.append(predictor.signs(result, logits).row())
        right.append(int(logits.argmax()) == label)
        believed.append(predictor.answer_result(result).verdict(certainty=0) == "sure")
    return Judged(np.array(rows), np.array(right, bool), np.array(believed, bool))


def _rgb(path: Path) -> UInt8:
    return decode(path.read_bytes(), path.name)


def _made_photos(data: Dataset) -> Iterator[tuple[UInt8, int]]:
    """Items in all colours on even grounds, from validation images."""
    rng = np.random.default_rng(1)
    for index in rng.choice(VALIDATION, MADE, replace=False):
        for colour in COLOURS:
            for ground in EVEN_GROUNDS:
                shadow = bool(rng.random() < 0.5)
                made = photo(data.train_images[index], colour, ground, rng, shadow)
                yield made.rgb, int(data.train_labels[index])


def pictures(folder: Path, kind: Kind) -> Iterator[tuple[Path, int]]:
    """Files of a kind with their class: the set "photos", or all others."""
    for path in sorted(folder.glob("*/*/*")):
        is_photo = path.parts[-3] == "photos"
        match = CLASS_FOLDER.fullmatch(path.parent.name)
        if match and int(match[1]) < CLASS_COUNT and is_photo == (kind == "photo"):
            yield path, int(match[1])


def _regression(judged: Judged, made: Judged) -> Float64:
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

    rows, right = judged.rows, judged.right
    weight = np.ones(len(right))
    if len(made.right):
        rows = np.concatenate([rows, made.rows])
        right = np.concatenate([right, made.right])
        weight = np.concatenate([weight, np.full(len(made.right), MADE_WEIGHT)])
    fitted = LogisticRegression().fit(rows[:, 1:], right, weight)
    return np.concatenate([fitted.intercept_, fitted.coef_[0]])


def _cross_validated(judged: Judged, made: Judged) -> Float64:
    """Confidence in each answer, from fits to the pictures of the other folds: (n,)."""
    rng = np.random.default_rng(0)
    count = len(judged.right)
    odds = np.zeros(count)
    for _ in range(REPEATS):
        fold = rng.permutation(count) % FOLDS
        for number in range(FOLDS):
            out = fold == number
            odds[out] += judged.rows[out] @ _regression(judged[~out], made)
    confidence: Float64 = np.where(judged.believed, 1 / (1 + np.exp(-odds / REPEATS)), 0)
    return confidence
