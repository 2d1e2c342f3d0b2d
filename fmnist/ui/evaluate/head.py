"""The headline of the Evaluate page: test loss, accuracy with its interval, published figures."""

import streamlit as st

from fmnist.charts.evaluation import AccuracyMark, accuracy_marks
from fmnist.dataset import Dataset
from fmnist.insight.calibration import reliability
from fmnist.insight.evaluation import PUBLISHED, Predictions, wilson_interval
from fmnist.terms import hint
from fmnist.ui.parts.model_picker import Subject
from fmnist.ui.parts.plot import plot
from fmnist.ui.parts.text import plain


def headline(
    subject: Subject,
    predictions: Predictions,
    data: Dataset,
    other: tuple[Subject, Predictions] | None,
) -> None:
    """Figures left, the published ones beside them right.

    Published figures are about Fashion-MNIST, so they stand only beside figures about it.
    """
    figures, picture = st.columns([1, 1.25], gap="large", vertical_alignment="center")
    right, count = int(predictions.correct.sum()), len(predictions.labels)
    low, high = wilson_interval(right, count)
    calibration = reliability(predictions.confidence, predictions.correct)
    with figures:
        first, second = st.columns(2)
        first.metric("Test accuracy", f"{predictions.accuracy:.4f}",
                     help=f"Right on {right:,} of {count:,}. {hint('test')}")  # fmt: skip
        second.metric("Test loss", f"{predictions.loss:.4f}",
                      help=hint("loss"))  # fmt: skip
        st.markdown(
            f"95% interval of the accuracy: **{low:.1%} to {high:.1%}** (Wilson). "
            f"Expected calibration error: **{calibration.expected_error:.1%}**."
        )
        if not data.official:
            st.caption(
                f"Measured on {plain(data.name)}, so these figures say nothing about "
                "Fashion-MNIST and are not set beside anybody's."
            )
    marks = [AccuracyMark(subject.short, predictions.accuracy, (low, high), own=True)]
    if other is not None:
        other_right = int(other[1].correct.sum())
        interval = wilson_interval(other_right, count)
        name = other[0].short if other[0].short != subject.short else f"{other[0].short} (second)"
        marks.append(AccuracyMark(name, other[1].accuracy, interval, own=True))
    if data.official:
        marks += [AccuracyMark(item.name, item.accuracy) for item in PUBLISHED]
    with picture:
        plot(accuracy_marks(marks), "accuracy-marks", 70 + 44 * len(marks), modebar=False)
        if data.official:
            _sources()


def _sources() -> None:
    with st.popover("Where these figures come from", type="tertiary"):
        for item in PUBLISHED:
            source = f"[{item.source}]({item.url})" if item.url else item.source
            st.markdown(f"**{item.name}, {item.accuracy:.2%}**: {source}.")
        st.caption(
            "Whoever chose among several models by looking at the test images has a figure that "
            "is a little too good. A difference smaller than the interval may be luck."
        )
