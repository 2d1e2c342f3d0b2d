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
    Reference,
    Verdict,
    calibrate,
    verdict,
)
from fmnist.prediction.detector import Kind
from fmnist.prediction.options import Options
from fmnist.prediction.preprocess import preprocess
from fmnist.prediction.reasons import Reason
from fmnist.prediction.result import Result
from fmnist.prediction.trust import Signs, steadiness, trusted

STEADY = 0.5  # a class that gets less on average when the picture is moved is no steady answer
TALL = (
    1.15  # the data's shoes lie on the side; what is so much taller than wide is not one of those
)
MORE = 0.2  # confidence by which a turned picture must be surer before that is offered
SHOES = (5, 7, 9)


@dataclass(frozen=True)
class Answer:
    """What a network says of one image, and how far to trust it.

    Attributes
    ----------
    probabilities : ndarray of shape (10,), float32
        The network's own softmax output, the same as Keras gives.
    confidence : probability that the likeliest class is right, in [0, 1]
    strange : whether the picture counts as no clothing
    clear : whether the item stood out from its background; without that no answer is sure
    steadiness : mean probability of the class when the picture is mirrored, moved, turned or
        scaled a little, in [0, 1]
    from_above : whether it would be a shoe, but stands upright; without its side no answer is sure
    """

    probabilities: Float32
    confidence: float
    strange: bool
    clear: bool = True
    steadiness: float = 1.0
    from_above: bool = False

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
        said = verdict(self.confidence, self.strange, certainty)
        doubtful = not self.clear or self.from_above
        return "unsure" if said == "sure" and doubtful else said

    def reason(self, certainty: float = CERTAINTY) -> Reason | None:
        """Why the answer is not sure; None if it is."""
        if self.verdict(certainty) == "sure":
            return None
        if not self.clear:
            return Reason.NOT_FOUND
        if self.strange:
            return Reason.STRANGE
        if self.from_above:
            return Reason.FROM_ABOVE
        return Reason.UNSTEADY if self.steadiness < STEADY else Reason.BETWEEN

    def reason_in_words(self, certainty: float = CERTAINTY) -> str | None:
        """The same as a phrase."""
        reason = self.reason(certainty)
        names = self.class_name, CLASS_NAMES[self.runner_up]
        return None if reason is None else reason.value.format(*names)


@dataclass(frozen=True)
class Turn:
    """What a picture would be if it were turned.

    Attributes
    ----------
    degrees : counter-clockwise
    """

    degrees: int
    answer: Answer


class Predictor:
    """A network with its calibration: everything that answering needs, made once for a model."""

    def __init__(self, network: Network, reference: Reference) -> None:
        self.network = network
        self.calibration: Calibration = calibrate(network, reference)
        self._reference = reference

    def answer(self, image: Float32) -> Answer:
        """Classify one image of the data set, which no pipeline has touched.

        Parameters
        ----------
        image : ndarray of shape (28, 28), float32 in [0, 1], the item bright on black
        """
        logits = self.network.logits(image[None])[0]  # (10,)
        return Answer(
            probabilities=activate("softmax", logits[None])[0],
            confidence=self.calibration.confidence(logits, "data"),
            strange=self._reference.detector.is_strange(image, "data"),
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
        return result, None if result.blank else self.answer_result(result)

    def answer_result(self, result: Result) -> Answer:
        """Classify what the pipeline made of a photo or a drawing; it must not be blank."""
        kind, image = kind_of(result), result.image
        logits = self.network.logits(image[None])[0]  # (10,)
        probabilities = activate("softmax", logits[None])[0]
        signs = self.signs(result, logits)
        shoe = float(probabilities[list(SHOES)].sum()) > 0.5
        return Answer(
            probabilities=probabilities,
            confidence=trusted(self._reference.trust[kind], signs),
            strange=self._reference.detector.is_strange(image, kind) or not result.found,
            clear=result.clear,
            steadiness=signs.steadiness,
            from_above=kind == "photo" and shoe and result.aspect > TALL,
        )

    def better_turn(self, result: Result, answer: Answer) -> Turn | None:
        """A quarter or half turn with which the answer would be believed far more; None if none.

        It is only offered. Taken by itself it would spoil more upright pictures than it mends.
        """
        best = None
        for degrees in (180, 90, -90):
            image = np.ascontiguousarray(np.rot90(result.image, degrees // 90))
            aspect = result.aspect if degrees == 180 else 1 / result.aspect
            turned = self.answer_result(replace(result, image=image, aspect=aspect))
            if turned.verdict(max(CERTAINTY, answer.confidence + MORE)) != "sure":
                continue
            if best is None or turned.confidence > best.answer.confidence:
                best = Turn(degrees, turned)
        return best

    def signs(self, result: Result, logits: Float32) -> Signs:
        """What tells whether an answer can be believed.

        Parameters
        ----------
        logits : ndarray of shape (10,), of the result's image
        """
        kind = kind_of(result)
        return Signs(
            confidence=self.calibration.confidence(logits, kind),
            steadiness=steadiness(
                self.network,
                result.image,
                int(logits.argmax()),
                self.calibration.temperatures[kind],
            ),
            separation=result.signs.separation,
            even=float(result.signs.even),
        )


def kind_of(result: Result) -> Kind:
    """The kind of picture as the calibration names it."""
    return "drawing" if result.kind == "drawing" else "photo"
