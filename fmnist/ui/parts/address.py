"""What stands in the address of a page, which anybody may have written.

An address says all that a link to a page should bring back. What a page writes there itself is
told from what a link, or the browser's back button, brought: only the latter changes widgets.
"""

from urllib.parse import urlencode

import streamlit as st

from fmnist.training.runs import RUN_ID

MODEL, BESIDE, NEURON = "model", "beside", "neuron"
SOURCE, INDEX, STAGES = "source", "index", "stages"
UPLOAD = "upload"  # stands for a file of this visitor's, which has no link
LAST_MODEL = "last model"


def whole_number(parameter: str, below: int) -> int | None:
    """The number of a parameter: 0 to `below` − 1 in plain digits; None for all else."""
    return number_in(st.query_params.get(parameter, ""), below)


def number_in(text: str, below: int) -> int | None:
    """The same of a text."""
    # Digits of other scripts count as digits for Python, and int() refuses thousands of them.
    plain = text.isascii() and text.isdigit() and len(text) <= len(str(below))
    return int(text) if plain and int(text) < below else None


def brought(parameter: str, key: str) -> str | None:
    """A parameter's text when it is news to the widget `key`; None while it says what is shown.

    It is news on the first run of a page, after a link, and after the browser's back button.
    """
    wanted = st.query_params.get(parameter)
    news = key not in st.session_state or wanted != st.session_state.get(_seen(parameter))
    st.session_state[_seen(parameter)] = wanted
    return wanted if news else None


def write(parameter: str, value: str | None) -> None:
    """Put what a page shows into its address; None takes the parameter out."""
    if value is None:
        st.query_params.pop(parameter, None)
    elif st.query_params.get(parameter) != value:
        st.query_params[parameter] = value
    st.session_state[_seen(parameter)] = value


def keep() -> None:
    """Remember the address of the page that is open, for the menu's link back to it."""
    st.session_state[_kept(st.session_state["page"])] = st.query_params.to_dict()


def menu_parameters(title: str, has_model: bool) -> dict[str, str]:
    """Parameters of the menu's link to a page: as it was left, with the model that is open now."""
    parameters: dict[str, str] = dict(st.session_state.get(_kept(title), {}))
    if has_model and (model := _model_now()):
        parameters[MODEL] = model
    return parameters


def picker_key(parameter: str) -> str:
    """Key of the select box whose choice of a model stands in a parameter."""
    return f"{parameter}-picker"


def sample_link(index: int, model: str) -> str:
    """Address of Predict with a test image, answered by that model."""
    return f"predict?{urlencode({SOURCE: 'sample', INDEX: index, MODEL: model})}"


def _model_now() -> str | None:
    """The model of this page, else the last one that a page had; never a stranger's words."""
    chosen = st.session_state.get(picker_key(MODEL))
    arriving = st.session_state.get("page-is-new") or chosen is None  # then the address decides
    model = st.query_params.get(MODEL) if arriving else chosen
    if model and model != UPLOAD and RUN_ID.fullmatch(model):
        st.session_state[LAST_MODEL] = model
    last: str | None = st.session_state.get(LAST_MODEL)
    return last


def _seen(parameter: str) -> str:
    return f"{parameter} in the address"


def _kept(title: str) -> str:
    return f"address of {title}"
