"""The model picker of Predict, Weights and Evaluate: a model, a run that has none yet, or a file.

The choice stands in the URL as ``?model=``: "tuned", "notebook" or the id of a run. An uploaded
file belongs to the session alone and has no link.
"""

import hashlib
from dataclasses import dataclass

import streamlit as st

from fmnist import catalogue
from fmnist.catalogue import Model
from fmnist.network import ModelError, Network
from fmnist.recipe import Recipe
from fmnist.training import runs
from fmnist.training.kept import KeptWeights
from fmnist.training.progress import LIVE
from fmnist.training.runs import Run, RunError
from fmnist.ui.parts import address, parameters
from fmnist.ui.parts.address import UPLOAD
from fmnist.ui.parts.known_runs import summaries
from fmnist.ui.parts.opened_files import opened
from fmnist.ui.parts.parameters import Parameter
from fmnist.ui.parts.text import plain
from fmnist.ui.server import owner, resources

NOTHING = "none"
SHORT_ID = 22  # characters: its second, and enough of what is random
MAX_SHOWN = 60  # characters of a wrong name that a message repeats


@dataclass(frozen=True)
class Subject:
    """What was picked.

    Attributes
    ----------
    ref : "tuned", "notebook", the id of a run, or "upload"
    label : what it is called on the page
    version : changes whenever the weights do; with `ref` it names them in caches
    network : the dense layers; None while a run has no model yet
    run : the run, if it is one
    kept : its weights through time, if they are kept
    epoch : after which it is shown, if that is not its last
    recipe : how it was trained, if that is known
    live : whether the run is at work now
    other_data : what it was trained on, in words, if that was not Fashion-MNIST; else empty
    """

    ref: str
    label: str
    version: str
    network: Network | None
    run: Run | None = None
    kept: KeptWeights | None = None
    recipe: Recipe | None = None
    live: bool = False
    other_data: str = ""
    epoch: int | None = None

    @property
    def short(self) -> str:
        """The label's first words: "Tuned", "Run of 22 Nov 08:15"."""
        return self.label.split(", ")[0].split(": ")[0]

    def explanation_link(self, index: int) -> str:
        """Address of Predict with a test image and this model; none for an uploaded file."""
        if self.ref == UPLOAD:
            return ""
        return address.sample_link(index, self.ref, self.epoch)


def pick_model(
    label: str = "Model",
    parameter: Parameter[str] = parameters.MODEL,
    optional: bool = False,
    unfinished: bool = False,
) -> Subject | None:
    """Draw the select box and open what is chosen; say what is wrong if it cannot be opened.

    Parameters
    ----------
    label : of the select box
    parameter : of the URL
    optional : whether "nothing" can be chosen, which is then the default
    unfinished : whether runs without a model are offered too, for their first layer
    """
    key = address.picker_key(parameter)
    named = {address.text(parameter), st.session_state.get(key)}  # a link leads to any run
    choices = _choices(optional, unfinished, named)
    if list(choices) == [UPLOAD]:
        st.info("No model has been trained yet. Train one first, or open a .keras file.")
    _follow_url(key, parameter, choices)
    note = f"{key}-note"
    ref = st.selectbox(label, list(choices), format_func=lambda item: choices.get(item, item),
                       key=key, on_change=_chosen, args=(note,))  # fmt: skip
    if note in st.session_state:
        st.warning(plain(st.session_state[note]), icon=":material/link_off:")
    _write_url(parameter, ref, next(iter(choices)))
    try:
        subject = _open(ref, parameter)
    except (ModelError, RunError) as problem:
        st.error(plain(problem), icon=":material/error:")
        return None
    if subject is not None and subject.other_data:
        st.caption(f"Trained on {plain(subject.other_data)}, not on Fashion-MNIST.")
    return subject


def _chosen(note: str) -> None:
    st.session_state.pop(note, None)
    address.changed_here()


def _choices(optional: bool, unfinished: bool, named: set[str | None]) -> dict[str, str]:
    choices = {NOTHING: "None"} if optional else {}
    known = [
        item for item in summaries().sound() if item.run.id in named or owner.may_see(item.run)
    ]
    choices |= {choice.ref: choice.label for choice in catalogue.model_choices(known)}
    if unfinished:
        for item in known:
            if item.run.id not in choices and item.run.kept.epochs():
                choices[item.run.id] = f"{_when(item.run)}, not finished"
    return choices | {UPLOAD: "A .keras file of yours"}


def _when(run: Run) -> str:
    return f"Run {run.id[:SHORT_ID]}"


def _follow_url(key: str, parameter: Parameter[str], choices: dict[str, str]) -> None:
    """Take over a choice from the URL when it is new; keep a note when it cannot be had."""
    if address.is_news(parameter, key):
        wanted = address.text(parameter)
        st.session_state.pop(f"{key}-note", None)
        if wanted in choices:
            st.session_state[key] = wanted
        else:
            st.session_state.pop(key, None)
            if wanted is not None:
                st.session_state[f"{key}-note"] = _why_not(wanted)
    if st.session_state.get(key) not in choices:
        st.session_state.pop(key, None)  # deleted since, or another page's list


def _why_not(wanted: str) -> str:
    try:
        catalogue.open_model(wanted)
    except ModelError as problem:
        return str(problem)
    return f"{wanted[:MAX_SHOWN]!r} cannot be opened here."


def _write_url(parameter: Parameter[str], ref: str, default: str) -> None:
    """Keep the URL in step; the default and an uploaded file need no parameter."""
    unnamed = ref in (NOTHING, UPLOAD) or (ref == default and address.text(parameter) is None)
    address.write(parameter, None if unnamed else ref)


def _open(ref: str, parameter: Parameter[str]) -> Subject | None:
    if ref == NOTHING:
        return None
    if ref == UPLOAD:
        return _uploaded(parameter)
    run = None if ref in catalogue.BUNDLED else runs.open_run(ref)
    live = run is not None and summaries().state(run) in LIVE
    if run is not None and not run.has_model():
        recipe = None if run.foreign else run.recipe
        return Subject(ref, _when(run), "", None, run, run.kept, recipe, live)
    version = catalogue.version(ref)
    model = _read(ref, version)
    other_data = "" if model.data_official else model.data_name
    kept = catalogue.kept_weights(ref) if run is None else run.kept
    return Subject(
        ref, model.label, str(version), model.network, run, kept, model.recipe, live, other_data
    )


@st.cache_resource(show_spinner=False, max_entries=8)
def _read(ref: str, version: int) -> Model:
    """The model, read once as long as its file stays the same; shared by all sessions."""
    return catalogue.open_model(ref)


def _uploaded(parameter: Parameter[str]) -> Subject | None:
    file = st.file_uploader(
        "Your .keras file", type="keras", key=f"{parameter.name}-file",
        help="A multi-layer perceptron from 28×28 pixels to ten classes. The file is read as "
        "data: nothing in it is executed.",
    )  # fmt: skip
    if file is None:
        return None
    network, digest = opened(f"{parameter.name}-opened", file, _network_and_digest)
    return Subject(UPLOAD, file.name, digest, network)


def _network_and_digest(content: bytes, name: str) -> tuple[Network, str]:
    return resources.opener().network(content, name), hashlib.sha256(content).hexdigest()
