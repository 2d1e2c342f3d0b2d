"""Can the probabilities be believed, and what does answering only when sure cost?"""

import math

import streamlit as st

from fmnist.charts.evaluation import coverage_chart, reliability_diagram
from fmnist.insight.calibration import (
    Reliability,
    at_threshold,
    coverage_curve,
    reliability,
    tempered_confidence,
)
from fmnist.insight.evaluation import Predictions
from fmnist.prediction.confidence import CERTAINTY
from fmnist.ui.evaluate.data import temperature
from fmnist.ui.parts import address, parameters
from fmnist.ui.parts.choice import segmented
from fmnist.ui.parts.model_picker import Subject
from fmnist.ui.parts.plot import plot

AS_IS, AS_PREDICT = "The network's own", "As Predict uses it"


@st.fragment
def calibration_section(subject: Subject, predictions: Predictions) -> None:
    """Reliability diagram left, coverage and accuracy right, for one kind of confidence."""
    fitted = temperature(subject)
    kind = segmented(
        "Confidence", [AS_PREDICT, AS_IS], parameters.CONFIDENCE,
        help="Predict divides the logits by one number, fitted to validation images, so that its "
        "confidence comes closer to how often it is right.",
    )  # fmt: skip
    divisor = fitted if kind == AS_PREDICT and fitted else 1.0
    if kind == AS_PREDICT:
        st.caption(
            f"Predict's temperature for this model: {fitted:.2f}."
            if fitted
            else "There is no stored calibration, so Predict's confidence is the network's own."
        )
    confidence = tempered_confidence(predictions.probabilities, divisor)
    bins = reliability(confidence, predictions.correct)
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**As sure as it is right?**")
        plot(reliability_diagram(bins), "reliability", 360, modebar=False)
        st.caption(_in_words(bins))
    with right:
        st.markdown("**What “not sure” buys**")
        threshold = st.slider(
            "Answer only when at least this sure", 0.0, 0.99, CERTAINTY, 0.01,
            **address.bind(parameters.THRESHOLD),
            help=f"Predict says “not sure” below {CERTAINTY:.0%} unless told otherwise.",
        )  # fmt: skip
        point = at_threshold(confidence, predictions.correct, threshold)
        curve = coverage_curve(confidence, predictions.correct)
        plot(coverage_chart(curve, threshold, point), "coverage", 280, modebar=False)
        st.caption(_cost(point, threshold, len(predictions.labels)))


def _in_words(bins: Reliability) -> str:
    lean = "too sure of itself" if bins.bias > 0 else "not sure enough of itself"
    if abs(bins.bias) < 0.005:
        lean = "about as sure as it is right"
    return (
        f"Expected calibration error {bins.expected_error:.1%}, in {len(bins.count)} bins. "
        f"On the whole the model is {lean}: its mean confidence is "
        f"{abs(bins.bias):.1%} {'above' if bins.bias > 0 else 'below'} its accuracy."
    )


def _cost(point: tuple[float, float], threshold: float, total: int) -> str:
    coverage, accuracy = point
    if math.isnan(accuracy):
        return f"Nothing is answered when it has to be {threshold:.0%} sure."
    marked = " (Predict's own threshold)" if threshold == CERTAINTY else ""
    return (
        f"At {threshold:.0%}{marked} it answers {coverage:.1%} of the {total:,} test images and "
        f"is right on {accuracy:.1%} of those."
    )
