"""Learn: one step in slow motion, what breaks the network, how it learned, you against it."""

import streamlit as st

from fmnist.ui.learn.as_it_learned import as_it_learned
from fmnist.ui.learn.break_it import break_it
from fmnist.ui.learn.experiments import experiments_part
from fmnist.ui.learn.game import game
from fmnist.ui.learn.step import one_step
from fmnist.ui.learn.subject import choose_example
from fmnist.ui.learn.words import words_part
from fmnist.ui.parts import address
from fmnist.ui.parts.choice import segmented
from fmnist.ui.parts.data_notice import CANNOT_BE_USED, dataset_or_none
from fmnist.ui.parts.frame import open_page
from fmnist.ui.parts.learn_link import BREAK_IT
from fmnist.ui.parts.model_picker import pick_model
from fmnist.ui.parts.parameters import PART
from fmnist.ui.parts.through_time import choose_epoch

STEP, TIME, GAME = "One step", "As it learned", "You against it"
EXPERIMENTS, WORDS = "Experiments", "Words"

open_page("Learn")
data = dataset_or_none()
part = segmented(
    "Part", (STEP, TIME, BREAK_IT, GAME, EXPERIMENTS, WORDS), PART, label_visibility="collapsed"
)
if part == EXPERIMENTS:
    address.keep()
    experiments_part()
    st.stop()
if part == WORDS:
    address.keep()
    words_part()
    st.stop()
if data is None:
    st.info(CANNOT_BE_USED, icon=":material/hourglass_empty:")
    st.stop()
model, picture = st.columns([1.4, 1], gap="large")
with model:
    subject = pick_model(unfinished=True)
if subject is None:
    st.stop()
if part != TIME:
    with model:
        subject = choose_epoch(subject, "learn")
network = subject.network
example = None
if part != GAME:
    with picture:
        example = choose_example(data)
address.keep()
if part == TIME and example is not None:
    as_it_learned(subject, data, example)
elif network is None:
    st.info("This run has no network yet; it comes with its first epoch.")
elif example is None:
    game(network, data)
elif part == STEP:
    one_step(network, data, example)
else:
    break_it(network, data, example)
