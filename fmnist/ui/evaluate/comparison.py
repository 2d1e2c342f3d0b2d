"""Two models on the same images: who is right where the other is wrong."""

import numpy as np
import streamlit as st

from fmnist.classes import CLASS_NAMES
from fmnist.dataset import Dataset
from fmnist.insight.comparison import compare, verdict
from fmnist.insight.evaluation import Predictions
from fmnist.ui.parts.gallery import Card, gallery, percent
from fmnist.ui.parts.model_picker import Subject
from fmnist.ui.parts.text import plain

PAGE = 24


@st.fragment
def comparison_section(
    first: Subject, first_says: Predictions, second: Subject, second_says: Predictions,
    data: Dataset,
) -> None:  # fmt: skip
    """The counts, McNemar's test in words, and the images that one of the two alone gets right."""
    result = compare(first_says.correct, second_says.correct)
    a, b = first.short, second.short
    if a == b:
        a, b = f"{a} (first)", f"{b} (second)"
    st.markdown(verdict(result, plain(a), plain(b)))
    columns = st.columns(4)
    columns[0].metric("Both right", f"{result.both_right:,}")
    columns[1].metric("Only the first right", f"{result.only_first:,}", help=plain(a))
    columns[2].metric("Only the second right", f"{result.only_second:,}", help=plain(b))
    columns[3].metric("Both wrong", f"{result.both_wrong:,}")
    st.caption(
        f"McNemar's exact test on the {result.disagreements:,} images that only one gets right: "
        f"p = {result.p_value:.2g}."
    )
    choices = {
        f"{a} right, {b} wrong": first_says.correct & ~second_says.correct,
        f"{b} right, {a} wrong": ~first_says.correct & second_says.correct,
    }
    choice = st.segmented_control(
        "Show", list(choices), default=next(iter(choices)), required=True, format_func=plain,
        key=f"compare-{first.ref}-{second.ref}", wrap=True,
    )  # fmt: skip
    indices = np.flatnonzero(choices[choice])
    loser = second_says if choice == next(iter(choices)) else first_says
    ranked = indices[np.argsort(-loser.confidence[indices], kind="stable")][:PAGE]
    gallery([_card(data, (first, first_says), second_says, int(index)) for index in ranked])
    if len(indices) > PAGE:
        st.caption(f"The {PAGE} of {len(indices):,} on which the wrong one is surest.")


def _card(
    data: Dataset, first: tuple[Subject, Predictions], second: Predictions, index: int
) -> Card:
    """An image with both opinions, linked to the first model's explanation."""
    opinions = ", ".join(
        f"{CLASS_NAMES[int(says.probabilities[index].argmax())]} "
        f"{percent(float(says.probabilities[index].max()))}"
        for says in (first[1], second)
    )
    return Card(
        data.test_images[index],
        CLASS_NAMES[int(data.test_labels[index])],
        f"test image {index}: {opinions}",
        link=first[0].explanation_link(index),
    )
