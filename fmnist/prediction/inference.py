"""From a 28×28 image to an answer. NumPy only."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from fmnist.arrays import Float32, UInt8
from fmnist.classes import CLASS_NAMES
from fmnist.network import Network, activate
from fmnist.prediction.confidence import (
    CERTAINTY,
    Calibration,
    Kind,
    Reference,
    Verdict,
    calibrate,
    verdict,
)
from fmnist.prediction.preprocess import Options, Result, preprocess


@dataclass(frozen=True)
class Answer:
    """What a network says of one image, and how far to trust it.

    Attributes
    ----------
    probabilities : ndarray of shape (10,), float32
        The network's own softmax output, the same as Keras gives.
    confidence : calibrated probability of the likeliest class, in [0, 1]
    strange : whether the picture counts as no clothing
    clear : whether the item stood out from its background; without that no answer is sure
    """

    probabilities: Float32
    confidence: float
    strange: bool
    clear: bool = True

    @property
    def class_index(self) -> int:
        """The likeliest class."""
        return int(self.probabilities.argmax())

    @property
    def class_name(self) -> str:
        """The likeliest class in words."""
        return CLASS_NAMES[self.class_index]

    @property
    def runner_up(self) -> int:
        """The second likeliest class."""
        return int(np.argsort(-self.probabilities, kind="stable")[1])

    def confidence_in_words(self) -> str:
        """In whole per cent, never rounded up to a certainty that it is not."""
        return "over 99%" if self.confidence > 0.99 else f"{self.confidence:.0%}"

    def verdict(self, certainty: float = CERTAINTY) -> Verdict:
        """ "sure", "unsure" or "not_clothing", for the confidence that a sure answer needs."""
        return verdict(self.confidence if self.clear else 0.0, self.strange, certainty)


class Predictor:
    """A network with its calibration: everything that answering needs, made once for a model."""

    def __init__(self, network: Network, reference: Reference) -> None:
        self.network = network
        self.calibration: Calibration = calibrate(network, reference)
        self._detector = reference.detector

    def answer(self, image: Float32, kind: Kind = "data") -> Answer:
        """Classify one image.

        Parameters
        ----------
        image : ndarray of shape (28, 28), float32 in [0, 1], the item bright on black
        kind : where the image comes from: "data", or the pipeline's "photo" or "drawing"
        """
        logits = self.network.logits(image[None])[0]  # (10,)
        return Answer(
            probabilities=activate("softmax", logits[None])[0],
            confidence=self.calibration.confidence(logits, kind),
            strange=self._detector.is_strange(image, kind),
        )

    def answer_picture(
        self, rgb: UInt8, options: Options | None = None
    ) -> tuple[Result, Answer | None]:
        """Send a picture through the pipeline and classify the outcome.

        Parameters
        ----------
        rgb : ndarray of shape (height, width, 3), uint8

        Returns
        -------
        The stages, and the answer; None for a blank picture, which is not classified.
        """
        result = preprocess(rgb, options)
        if result.blank:
            return result, None
        answer = self.answer(result.image, kind_of(result))
        strange = answer.strange or not result.found
        return result, replace(answer, strange=strange, clear=result.clear)


def kind_of(result: Result) -> Kind:
    """The kind of picture as the calibration names it."""
    return "drawing" if result.kind == "drawing" else "photo"
