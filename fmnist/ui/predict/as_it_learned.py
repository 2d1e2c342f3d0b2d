"""The picture of now, as the network saw it while it learned."""

import streamlit as st

from fmnist.arrays import Float32, as_bytes
from fmnist.ui.parts.address import UPLOAD
from fmnist.ui.parts.model_picker import Subject
from fmnist.ui.parts.over_epochs import NOT_KEPT, answers_over_epochs
from fmnist.ui.parts.parameters import MODEL
from fmnist.ui.parts.session import OWN_PICTURE


def as_it_learned(model: Subject, image: Float32, class_index: int) -> None:
    """Draw its ten probabilities over all epochs that the model has kept.

    Parameters
    ----------
    image : ndarray of shape (28, 28), float32 in [0, 1]
    class_index : what the network says it is
    """
    st.subheader("As the network learned", anchor=False)
    given = (image, class_index)
    if st.button(
        "Take this picture to Learn", icon=":material/school:", on_click=_take, args=given
    ):
        named = model.ref != UPLOAD  # a visitor's file has no link
        st.switch_page("pages/learn.py", query_params=MODEL.query(model.ref) if named else {})
    networks = model.kept.networks() if model.kept else {}
    if len(networks) < 2:
        st.caption(NOT_KEPT)
        return
    answers_over_epochs(networks, image, "answers-over-epochs")


def _take(image: Float32, class_index: int) -> None:
    st.session_state[OWN_PICTURE] = (as_bytes(image), class_index)
