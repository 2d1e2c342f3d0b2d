"""A picture, all classes and all mistakes, at every epoch that a model has kept."""

from collections.abc import Mapping

import numpy as np
import streamlit as st

from fmnist.arrays import Int64, scale
from fmnist.charts import lesson as charts
from fmnist.classes import CLASS_NAMES
from fmnist.dataset import Dataset
from fmnist.insight import through_time
from fmnist.network import Network
from fmnist.ui.learn.subject import Example
from fmnist.ui.parts.data_cache import kept_with_data
from fmnist.ui.parts.gallery import Card, gallery
from fmnist.ui.parts.model_picker import Subject
from fmnist.ui.parts.over_epochs import NOT_KEPT, answers_over_epochs
from fmnist.ui.parts.plot import plot

IMAGES = 2000
MISTAKES = 6


def as_it_learned(subject: Subject, data: Dataset, example: Example) -> None:
    """Draw the whole part; a sentence where there is nothing to draw."""
    networks = subject.kept.networks() if subject.kept else {}
    if len(networks) < 2:
        st.info(NOT_KEPT, icon=":material/hourglass_empty:")
        return
    picture, answers = st.columns([1, 5], gap="medium")
    with picture:
        gallery([Card(example.image, CLASS_NAMES[example.label], example.name)])
    with answers:
        answers_over_epochs(networks, scale(example.image), "learn-answers", example.label)
    epochs = list(networks)
    matrices = _matrices(networks, data, subject.ref, tuple(epochs))
    classes, mistakes = st.columns(2, gap="large")
    with classes:
        st.markdown("**Which classes come first**")
        _classes(epochs, matrices)
    with mistakes:
        st.markdown("**Which mistakes vanish first**")
        _mistakes(epochs, matrices)
    st.caption(
        f"Of the first {IMAGES:,} test pictures. The whole confusion matrix at each epoch is on "
        "**Evaluate**; a drawing or photo of yours through the epochs is on **Predict**."
    )


def _classes(epochs: list[int], matrices: Int64) -> None:
    shares = through_time.class_accuracies(matrices)
    plot(charts.over_epochs(epochs, shares, "Right answers"), "learn-classes", 360)
    last = shares[-1]
    hardest, easiest = CLASS_NAMES[int(last.argmin())], CLASS_NAMES[int(last.argmax())]
    st.markdown(
        f"At the end {hardest} is the hardest ({last.min():.0%} right) and {easiest} the easiest "
        f"({last.max():.0%})."
    )


def _mistakes(epochs: list[int], matrices: Int64) -> None:
    """The commonest mistakes at any time, and how often each is made."""
    found = through_time.mistakes(matrices, MISTAKES)
    names = [f"{CLASS_NAMES[item.label]} taken for {CLASS_NAMES[item.predicted]}" for item in found]
    counts = np.array([item.counts for item in found]).T  # (epochs, mistakes)
    plot(charts.counts_over_epochs(epochs, counts, names), "learn-mistakes", 360)
    gone = max(found, key=lambda item: item.worst - item.counts[-1])
    stays = max(found, key=lambda item: item.counts[-1])
    st.markdown(
        f"{CLASS_NAMES[gone.label]} is taken for {CLASS_NAMES[gone.predicted]} "
        f"{gone.worst} times at worst and {gone.counts[-1]} times at the end. What stays "
        f"most often is {CLASS_NAMES[stays.label]} taken for {CLASS_NAMES[stays.predicted]}, "
        f"{stays.counts[-1]} times."
    )


@kept_with_data(max_entries=8)
def _matrices(
    _networks: Mapping[int, Network], data: Dataset, ref: str, epochs: tuple[int, ...]
) -> Int64:
    images, labels = data.test_images[:IMAGES], data.test_labels[:IMAGES]
    return through_time.confusion_matrices(_networks, images, labels)
