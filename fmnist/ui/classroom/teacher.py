"""What the teacher alone can do: rounds, one recipe for all, pausing and stopping everybody."""

import random
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import streamlit as st

from fmnist.recipe import PRESETS, Recipe
from fmnist.recipe_words import describe
from fmnist.training import classroom
from fmnist.training.progress import LIVE, PAUSED, WAITING
from fmnist.training.run import Control
from fmnist.training.runs import RunError
from fmnist.ui.classroom.board import at_work
from fmnist.ui.parts.known_runs import summaries
from fmnist.ui.parts.text import plain
from fmnist.ui.server import owner, resources

PROBLEM, SAID = "teacher-problem", "teacher-said"
BUDGET, LINK, WHO = "class-budget", "class-recipe-link", "class-remove"


def teacher_panel() -> None:
    """Draw the teacher's buttons."""
    if message := st.session_state.pop(PROBLEM, None):
        st.error(plain(message), icon=":material/error:")
    if message := st.session_state.pop(SAID, None):
        st.success(plain(message), icon=":material/check:")
    st.fragment(_at_work, run_every=2.0)()
    now = classroom.current_round()
    on = now is not None and not now.over
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.number_input(
            "Budget of epochs", 1, classroom.MAX_BUDGET, value=10, key=BUDGET, width=160
        )
        st.button("Begin a round", type="primary", on_click=_do, args=(_begin,))
        st.button("End the round", on_click=_do, args=(_end,), disabled=not on,
                  help="Shows the test figures on the leaderboard.")  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.text_input(
            "One recipe for all",
            key=LINK,
            placeholder="A link to the form of Train, or the name of a preset",
            width=380,
            help="Everybody who has joined gets a run of it, each from another seed.",
        )
        st.button("Start it for all", on_click=_do, args=(_start_for_all,))
    with st.container(horizontal=True, gap="small"):
        for label, icon, wish in (
            ("Pause all", "pause", "pause"),
            ("Resume all", "play_arrow", "run"),
            ("Stop all", "stop", "stop"),
        ):
            st.button(label, icon=f":material/{icon}:", on_click=_do, args=(_ask_all, wish))
    nicknames = classroom.people()
    if nicknames:
        with st.expander(f"Who is in the class ({len(nicknames)})"):
            st.markdown(", ".join(plain(name) for name in sorted(nicknames.values())))
            st.selectbox(
                "Take out of the class",
                list(nicknames),
                format_func=lambda who: nicknames.get(who, who),
                key=WHO,
                index=None,
            )
            st.button("Take out", on_click=_do, args=(_remove,))


def _at_work() -> None:
    st.markdown(at_work())


def _do(what: object, *arguments: str) -> None:
    """Do something as the teacher; anybody else is told that they may not."""
    assert callable(what)
    try:
        if not owner.is_teacher():
            raise RunError("Only the teacher can do that.")
        what(*arguments)
    except (RunError, ValueError) as problem:
        st.session_state[PROBLEM] = str(problem)


def _begin() -> None:
    budget = st.session_state[BUDGET]
    if budget is None:
        raise ValueError(f"The budget is empty; it is 1 to {classroom.MAX_BUDGET} epochs.")
    classroom.begin_round(int(budget))


def _end() -> None:
    classroom.end_round()


def _remove() -> None:
    if st.session_state[WHO]:
        classroom.remove(st.session_state[WHO])


def read_recipe(text: str) -> Recipe:
    """The recipe of a link to the form, or of a preset. Raises ValueError with one sentence."""
    name = text.strip().lower()
    if name in PRESETS:
        return PRESETS[name]
    query = dict(parse_qsl(urlsplit(text.strip()[:2000]).query))
    if not query and "/train" not in text:
        raise ValueError(f"That is neither a link to Train nor a preset ({', '.join(PRESETS)}).")
    return Recipe.from_mapping(query)


def _start_for_all() -> None:
    recipe, nicknames = read_recipe(st.session_state[LINK] or ""), classroom.people()
    if not nicknames:
        raise RunError("Nobody has joined yet.")
    now = classroom.current_round()
    group = now.id if now is not None else ""
    queue, order = resources.job_queue(), list(nicknames)
    random.shuffle(order)  # no cookie's hash is always first in line
    for seed, person in enumerate(order):
        queue.start_group([replace(recipe, seed=recipe.seed + seed)], person, group)
    st.session_state[SAID] = f"{len(nicknames)} runs of {describe(recipe)} are in line."


def _ask_all(wish: str) -> None:
    queue = resources.job_queue()
    for item in summaries().sound():
        state = summaries().state(item.run)
        if state not in LIVE or (state == WAITING and wish != "stop"):
            continue
        if wish == "stop" and queue.withdraw(item.run.id):
            continue
        if wish != "run" or state == PAUSED:
            rate = item.run.control().learning_rate
            item.run.ask(Control(state=wish, learning_rate=rate))
