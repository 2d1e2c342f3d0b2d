"""Can the probabilities be believed, and what does it cost to answer only when sure?"""

from dataclasses import dataclass

import numpy as np

from fmnist.arrays import Bool, Float32, Float64, Int64


@dataclass(frozen=True)
class Reliability:
    """Confidence against accuracy, in bins of equal width.

    Attributes
    ----------
    edges : ndarray of shape (bins + 1,), from 0 to 1
    count : ndarray of shape (bins,), images whose confidence is in (lower edge, upper edge]
    confidence : ndarray of shape (bins,), mean confidence; NaN in an empty bin
    accuracy : ndarray of shape (bins,), share correct; NaN in an empty bin
    """

    edges: Float64
    count: Int64
    confidence: Float64
    accuracy: Float64

    @property
    def expected_error(self) -> float:
        """Expected calibration error: mean of |accuracy − confidence|, weighted by count.

        Source: Naeini, Cooper and Hauskrecht (2015), "Obtaining well calibrated probabilities
        using Bayesian binning", AAAI; Guo et al. (2017), "On calibration of modern neural
        networks", ICML, equation 3.
        """
        gaps = np.abs(np.nan_to_num(self.accuracy - self.confidence))
        return float((gaps * self.count).sum() / max(1, self.count.sum()))

    @property
    def bias(self) -> float:
        """Mean confidence minus accuracy: above 0 the model is too sure of itself."""
        gaps = np.nan_to_num(self.confidence - self.accuracy)
        return float((gaps * self.count).sum() / max(1, self.count.sum()))


def reliability(confidence: Float32, correct: Bool, bins: int = 15) -> Reliability:
    """Bins of a reliability diagram.

    Source: DeGroot and Fienberg (1983), "The comparison and evaluation of forecasters",
    The Statistician 32, 12-22; 15 bins as in Guo et al. (2017).

    Parameters
    ----------
    confidence : ndarray of shape (n,), in [0, 1]
    correct : ndarray of shape (n,), bool
    """
    edges = np.linspace(0.0, 1.0, bins + 1)
    position = np.searchsorted(edges, confidence.astype(np.float64), side="left") - 1
    position = np.clip(position, 0, bins - 1)  # a confidence of exactly 0 belongs to the first bin
    count = np.bincount(position, minlength=bins)
    with np.errstate(invalid="ignore"):
        return Reliability(
            edges=edges,
            count=count,
            confidence=np.bincount(position, confidence, minlength=bins) / count,
            accuracy=np.bincount(position, correct, minlength=bins) / count,
        )


def tempered_confidence(probabilities: Float32, temperature: float) -> Float32:
    """Confidence after temperature scaling: the logits divided by one number above 0.

    Softmax probabilities determine the logits up to a constant, so ``p ** (1 / T)``, made to sum
    to 1 again, is the softmax of the divided logits.

    Source: Guo et al. (2017), "On calibration of modern neural networks", ICML, section 4.2.

    Parameters
    ----------
    probabilities : ndarray of shape (n, 10)

    Returns
    -------
    ndarray of shape (n,), float32
    """
    powers = probabilities.astype(np.float64) ** (1.0 / temperature)
    return np.asarray(powers.max(axis=1) / powers.sum(axis=1), np.float32)


@dataclass(frozen=True)
class CoverageCurve:
    """Accuracy among the images that are answered, against the share that is answered.

    Attributes
    ----------
    threshold : ndarray of shape (m,), falling: images at least this confident are answered
    coverage : ndarray of shape (m,), share answered, rising to 1
    accuracy : ndarray of shape (m,), share correct among the answered
    """

    threshold: Float64
    coverage: Float64
    accuracy: Float64


def coverage_curve(confidence: Float32, correct: Bool) -> CoverageCurve:
    """One point for each distinct confidence.

    Source: El-Yaniv and Wiener (2010), "On the foundations of noise-free selective
    classification", JMLR 11, 1605-1641 (there as risk = 1 − accuracy).
    """
    order = np.argsort(-confidence, kind="stable")
    ranked = confidence[order].astype(np.float64)
    answered = np.arange(1, len(ranked) + 1)
    hits = np.cumsum(correct[order])
    last_of_equals = np.append(ranked[1:] != ranked[:-1], True)
    return CoverageCurve(
        threshold=ranked[last_of_equals],
        coverage=(answered / len(ranked))[last_of_equals],
        accuracy=(hits / answered)[last_of_equals],
    )


def at_threshold(confidence: Float32, correct: Bool, threshold: float) -> tuple[float, float]:
    """Coverage and accuracy when only confidences of ``threshold`` or more are answered.

    The accuracy of no answers at all is NaN.
    """
    answered = confidence >= threshold
    accuracy = float(correct[answered].mean()) if answered.any() else float("nan")
    return float(answered.mean()), accuracy
