"""One picture as a network saw it at every epoch that was kept."""

from collections.abc import Mapping

import streamlit as st

from fmnist.arrays import Float32
from fmnist.charts import lesson as charts
from fmnist.classes import CLASS_NAMES
from fmnist.insight import through_time
from fmnist.insight.through_time import Answers
from fmnist.network import Network
from fmnist.ui.parts.plot import plot

NOT_KEPT = (
    "This takes a model whose epochs are kept: the bundled **Notebook**, or a run of yours from "
    "**Train**. Tuned and .keras files have their last epoch alone."
)


def answers_over_epochs(
    networks: Mapping[int, Network], image: Float32, key: str, label: int | None = None
) -> None:
    """Draw its ten probabilities over the epochs, and say when the answer turned.

    Parameters
    ----------
    networks : by the epoch after which they are; at least one
    image : ndarray of shape (28, 28), float32 in [0, 1]
    label : its true class, if that is known
    """
    found = through_time.answers(networks, image)
    plot(charts.over_epochs(list(networks), found.probabilities, "Probability"), key, 360)
    st.markdown(in_words(found, label))


def in_words(found: Answers, label: int | None) -> str:
    """What became of the answer, in a sentence."""
    last = int(found.probabilities[-1].argmax())
    first = int(found.probabilities[0].argmax())
    turned = found.turned_at
    if turned is None:
        said = f"The answer is **{CLASS_NAMES[last]}** from the very start"
    else:
        said = f"The answer is **{CLASS_NAMES[last]}** since epoch {turned}"
        said += f"; it began as {CLASS_NAMES[first]}" * (first != last)
    if label is None:
        return f"{said}."
    return f"{said}. " + ("It is right." if last == label else f"It is {CLASS_NAMES[label]}.")
