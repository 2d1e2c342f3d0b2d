"""You against the network: twenty pictures, ten buttons, and who was right."""

import numpy as np
import streamlit as st

from fmnist.charts import lesson as charts
from fmnist.classes import CLASS_NAMES, SIDE
from fmnist.dataset import Dataset
from fmnist.insight.evaluation import PEOPLE, predict
from fmnist.insight.guessing import LEVELS, Score, pictures, score
from fmnist.network import Network
from fmnist.ui.learn.subject import name_of
from fmnist.ui.parts import address
from fmnist.ui.parts.choice import segmented
from fmnist.ui.parts.data_cache import kept_with_data
from fmnist.ui.parts.gallery import Card, gallery
from fmnist.ui.parts.parameters import GAME, LEVEL
from fmnist.ui.parts.plot import plot

SEED, ANSWERS = "game-seed", "game-answers"


def game(network: Network, data: Dataset) -> None:
    """Draw the game as far as it has come."""
    if address.is_news(GAME, SEED):
        st.session_state[SEED] = address.value(GAME) or 0
    seed = int(st.session_state[SEED])
    address.write(GAME, seed or None)
    level = segmented("Pictures", LEVELS, LEVEL)
    probabilities = _probabilities(network, data, name_of(network))
    chosen = pictures(probabilities, data.test_labels, level, seed)
    key = (level, seed, name_of(network))
    kept = st.session_state.get(ANSWERS)
    if not isinstance(kept, tuple) or kept[0] != key:
        kept = st.session_state[ANSWERS] = (key, [])
    answers: list[int] = kept[1]
    if len(answers) < len(chosen):
        _ask(data, int(chosen[len(answers)]), answers, len(chosen))
    told = score(
        answers,
        probabilities[chosen].argmax(axis=1).tolist(),
        data.test_labels[chosen].tolist(),
    )
    if len(answers) == len(chosen):
        _end(told, data, chosen, answers, probabilities)
    st.button(
        "Other pictures",
        icon=":material/casino:",
        on_click=_again,
        args=(seed + 1,),
        help="The address then has their number: whoever opens the link plays the same twenty.",
    )


def _ask(data: Dataset, index: int, answers: list[int], count: int) -> None:
    picture, buttons = st.columns([1, 1.6], gap="large", vertical_alignment="center")
    with picture:
        image = data.test_images[index].reshape(SIDE, SIDE) / 255.0
        plot(charts.pixels(image, "picture"), "game-picture", 260, modebar=False)
    with buttons:
        st.markdown(f"**Picture {len(answers) + 1} of {count}: what is it?**")
        with st.container(horizontal=True, gap="small"):
            for number, name in enumerate(CLASS_NAMES):
                st.button(
                    name,
                    key=f"game-{number}",
                    shortcut=str(number),
                    on_click=_answer,
                    args=(number, len(answers)),
                )


def _answer(number: int, place: int) -> None:
    answers = st.session_state[ANSWERS][1]
    if len(answers) == place:  # a second click on the same picture is none
        answers.append(number)


def _again(seed: int) -> None:
    st.session_state[SEED] = seed
    st.session_state.pop(ANSWERS, None)
    address.write(GAME, seed)


def _end(
    told: Score, data: Dataset, chosen: np.ndarray, answers: list[int], probabilities: np.ndarray
) -> None:
    """Both scores, and the pictures on which they disagreed."""
    yours, theirs, people = st.columns(3)
    yours.metric("You", f"{told.yours} of {told.asked}")
    theirs.metric("The network", f"{told.network} of {told.asked}")
    people.metric("People on all pictures, as published", f"{PEOPLE.accuracy:.1%}")
    if told.yours == told.network:
        st.markdown("A draw.")
    else:
        st.markdown("You win." if told.yours > told.network else "The network wins.")
    if not told.disagreed:
        st.markdown("You said the same everywhere.")
        return
    st.markdown(f"**Where you disagreed** ({len(told.disagreed)}):")
    cards = []
    for place in told.disagreed:
        index = int(chosen[place])
        true, its = int(data.test_labels[index]), int(probabilities[index].argmax())
        mine = answers[place]
        who = "you were right" if mine == true else "it was right" if its == true else "nobody was"
        note = f"you: {CLASS_NAMES[mine]}, it: {CLASS_NAMES[its]}; {who}"
        cards.append(Card(data.test_images[index], CLASS_NAMES[true], note))
    gallery(cards, 150)


@kept_with_data(max_entries=8)
def _probabilities(_network: Network, data: Dataset, name: str) -> np.ndarray:
    return predict(_network, data.test_images, data.test_labels).probabilities
