"""Which network and which picture the page Learn is about."""

import hashlib

import numpy as np
import streamlit as st

from fmnist.arrays import Float64
from fmnist.classes import PIXELS
from fmnist.dataset import Dataset
from fmnist.network import Network
from fmnist.training.runs import Run, RunError
from fmnist.ui.parts import address
from fmnist.ui.parts.model_picker import Subject
from fmnist.ui.parts.parameters import LEARN_EPOCH, PICTURE
from fmnist.ui.parts.text import plain

PICTURE_KEY, EPOCH_KEY = "learn-picture", "learn-epoch"


def full_epochs(run: Run | None) -> list[int]:
    """Epochs whose whole network a run keeps; none where it keeps the first layer alone."""
    epochs = run.kernel_epochs() if run else []
    if not run or not epochs:
        return []
    try:
        run.network(epochs[-1])
    except RunError:
        return []
    return epochs


def choose_epoch(subject: Subject) -> Network | None:
    """Draw the choice of an epoch, where a run keeps them; the network of it."""
    epochs = full_epochs(subject.run)
    if not epochs or subject.run is None:
        address.write(LEARN_EPOCH, None)
        return subject.network
    if address.is_news(LEARN_EPOCH, EPOCH_KEY):
        wanted = address.value(LEARN_EPOCH)
        st.session_state[EPOCH_KEY] = wanted if wanted in epochs else epochs[-1]
    if st.session_state.get(EPOCH_KEY) not in epochs:
        st.session_state[EPOCH_KEY] = epochs[-1]
    if len(epochs) == 1:
        return subject.run.network(epochs[0])
    chosen = st.select_slider(
        "Epoch",
        epochs,
        key=EPOCH_KEY,
        on_change=address.changed_here,
        help="The network as it was after that epoch; 0 is before training.",
    )
    address.write(LEARN_EPOCH, None if chosen == epochs[-1] else chosen)
    try:
        return subject.run.network(chosen)
    except RunError as problem:
        st.warning(plain(problem), icon=":material/error:")
        return subject.network


def choose_picture(data: Dataset) -> int:
    """Draw the choice of a test image; its index."""
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
