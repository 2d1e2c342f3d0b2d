"""Which network and which picture the page Learn is about."""

import hashlib
from dataclasses import dataclass

import numpy as np
import streamlit as st

from fmnist.arrays import Float64, UInt8
from fmnist.classes import CLASS_COUNT, CLASS_NAMES, PIXELS
from fmnist.dataset import Dataset
from fmnist.network import Network
from fmnist.ui.parts import address
from fmnist.ui.parts.parameters import PICTURE
from fmnist.ui.parts.session import OWN_PICTURE

PICTURE_KEY, MINE, MINE_IS = "learn-picture", "learn-mine", "learn-mine-is"


@dataclass(frozen=True)
class Example:
    """A picture with its class, as training gets it.

    Attributes
    ----------
    image : ndarray of shape (28, 28), uint8
    label : its class
    name : of the picture, in a few words
    """

    image: UInt8
    label: int
    name: str

    @property
    def labels(self) -> UInt8:
        """Its class as a batch of one."""
        return np.array([self.label], np.uint8)


def choose_example(data: Dataset) -> Example:
    """Draw the choice of a picture: a test image, or the one that was taken along from Predict."""
    if OWN_PICTURE in st.session_state:
        image, answer = st.session_state[OWN_PICTURE]
        if st.toggle("My picture from Predict", value=True, key=MINE):
            label = st.selectbox(
                "It is", range(CLASS_COUNT), answer, format_func=CLASS_NAMES.__getitem__,
                key=MINE_IS, width=260,
            )  # fmt: skip
            return Example(image, int(label), "your picture")
    index = _choose_index(data)
    return Example(data.test_images[index], int(data.test_labels[index]), f"test image {index}")


def _choose_index(data: Dataset) -> int:
    count = len(data.test_images)
    if address.is_news(PICTURE, PICTURE_KEY):
        wanted = address.value(PICTURE)
        st.session_state[PICTURE_KEY] = wanted if wanted is not None and wanted < count else 0
    if not 0 <= (st.session_state.get(PICTURE_KEY) or 0) < count:
        st.session_state[PICTURE_KEY] = 0
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.number_input(
            "Test picture", 0, count - 1, key=PICTURE_KEY, on_change=address.changed_here, width=170
        )
        st.button("Another", icon=":material/casino:", on_click=_another, args=(count,))
    chosen = int(st.session_state[PICTURE_KEY] or 0)
    address.write(PICTURE, chosen or None)
    return chosen


def as_input(image: np.ndarray) -> Float64:
    """One image as a network gets it: ndarray of shape (1, 784), in [0, 1]."""
    return np.asarray(image, np.float64).reshape(1, PIXELS) / 255.0


def name_of(network: Network) -> str:
    """A name that changes with the weights."""
    digest = hashlib.sha256()
    for layer in network.layers:
        digest.update(layer.kernel.tobytes())
        digest.update(layer.bias.tobytes())
    return digest.hexdigest()


def _another(count: int) -> None:
    address.changed_here()
    st.session_state[PICTURE_KEY] = int(np.random.default_rng().integers(count))
