"""How far an answer can be trusted: calibrated confidence, and whether it is clothing at all.

Confidence is calibrated by temperature scaling (Guo, Pleiss, Sun and Weinberger, "On calibration
of modern neural networks", arXiv:1706.04599): logits are divided by one number, fitted to
validation pictures, so that answers of 70% confidence are right about 70% of the time. There is
one temperature for each kind of picture, because a network is more often wrong on photos and
drawings than on images like those it was trained on.

Whether it is clothing at all is said by `fmnist.prediction.detector`.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from fmnist.arrays import Float32, Float64, UInt8, read_npz, scale
from fmnist.network import Network, activate
from fmnist.prediction.detector import KINDS, Detector, Kind

Verdict = Literal["sure", "unsure", "not_clothing"]

JUDGED: tuple[Kind, ...] = ("photo", "drawing")  # from outside: judged by more than probabilities
PATH = Path(__file__).parents[2] / "assets" / "confidence.npz"
MAX_BYTES = 1_000_000
CERTAINTY = 0.65  # confidence from which an answer counts as sure, unless a person says otherwise
TEMPERATURES = np.geomspace(0.25, 16, 97)  # the values tried, 4% apart


class ConfidenceError(ValueError):
    """The stored detector cannot be read; the message is one plain sentence."""


@dataclass(frozen=True)
class Reference:
    """What judging answers needs, whatever the model.

    Attributes
    ----------
    detector : tells clothing from everything else
    images : for each kind, validation pictures, ndarray of shape (n, 28, 28), uint8
    labels : for each kind, their classes, ndarray of shape (n,), uint8
    trust : for photos and drawings, weights of `fmnist.prediction.trust.trusted`
    measured : for photos and drawings, what answers to real pictures were: ndarray of shape (n, 2),
        float32, confidence in each by a fit without it, and 1 if it was right
    """

    detector: Detector
    images: Mapping[Kind, UInt8]
    labels: Mapping[Kind, UInt8]
    trust: Mapping[Kind, Float64]
    measured: Mapping[Kind, Float32]


@dataclass(frozen=True)
class Calibration:
    """Temperatures of one network, by kind of picture."""

    temperatures: Mapping[Kind, float]

    def confidence(self, logits: Float32, kind: Kind) -> float:
        """Calibrated probability of the likeliest class.

        Parameters
        ----------
        logits : ndarray of shape (10,)
        """
        scaled = logits / np.float32(self.temperatures[kind])
        return float(activate("softmax", scaled[None])[0].max())


def calibrate(network: Network, reference: Reference) -> Calibration:
    """Fit the temperatures of a network to the validation pictures of each kind."""
    return Calibration(
        {
            kind: fit_temperature(
                network.logits(scale(reference.images[kind])),
                reference.labels[kind],
            )
            for kind in KINDS
        }
    )


def fit_temperature(logits: Float32, labels: UInt8) -> float:
    """Temperature of the lowest cross-entropy.

    Parameters
    ----------
    logits : ndarray of shape (n, 10)
    labels : ndarray of shape (n,)
    """
    rows = np.arange(len(labels))
    losses = []
    for temperature in TEMPERATURES:
        scaled = logits / temperature
        top = scaled.max(axis=1)
        total = top + np.log(np.exp(scaled - top[:, None]).sum(axis=1))
        losses.append(float((total - scaled[rows, labels]).mean()))
    return float(TEMPERATURES[int(np.argmin(losses))])


def verdict(confidence: float, strange: bool, certainty: float = CERTAINTY) -> Verdict:
    """What to say of an answer.

    Parameters
    ----------
    confidence : calibrated, in [0, 1]
    strange : whether the detector takes the picture for no clothing
    certainty : confidence that a sure answer needs, in [0, 1]
    """
    if strange:
        return "not_clothing"
    return "sure" if confidence >= certainty else "unsure"


def save(reference: Reference, path: Path = PATH) -> int:
    """Write detector and pictures; the file's size in bytes."""
    pictures = {f"images_{kind}": reference.images[kind] for kind in KINDS}
    labels = {f"labels_{kind}": reference.labels[kind] for kind in KINDS}
    np.savez_compressed(
        path,
        **reference.detector.arrays(),
        trust=np.stack([reference.trust[kind] for kind in JUDGED]),
        **{f"measured_{kind}": reference.measured[kind] for kind in JUDGED},  # type: ignore[arg-type]
        **pictures,  # type: ignore[arg-type]
        **labels,  # type: ignore[arg-type]
    )
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise ConfidenceError(f"{path} has {size:,} bytes; at most {MAX_BYTES:,} are allowed.")
    return size


def read(path: Path = PATH) -> Reference:
    """Read detector and pictures. Raises ConfidenceError if the file is missing or damaged."""
    try:
        stored = read_npz(path.read_bytes(), 4 * MAX_BYTES)
        return Reference(
            Detector.from_arrays(stored),
            {kind: stored[f"images_{kind}"] for kind in KINDS},
            {kind: stored[f"labels_{kind}"] for kind in KINDS},
            dict(zip(JUDGED, stored["trust"], strict=True)),
            {kind: stored[f"measured_{kind}"] for kind in JUDGED},
        )
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as problem:
        raise ConfidenceError(
            f"{path} cannot be read ({problem}). Restore the file, or write it again from the "
            "real data with: python -m fmnist build-confidence"
        ) from problem
