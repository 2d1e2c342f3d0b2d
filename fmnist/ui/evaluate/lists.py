"""Test images to look at, by filter, and the label lens over the training images."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist.classes import CLASS_NAMES
from fmnist.dataset import Dataset
from fmnist.insight.evaluation import Predictions, select
from fmnist.insight.labels import Candidate, candidates, to_csv
from fmnist.ui.evaluate.data import training_predictions
from fmnist.ui.parts import address
from fmnist.ui.parts.choice import segmented
from fmnist.ui.parts.gallery import Card, gallery
from fmnist.ui.parts.model_picker import Subject
from fmnist.ui.parts.parameters import (
    GIVEN_LABEL,
    LIST,
    OPINION,
    PREDICTED_CLASS,
    TRUE_CLASS,
    WidgetParameter,
)
from fmnist.ui.server import resources

MISTAKES, CLOSE_CALLS, ALL = "Most confident mistakes", "Least confident right answers", "All"
PAGE = 24
ANY = -1
CANDIDATES = 200


@st.fragment
def image_list(subject: Subject, predictions: Predictions, data: Dataset) -> None:
    """Draw the images that match the filters; a filter redraws only this part of the page."""
    kind_column, true, given = st.columns([2, 1, 1], vertical_alignment="bottom")
    with kind_column:
        kind = segmented("Show", [MISTAKES, CLOSE_CALLS, ALL], LIST, wrap=True)
    with true:
        true_class = _class_filter("True class", TRUE_CLASS)
    with given:
        predicted_class = _class_filter("Predicted class", PREDICTED_CLASS)
    indices = select(
        predictions,
        true_class,
        predicted_class,
        correct={MISTAKES: False, CLOSE_CALLS: True, ALL: None}[kind],
        confident_first=kind != CLOSE_CALLS,
    )
    st.caption(f"{len(indices):,} of {len(predictions.labels):,} test images")
    choice = (kind, true_class, predicted_class)
    count = _page(choice, "list")
    gallery(test_cards(subject, predictions, data, indices[:count]))
    _more(choice, "list", count, len(indices))


def test_cards(
    subject: Subject, predictions: Predictions, data: Dataset, indices: NDArray[np.int64]
) -> list[Card]:
    """A card for each test image, with its three most probable classes, linked to Predict."""
    cards = []
    for index in map(int, indices):
        label = int(predictions.labels[index])
        cards.append(
            Card(
                data.test_images[index],
                CLASS_NAMES[label],
                f"test image {index}",
                predictions.probabilities[index],
                label,
                subject.explanation_link(index),
            )
        )
    return cards


@st.fragment
def label_lens(subject: Subject, data: Dataset) -> None:
    """Training images whose label the model finds least likely, for a person to judge."""
    st.markdown(
        "Training images on which the model's loss is highest. Some are odd, some are hard, and "
        "some have a **wrong label**: look and decide. A model that learned from these labels and "
        "still disagrees with one gives a hint, not a proof."
    )
    if data.official:
        st.caption(
            "Wrong labels are known: see [issue 166 of the data set]"
            "(https://github.com/zalandoresearch/fashion-mnist/issues/166)."
        )
    given, opinion, download = st.columns([1, 1, 1.4], vertical_alignment="bottom")
    with given:
        label = _class_filter("Given label", GIVEN_LABEL)
    with opinion:
        predicted = _class_filter("The model's opinion", OPINION)
    predictions = training_predictions(subject, data)
    items = candidates(predictions, CANDIDATES, label, predicted)
    download.download_button(
        f"These {len(items)} as CSV", to_csv(items), "label-lens.csv", "text/csv",
        icon=":material/download:", on_click="ignore", disabled=not items,
    )  # fmt: skip
    choice = (label, predicted)
    count = _page(choice, "lens")
    with resources.training_images(data) as images:
        gallery([_lens_card(item, predictions, images[item.index]) for item in items[:count]])
    _more(choice, "lens", count, len(items))


def _lens_card(item: Candidate, predictions: Predictions, image: NDArray[np.uint8]) -> Card:
    return Card(
        image,
        f"Label: {CLASS_NAMES[item.label]}",
        f"no. {item.index}, loss {item.loss:.1f}",
        predictions.probabilities[item.index],
        item.label,
    )


def _class_filter(label: str, parameter: WidgetParameter) -> int | None:
    chosen = st.selectbox(
        label, [ANY, *range(len(CLASS_NAMES))], **address.bind(parameter),
        format_func=lambda number: "Any" if number == ANY else CLASS_NAMES[number],
    )  # fmt: skip
    return None if chosen == ANY else int(chosen)


def _page(choice: object, key: str) -> int:
    """How many cards to show: one page, until more is asked for under the same filters."""
    asked, count = st.session_state.get(f"{key}-page", (choice, PAGE))
    return int(count) if asked == choice else PAGE


def _more(choice: object, key: str, count: int, total: int) -> None:
    if count < total:
        st.button("Show more", key=f"{key}-more", on_click=_turn,
                  args=(key, choice, count + 2 * PAGE))  # fmt: skip


def _turn(key: str, choice: object, count: int) -> None:
    st.session_state[f"{key}-page"] = (choice, count)
