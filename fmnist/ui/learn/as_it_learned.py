"""A picture, and all classes, as a network saw them at every epoch that its run has kept."""

import numpy as np
import streamlit as st

from fmnist.charts import lesson as charts
from fmnist.classes import CLASS_NAMES
from fmnist.dataset import Dataset
from fmnist.insight import through_time
from fmnist.insight.through_time import Answers
from fmnist.training.runs import Run
from fmnist.ui.learn.subject import full_epochs
from fmnist.ui.parts.data_cache import kept_with_data
from fmnist.ui.parts.model_picker import Subject
from fmnist.ui.parts.plot import plot

CLASS_IMAGES = 2000


def as_it_learned(subject: Subject, data: Dataset, index: int) -> None:
    """Draw the whole part; a sentence where there is nothing to draw."""
    epochs = full_epochs(subject.run)
    if subject.run is None or len(epochs) < 2:
        st.info(
            "This takes a run whose epochs are kept: train one on **Train**, and choose it here. "
            "Bundled models and files have their last epoch alone.",
            icon=":material/hourglass_empty:",
        )
        return
    image = data.test_images[index] / np.float32(255)
    found = through_time.answers(subject.run.network, epochs, image)
    plot(charts.over_epochs(epochs, found.probabilities, "Probability"), "learn-answers", 360)
    st.markdown(_in_words(found, int(data.test_labels[index])))
    st.markdown("**Which classes come first**")
    shares = _accuracies(subject.run, data, subject.ref, tuple(epochs))
    plot(charts.over_epochs(epochs, shares, "Right answers"), "learn-classes", 360)
    last = shares[-1]
    hardest, easiest = CLASS_NAMES[int(last.argmin())], CLASS_NAMES[int(last.argmax())]
    st.caption(
        f"Of the first {CLASS_IMAGES:,} test pictures. At the end {hardest} is the hardest "
        f"({last.min():.0%} right) and {easiest} the easiest ({last.max():.0%})."
    )


def _in_words(found: Answers, label: int) -> str:
    last = int(found.probabilities[-1].argmax())
    right = "which is right" if last == label else f"but it is {CLASS_NAMES[label]}"
    turned = found.turned_at
    since = "from the very start" if turned is None else f"since epoch {turned}"
    return f"The answer is **{CLASS_NAMES[last]}** {since}, {right}."


@kept_with_data(max_entries=8)
def _accuracies(_run: Run, data: Dataset, ref: str, epochs: tuple[int, ...]) -> np.ndarray:
    images, labels = data.test_images[:CLASS_IMAGES], data.test_labels[:CLASS_IMAGES]
    return through_time.class_accuracies(_run.network, epochs, images, labels)
