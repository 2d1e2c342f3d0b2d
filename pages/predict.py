"""Predict: draw, upload, photograph or pick an item, and understand the answer."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from fmnist.arrays import scale
from fmnist.prediction.confidence import ConfidenceError
from fmnist.prediction.options import Options
from fmnist.prediction.result import Result
from fmnist.ui.parts import address
from fmnist.ui.parts.first_screen import first_screen_first
from fmnist.ui.parts.frame import open_page
from fmnist.ui.parts.model_picker import Subject, pick_model
from fmnist.ui.parts.parameters import STAGES
from fmnist.ui.parts.text import plain
from fmnist.ui.parts.through_time import choose_epoch
from fmnist.ui.predict.answer import certainty_slider, predictor, show_answer
from fmnist.ui.predict.as_it_learned import as_it_learned
from fmnist.ui.predict.corrections import correct, correction_buttons, offer_turn
from fmnist.ui.predict.overrides import choose_options, wait_for_picture
from fmnist.ui.predict.photo import photo_board
from fmnist.ui.predict.sources import InputPicture, choose_source, take_picture
from fmnist.ui.predict.stage_address import default_options
from fmnist.ui.predict.stages import show_stages
from fmnist.ui.predict.table import answer_files
from fmnist.ui.predict.teach import teach_back
from fmnist.ui.predict.why import prepare, show_why

NOTHING = {
    "draw": "Draw an item of clothing, and the answer appears here.",
    "upload": "Choose a picture, and the answer appears here.",
    "camera": "Take a photo, and the answer appears here.",
    "photo": "Pick a photo, and the answer appears here.",
    "sample": "Pick an image, and the answer appears here.",
}
CORRECT = (
    "Tap what is missing or too much, or drag a box around the item. The shaded part is not used."
)
NO_NETWORK_YET = "This run has no network to answer yet; it comes with its first epoch."
BLANK = "Nothing stands out in this picture, so there is nothing to classify."


@st.fragment
def predict(model: Subject) -> None:
    """All that changes with a picture; a new one reruns this part of the page alone."""
    predictor(model)  # before the first picture, which is then answered at once
    source = choose_source()
    left, right = st.columns([1, 1.15], gap="large")
    below = st.container()
    with left:
        picture = take_picture(source)
    answer_place = right.container()
    with right:
        certainty = certainty_slider()
    if picture is None:
        wait_for_picture()
        with answer_place:
            show_answer(None, certainty, NOTHING[source])
        first_screen_first()
        prepare()
    elif isinstance(picture, list):
        address.write(STAGES, None)  # many files are answered as they are
        with answer_place:
            st.markdown(f"**{len(picture)} files.** Their answers are below.")
        with below:
            answer_files(model, picture, certainty)
    elif picture.sample is not None:
        predict_sample(model, picture, certainty, answer_place, below)
    else:
        predict_picture(model, picture, certainty, left, answer_place, below)
    address.keep()


def predict_sample(
    model: Subject,
    picture: InputPicture,
    certainty: float,
    place: DeltaGenerator,
    below: DeltaGenerator,
) -> None:
    """Answer for a test image, which needs no pipeline, so that no stage can be set."""
    assert picture.sample is not None
    address.write(STAGES, None)
    image = scale(picture.sample)
    answer = predictor(model).answer(image)
    with place:
        show_answer(answer, certainty, "", true_class=picture.true_class)
    first_screen_first()
    with below:
        show_why(predictor(model).network, image, answer.class_index)
        as_it_learned(model, image, answer.class_index)


def predict_picture(
    model: Subject,
    picture: InputPicture,
    certainty: float,
    left: DeltaGenerator,
    place: DeltaGenerator,
    below: DeltaGenerator,
) -> None:
    """Send a picture through the pipeline, answer, and show how it came about."""
    assert picture.rgb is not None
    with below:
        stages = st.container()
        options = choose_options(picture.name, picture.kind)
    automatic = default_options(picture.kind)
    result, answer = predictor(model).answer_picture(picture.rgb, options)
    if picture.kind != "drawing":
        with left:
            show_photo(picture, result, options)
    before = None
    if options != automatic:
        _, before = predictor(model).answer_picture(picture.rgb, automatic)
    with place:
        show_answer(answer, certainty, BLANK, before)
    for note in result.notes:
        place.caption(note)
    if answer is None:
        return
    with place:
        offer_turn(predictor(model), result, answer, certainty)
    with left:
        teach_back(picture.rgb, picture.name, result.kind, answer)
    with stages:
        st.subheader("From picture to 28×28", anchor=False)
        show_stages(predictor(model), result, answer.class_index)
    with below:
        show_why(predictor(model).network, result.image, answer.class_index)
        as_it_learned(model, result.image, answer.class_index)


def show_photo(picture: InputPicture, result: Result, options: Options) -> None:
    """What was found in it, to be corrected in place."""
    assert picture.rgb is not None
    photo_board(picture.rgb, picture.name, result.mask, options.box, "photo", correct)
    if result.mask is not None:
        correction_buttons(options)
        st.caption(CORRECT)


open_page("Predict")
with st.container(width=560):
    chosen = pick_model(unfinished=True)
    if chosen is not None:
        chosen = choose_epoch(chosen, "predict")
if chosen is not None and chosen.network is None:
    st.info(NO_NETWORK_YET, icon=":material/hourglass_empty:")
elif chosen is not None:
    try:
        predict(chosen)
    except ConfidenceError as problem:
        st.error(plain(problem))
