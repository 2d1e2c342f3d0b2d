"""The answer in words, the ten probabilities, and how sure it has to be."""

import html

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist.charts.prediction import probability_bars
from fmnist.classes import CLASS_NAMES
from fmnist.prediction import confidence
from fmnist.prediction.confidence import CERTAINTY, JUDGED, Reference
from fmnist.prediction.inference import Answer, Predictor
from fmnist.prediction.reasons import ADVICE, Reason
from fmnist.prediction.trade import trade
from fmnist.ui.parts import address, parameters
from fmnist.ui.parts.model_picker import Subject
from fmnist.ui.parts.plot import plot

_STYLE = """<style>
.fmnist-answer { min-height: 6.6rem; }
.fmnist-answer h2 { font-size: 1.9rem; line-height: 1.15; padding: 0; margin: 0 0 0.3rem; }
.fmnist-answer p { margin: 0.15rem 0; line-height: 1.4; }
.fmnist-answer .quiet { opacity: 0.78; font-size: 0.9rem; }
</style>"""
BARS_HEIGHT = 300
MEASURED = "Measured with the bundled model Tuned on pictures that it was not trained on."


@st.cache_resource(show_spinner=False)
def reference() -> Reference:
    """Detector and calibration pictures, read once. Raises ConfidenceError."""
    return confidence.read()


def name_and_version(model: Subject) -> tuple[str, str]:
    """What tells one model from another in a cache."""
    return model.ref, model.version


@st.cache_resource(show_spinner=False, max_entries=8, hash_funcs={Subject: name_and_version})
def predictor(model: Subject) -> Predictor:
    """The model, calibrated; made once as long as its file stays the same."""
    assert model.network is not None
    return Predictor(model.network, reference())


def certainty_slider() -> float:
    """How confident an answer must be to count as sure, in [0, 1]; in the URL."""
    percent = st.slider(
        "How sure it has to be", 20, 99, round(CERTAINTY * 100), format="%d%%",
        **address.bind(parameters.CERTAINTY),
        help="Below this confidence the answer is “not sure”.",
    )  # fmt: skip
    certainty = float(percent) / 100
    st.caption(trade_in_words(certainty))
    return certainty


def trade_in_words(certainty: float) -> str:
    """What that certainty costs, as it was measured; empty if nothing was."""
    sentences = []
    for kind in JUDGED:
        words = {"photo": "photos", "drawing": "drawings and icons"}[kind]
        measured = trade(reference().measured[kind], certainty)
        if measured.pictures:
            share = f", {measured.right / measured.answered:.0%}" if measured.answered else ""
            sentences.append(
                f"Of {measured.pictures} real {words} {measured.answered} get a sure answer, "
                f"and {measured.right} of those are right{share}."
            )
    return " ".join([*sentences, MEASURED] if sentences else [])


def show_answer(
    answer: Answer | None,
    certainty: float,
    nothing: str,
    before: Answer | None = None,
    true_class: int | None = None,
) -> None:
    """The verdict in words above the ten probabilities.

    Parameters
    ----------
    answer : None while there is nothing to answer for; the place stays the same size
    nothing : what to say then
    before : the answer without the person's changes, if there are any
    true_class : known for a sample
    """
    if answer is None:
        st.html(f'{_STYLE}<div class="fmnist-answer"><p>{html.escape(nothing)}</p></div>')
        _bars(np.zeros(10, np.float32))
        return
    lines = [*_words(answer, certainty), *_truth(answer, true_class), *_change(answer, before)]
    st.html(f'{_STYLE}<div class="fmnist-answer" role="status">{"".join(lines)}</div>')
    _bars(answer.probabilities, None if before is None else before.probabilities)


def _bars(probabilities: NDArray[np.float32], before: NDArray[np.float32] | None = None) -> None:
    plot(probability_bars(probabilities, before), key="bars", height=BARS_HEIGHT, modebar=False)


def _words(answer: Answer, certainty: float) -> list[str]:
    first, second = answer.class_name, CLASS_NAMES[answer.runner_up]
    share = answer.confidence_in_words()
    verdict = answer.verdict(certainty)
    if verdict == "not_clothing":
        return [
            "<h2>This does not look like clothing</h2>",
            f"<p>If it has to choose, the network says {first}.</p>",
            '<p class="quiet">The picture is unlike the items it knows, so the bars below mean '
            f"little. {ADVICE[Reason.STRANGE]}</p>",
        ]
    if verdict == "unsure":
        reason = answer.reason(certainty)
        assert reason is not None
        why = answer.reason_in_words(certainty) or ""
        return [
            "<h2>Not sure</h2>",
            f"<p>Perhaps <b>{first}</b> ({share}), or else {second}.</p>",
            f'<p class="quiet">{why[0].upper()}{why[1:]}. {ADVICE[reason]}</p>',
        ]
    return [
        f"<h2>{first}</h2>",
        f"<p>Confidence <b>{share}</b>. The runner-up is {second}.</p>",
    ]


def _truth(answer: Answer, true_class: int | None) -> list[str]:
    if true_class is None:
        return []
    right = answer.class_index == true_class
    mark = "✓ Right" if right else "✗ Wrong"
    return [f"<p>{mark}: the data set calls it <b>{CLASS_NAMES[true_class]}</b>.</p>"]


def _change(answer: Answer, before: Answer | None) -> list[str]:
    if before is None:
        return []
    old = before.probabilities[answer.class_index]
    new = answer.probabilities[answer.class_index]
    text = f"Your changes moved {answer.class_name} from {old:.0%} to {new:.0%}."
    if before.class_index != answer.class_index:
        text += f" Without them the answer was {before.class_name}."
    return [f"<p>{text}</p>"]
