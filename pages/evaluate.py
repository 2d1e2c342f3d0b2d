"""Evaluate: how good a model really is, where it fails, and whether its probabilities hold."""

import streamlit as st

from fmnist.ui.evaluate.comparison import comparison_section
from fmnist.ui.evaluate.data import test_predictions
from fmnist.ui.evaluate.head import headline
from fmnist.ui.evaluate.lists import image_list, label_lens
from fmnist.ui.evaluate.matrix import class_table, matrix_section
from fmnist.ui.evaluate.trust import calibration_section
from fmnist.ui.parts import address
from fmnist.ui.parts.choice import segmented
from fmnist.ui.parts.data_notice import CANNOT_BE_USED, dataset_or_none
from fmnist.ui.parts.first_screen import first_screen_first
from fmnist.ui.parts.frame import open_page
from fmnist.ui.parts.model_picker import pick_model
from fmnist.ui.parts.parameters import BESIDE, VIEW
from fmnist.ui.parts.through_time import choose_epoch

NO_NETWORK_YET = "This run has no network to evaluate yet; it comes with its first epoch."
JUST_LOOKING = (
    "The test images are here to look at. Whoever chooses an epoch by them has a figure that is a "
    "little too good: choose by the validation accuracy on Train."
)

open_page("Evaluate")

model, other = st.columns(2)
with model:
    subject = pick_model(unfinished=True)
    if subject is not None:
        subject = choose_epoch(subject, "evaluate")
with other:
    second = pick_model("Compare with", BESIDE, optional=True)
data = dataset_or_none()
if data is None:
    st.info(f"There are no pictures to test on. {CANNOT_BE_USED}", icon=":material/cloud_off:")
if subject is None or data is None:
    st.stop()
if subject.network is None:
    st.info(NO_NETWORK_YET, icon=":material/hourglass_empty:")
    st.stop()
if subject.epoch is not None:
    st.caption(JUST_LOOKING)

address.keep()
predictions = test_predictions(subject, data)
rival = None
if second is not None and second.network is not None:
    rival = (second, test_predictions(second, data))

headline(subject, predictions, data, rival)
matrix_section(subject, predictions, data)
first_screen_first()

IMAGES, CLASSES, TRUST, LENS, COMPARE = (
    "Images",
    "Per class",
    "Calibration",
    "Label lens",
    "Two models",
)
view = segmented("Look closer", [IMAGES, CLASSES, TRUST, LENS, COMPARE], VIEW)
if view == IMAGES:
    image_list(subject, predictions, data)
elif view == CLASSES:
    class_table(predictions)
elif view == TRUST:
    calibration_section(subject, predictions)
elif view == LENS:
    label_lens(subject, data)
elif rival is None:
    st.info("Choose a second model under “Compare with”, at the top of the page.")
else:
    comparison_section(subject, predictions, rival[0], rival[1], data)
