"""How far an answer can be trusted: calibrated confidence, and whether it is clothing at all.

Confidence is calibrated by temperature scaling (Guo, Pleiss, Sun and Weinberger, "On calibration
of modern neural networks", arXiv:1706.04599): logits are divided by one number, fitted to
validation pictures, so that answers of 70% confidence are right about 70% of the time. There is
one temperature for each kind of picture, because a network is more often wrong on photos and
drawings than on images like those it was trained on.

The network cannot say whether a picture shows clothing, because it knows nothing else. A detector,
a small MLP of its own, can: it was trained to tell clothing, as the pipeline delivers it, from
everything else (`fmnist.synthetic.not_clothing`). It is the same for every model.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from fmnist.arrays import Float32, Float64, UInt8, read_npz, scale
from fmnist.classes import PIXELS
from fmnist.network import Network, activate

Kind = Literal["data", "photo", "drawing"]
Verdict = Literal["sure", "unsure", "not_clothing"]

KINDS: tuple[Kind, ...] = ("data", "photo", "drawing")
JUDGED: tuple[Kind, ...] = ("photo", "drawing")  # from outside: judged by more than probabilities
PATH = Path(__file__).parents[2] / "assets" / "confidence.npz"
MAX_BYTES = 1_000_000
CERTAINTY = 0.6  # confidence from which an answer counts as sure, unless a person says otherwise
TEMPERATURES = np.geomspace(0.25, 16, 97)  # the values tried, 4% apart


class ConfidenceError(ValueError):
    """The stored detector cannot be read; the message is one plain sentence."""


@dataclass(frozen=True)
class Detector:
    """A small MLP that tells clothing from everything else.

    Attributes
    ----------
    hidden : ndarray of shape (784, units), float32
    hidden_bias : ndarray of shape (units,), float32
    output : ndarray of shape (units,), float32
    output_bias : float
    thresholds : for each kind of picture, the score above which it counts as no clothing
    """

    hidden: Float32
    hidden_bias: Float32
    output: Float32
    output_bias: float
    thresholds: Mapping[Kind, float]

    def scores(self, images: Float32) -> Float32:
        """Log-odds that pictures show no clothing: (n,), float32.

        Parameters
        ----------
        images : ndarray of shape (n, 28, 28), float32 in [0, 1]
        """
        pixels = np.asarray(images, np.float32).reshape(-1, PIXELS)
        active = np.maximum(pixels @ self.hidden + self.hidden_bias, 0)
        return np.asarray(active @ self.output + np.float32(self.output_bias), np.float32)

    def is_strange(self, image: Float32, kind: Kind) -> bool:
        """Whether one picture of shape (28, 28) counts as no clothing."""
        return bool(self.scores(image[None])[0] > self.thresholds[kind])


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
    detector = reference.detector
    pictures = {f"images_{kind}": reference.images[kind] for kind in KINDS}
    labels = {f"labels_{kind}": reference.labels[kind] for kind in KINDS}
    np.savez_compressed(
        path,
        hidden=detector.hidden.astype(np.float16),
        hidden_bias=detector.hidden_bias,
        output=detector.output,
        output_bias=np.float32(detector.output_bias),
        thresholds=np.array([detector.thresholds[kind] for kind in KINDS], np.float32),
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
        detector = Detector(
            stored["hidden"].astype(np.float32),
            stored["hidden_bias"],
            stored["output"],
            float(stored["output_bias"]),
            dict(zip(KINDS, map(float, stored["thresholds"]), strict=True)),
        )
        return Reference(
            detector,
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
