"""The select box of models that Predict, Weights and Evaluate share; the choice is in the URL."""

import streamlit as st

from fmnist import catalogue
from fmnist.catalogue import Model
from fmnist.network import ModelError
from fmnist.ui.parts import address
from fmnist.ui.parts.known_runs import summaries
from fmnist.ui.parts.text import plain

KEY = "model-picker"


def pick_model() -> Model | None:
    """Show the select box and open what is chosen; `?model=` in the URL decides at first.

    Returns
    -------
    Model or None
        None, after saying why, when nothing can be opened.
    """
    choices = {choice.ref: choice.label for choice in catalogue.model_choices(summaries())}
    if not choices:
        st.info("There is no trained model yet. Train one first, then come back.")
        return None
    default = next(iter(choices))
    wanted = address.brought(address.MODEL, KEY)
    if wanted is not None and wanted not in choices:
        # Say why once; the select box below goes on with the default.
        _explain(wanted)
    if wanted is not None or st.session_state.get(KEY) not in choices:
        st.session_state[KEY] = wanted if wanted in choices else default
    ref = st.selectbox("Model", list(choices), format_func=choices.__getitem__, key=KEY)
    named = ref != default or address.MODEL in st.query_params
    address.write(address.MODEL, ref if named else None)
    try:
        model = cached_model(ref, catalogue.version(ref))
    except ModelError as problem:
        st.error(plain(problem))
        return None
    if not model.data_official:
        st.caption(
            f"Trained on {plain(model.data_name)}, so its figures are about that data alone."
        )
    return model


@st.cache_resource(show_spinner=False, max_entries=8)
def cached_model(ref: str, version: int) -> Model:
    """The model, read once as long as its file stays the same; shared by all sessions."""
    return catalogue.open_model(ref)


def _explain(ref: str) -> None:
    try:
        catalogue.open_model(ref)
    except ModelError as problem:
        st.warning(plain(problem))
