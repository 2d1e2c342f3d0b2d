"""Ten pictures whose answers change as the epochs of the bundled notebook model pass.

All answers are computed from its weights when the server first shows them; a browser plays them.
"""

import base64
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st

from fmnist import catalogue
from fmnist.arrays import Float32, Int64, UInt8, scale
from fmnist.classes import CLASS_COUNT, CLASS_NAMES
from fmnist.dataset import Dataset
from fmnist.insight.through_time import changeable
from fmnist.ui.parts.component import component
from fmnist.ui.parts.data_cache import kept_with_data
from fmnist.ui.parts.tiles import png

MODEL = "notebook"
IMAGES = 1000  # of the test split, from which the pictures are taken
SETS = 4  # of ten pictures, one of each class

_HERE = Path(__file__).parent
_component = component(
    "fmnist_learning",
    html=(_HERE / "learning.html").read_text(),
    css=(_HERE / "learning.css").read_text(),
    js=(_HERE / "learning.js").read_text(),
    isolate_styles=False,
)


@dataclass(frozen=True)
class _Show:
    """What a browser plays, as text: in a list Streamlit looks for data frames.

    Attributes
    ----------
    strip : PNG file of all pictures side by side, as base64
    content : JSON with what stands in `_content`
    """

    strip: str
    content: str


def learning(data: Dataset) -> None:
    """Draw it; a click on a picture opens it on Predict."""
    made = _show(data)
    st.markdown(
        "What a network called ten pictures while it learned to. They are some on which it changed "
        "its mind; **click one** to see why."
    )
    _component(key="learning", data={"strip": made.strip, "content": made.content})


@kept_with_data(max_entries=1)
def _show(data: Dataset) -> _Show:
    kept = catalogue.kept_weights(MODEL)
    assert kept is not None  # it comes with the app
    networks = kept.networks()
    images, labels = data.test_images[:IMAGES], data.test_labels[:IMAGES]
    scaled = scale(images)
    probabilities = np.array([network.probabilities(scaled) for network in networks.values()])
    chosen = _chosen(probabilities.argmax(axis=2), labels)
    content = _content(list(networks), probabilities[:, chosen], labels[chosen], chosen)
    strip = base64.b64encode(png(np.hstack(list(images[chosen])))).decode()
    return _Show(strip, json.dumps(content))


def _chosen(answers: Int64, labels: UInt8) -> Int64:
    """Numbers of the pictures: in each set one of every class, with answers that change.

    Parameters
    ----------
    answers : ndarray of shape (epochs, images), classes
    """
    by_class = [changeable(answers, labels, label) for label in range(CLASS_COUNT)]
    return np.array([np.resize(mine, SETS)[number] for number in range(SETS) for mine in by_class])


def _content(
    epochs: list[int], probabilities: Float32, labels: UInt8, chosen: Int64
) -> dict[str, object]:
    """All that is played: of every epoch each picture's answer and its probability in per cent."""
    return {
        "names": CLASS_NAMES,
        "epochs": epochs,
        "labels": labels.tolist(),
        "links": [f"predict?source=sample&index={index}&model={MODEL}" for index in chosen],
        "answers": probabilities.argmax(axis=2).tolist(),
        "shares": (100 * probabilities.max(axis=2)).round().astype(int).tolist(),
    }
