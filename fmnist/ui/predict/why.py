"""Why: a map over the item, the neurons that spoke loudest, and similar training images."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist.arrays import Float32
from fmnist.charts import theme
from fmnist.charts.prediction import evidence_map
from fmnist.classes import CLASS_NAMES, SIDE
from fmnist.dataset import Dataset
from fmnist.network import Network
from fmnist.prediction.explain import (
    Neighbours,
    NeuronVote,
    gradient_times_input,
    loudest,
    neuron_votes,
    occlusion,
)
from fmnist.ui.parts import parameters
from fmnist.ui.parts.choice import segmented
from fmnist.ui.parts.data_cache import kept_with_data
from fmnist.ui.parts.data_notice import CANNOT_BE_USED, dataset_or_none
from fmnist.ui.parts.plot import plot
from fmnist.ui.predict.pictures import Picture, strip
from fmnist.ui.server import resources

MAPS: dict[str, str] = {
    "gradient": "Gradient × input",
    "occlusion": "Occlusion",
}
MAP_HELP = {
    "gradient": "How much each pixel, as bright as it is, adds to the class.",
    "occlusion": "What is lost when a small square around the pixel is blacked out.",
}


@kept_with_data(max_entries=1)
def neighbours(data: Dataset) -> Neighbours:
    """Index of the training images, made once."""
    with resources.training_images(data) as images:
        return Neighbours(images)


def prepare() -> None:
    """Make the index while a person is still drawing, so that the first answer need not wait."""
    data = dataset_or_none()
    if data is not None:
        neighbours(data)


def show_why(network: Network, image: Float32, answered: int) -> None:
    """Three explanations side by side.

    Parameters
    ----------
    image : ndarray of shape (28, 28), in [0, 1], as the network got it
    answered : the class that it gave
    """
    st.subheader("Why", anchor=False)
    target = _choose_class(answered)
    places, voices, similar = st.columns([1.1, 1, 1], gap="large")
    with places:
        _map(network, image, target)
    with voices:
        _voices(network, image, target)
    with similar:
        _similar(image)


def _choose_class(answered: int) -> int:
    """The class that map and neurons are about: the answer, unless a person asks for another."""
    options = [-1, *range(len(CLASS_NAMES))]
    chosen = st.selectbox(
        "Explain the class", options, key="explained", width=260,
        format_func=lambda k: f"The answer: {CLASS_NAMES[answered]}" if k < 0 else CLASS_NAMES[k],
    )  # fmt: skip
    return answered if chosen < 0 else int(chosen)


def _map(network: Network, image: Float32, target: int) -> None:
    kind = segmented(
        "Map", list(MAPS), parameters.MAP,
        format_func=MAPS.__getitem__, label_visibility="collapsed",
    )  # fmt: skip
    make = occlusion if kind == "occlusion" else gradient_times_input
    plot(
        evidence_map(image, make(network, image, target), CLASS_NAMES[target]),
        key="map-figure", height=310, modebar=False,
    )  # fmt: skip
    st.caption(f"{MAP_HELP[kind]} Red speaks for {CLASS_NAMES[target]}, blue against it.")


def _voices(network: Network, image: Float32, target: int) -> None:
    st.markdown("**First-layer neurons that spoke loudest**")
    votes = neuron_votes(network, image, target)
    if not votes:
        st.caption(
            "This network has no hidden neurons: each class has one template, and this is that of "
            f"{CLASS_NAMES[target]}."
        )
        weights = network.layers[0].kernel[:, target].reshape(SIDE, SIDE)
        strip([Picture(_colored(weights), CLASS_NAMES[target])], cell=150)
        return
    speaking_for, against = loudest(votes)
    for title, chosen in (("For", speaking_for), ("Against", against)):
        st.caption(f"{title} {CLASS_NAMES[target]}" + ("" if chosen else ": none"))
        if chosen:
            strip([_voice(network, vote) for vote in chosen], cell=84)


def _voice(network: Network, vote: NeuronVote) -> Picture:
    weights = network.layers[0].kernel[:, vote.index].reshape(SIDE, SIDE)
    return Picture(_colored(weights), f"Neuron {vote.index}", f"{vote.evidence:+.2f}")


def _colored(weights: Float32) -> NDArray[np.uint8]:
    return theme.diverging_rgb(weights, theme.diverging_limit(weights))


def _similar(image: Float32) -> None:
    st.markdown("**Most similar training images**")
    data = dataset_or_none()
    if data is None:
        st.caption(CANNOT_BE_USED)
        return
    nearest = neighbours(data).nearest(image)
    with resources.training_images(data) as images:
        strip(
            [
                Picture(images[k], CLASS_NAMES[data.train_labels[k]], f"image {k:,}")
                for k in nearest
            ],
            cell=84,
        )
    if not data.official:
        st.caption(f"From {data.name}.")
