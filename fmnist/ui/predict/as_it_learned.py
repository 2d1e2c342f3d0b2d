"""The picture of now, as the network saw it while it learned."""

import streamlit as st

from fmnist.arrays import Float32
from fmnist.ui.parts.model_picker import Subject
from fmnist.ui.parts.over_epochs import NOT_KEPT, answers_over_epochs


def as_it_learned(model: Subject, image: Float32) -> None:
    """Draw its ten probabilities over all epochs that the model has kept.

    Parameters
    ----------
    image : ndarray of shape (28, 28), float32 in [0, 1]
    """
    st.subheader("As the network learned", anchor=False)
    if model.kept is None or len(model.kept.whole_epochs()) < 2:
        st.caption(NOT_KEPT)
        return
    answers_over_epochs(model.kept, image, "answers-over-epochs")
