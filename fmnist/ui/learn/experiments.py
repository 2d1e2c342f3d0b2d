"""Experiments: guess, run, and compare the guess with what came out."""

import time

import streamlit as st

from fmnist.charts.groups import mean_curves
from fmnist.recipe_words import describe
from fmnist.training import groups
from fmnist.training.experiments import Experiment, experiments
from fmnist.training.lab_notebook import Entry
from fmnist.training.runs import RunError
from fmnist.ui.learn.notebook import keep_entry, notebook
from fmnist.ui.parts import address
from fmnist.ui.parts.group_data import best_accuracies, curves, in_per_cent, read_groups, spread_of
from fmnist.ui.parts.known_runs import watched
from fmnist.ui.parts.pace import look_seconds
from fmnist.ui.parts.parameters import EXPERIMENT, GROUP
from fmnist.ui.parts.plot import plot
from fmnist.ui.parts.text import plain
from fmnist.ui.server import owner, resources

CHOSEN, GUESS, NOT_STARTED = "experiment-chosen", "experiment-guess", "experiment-not-started"
STARTED = "experiment-groups"  # name of an experiment to the group and the guess of this visitor
POLL_SECONDS = 1.0


def experiments_part() -> None:
    """Draw the whole part."""
    known = experiments()
    if address.is_news(EXPERIMENT, CHOSEN):
        wanted = address.value(EXPERIMENT)
        st.session_state[CHOSEN] = wanted if wanted in known else next(iter(known))
    if st.session_state.get(CHOSEN) not in known:
        st.session_state[CHOSEN] = next(iter(known))
    name = st.selectbox(
        "Experiment",
        list(known),
        format_func=lambda item: known[item].title if item in known else item,
        key=CHOSEN,
        on_change=address.changed_here,
        width=420,
    )
    address.write(EXPERIMENT, name)
    chosen = known[name]
    st.subheader(chosen.question, anchor=False)
    started: dict[str, tuple[str, int]] = st.session_state.setdefault(STARTED, {})
    if name not in started:
        _guess(chosen)
        notebook(started)
    else:
        group, guess = started[name]
        moving = _is_moving(group)
        st.fragment(_result, run_every=look_seconds(POLL_SECONDS) if moving else None)(
            chosen, group, guess, moving
        )


def _guess(chosen: Experiment) -> None:
    """A guess first, then the runs."""
    if message := st.session_state.pop(NOT_STARTED, None):
        st.error(plain(message), icon=":material/error:")
    guess = st.radio(
        "Your guess",
        range(len(chosen.guesses)),
        format_func=lambda number: chosen.guesses[number],
        index=None,
        key=f"{GUESS}-{chosen.name}",
    )
    recipes = chosen.recipes()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            "Find out",
            type="primary",
            icon=":material/science:",
            disabled=guess is None,
            on_click=_start,
            args=(chosen, guess),
        )
        st.caption(f"{len(recipes)} runs: {describe(recipes[0])}", width="content")
    if guess is None:
        st.caption("Choose what you expect first: only then can it surprise you.")


def _start(chosen: Experiment, guess: int) -> None:
    group = groups.new_id()
    try:
        resources.job_queue().start_group(chosen.recipes(), owner.person(), group)
    except RunError as problem:
        st.session_state[NOT_STARTED] = str(problem)
        return
    st.session_state[STARTED][chosen.name] = (group, guess)


def _is_moving(group: str) -> bool:
    found = read_groups([group])
    return found is not None and found.live > 0


def _result(chosen: Experiment, group_id: str, guess: int, drawn_moving: bool) -> None:
    """Guess and result on one chart, live; in the end what ours showed."""
    group = read_groups([group_id])
    if group is None:
        st.info("The runs of this experiment have been deleted. Guess and run it again.")
        st.button("Again", on_click=_forget, args=(chosen,))
        notebook(st.session_state[STARTED])
        return
    moving = group.live > 0
    if moving != drawn_moving:
        st.rerun()  # the whole page, which also starts or ends the polling
    for item in group.members:
        watched(item.run)
    ended = len(group.members) - group.live
    progress = f"{ended} of {len(group.members)} runs ended"
    st.markdown(f"Your guess: **{plain(chosen.guesses[guess])}** · {progress}")
    loss, accuracy = st.columns(2, gap="small")
    with loss:
        lines = curves(group, "val_loss")
        plot(mean_curves(lines, "Validation loss", group.epochs, falling=True), "xp-loss", 330)
    with accuracy:
        lines = curves(group, "val_accuracy")
        plot(mean_curves(lines, "Validation accuracy", group.epochs), "xp-accuracy", 330)
    rows = []
    for name, variant in zip(group.names, group.variants, strict=True):
        told = spread_of(best_accuracies(variant))
        if told is not None:
            rows.append((name, in_per_cent(told)))
    table = [f"| {plain(name)} | {figure} |" for name, figure in rows]
    st.markdown("\n".join(["| | Best validation accuracy |", "|---|--:|", *table]))
    if not moving:
        _end(chosen, guess, rows)
    st.page_link(
        "pages/train.py",
        label="All about these runs",
        icon=":material/stacked_line_chart:",
        query_params=GROUP.query(group_id),
    )
    notebook(st.session_state[STARTED])  # here, so that a note is kept as soon as it is written


def _end(chosen: Experiment, guess: int, rows: list[tuple[str, str]]) -> None:
    if guess == chosen.right:
        st.success("You guessed what came out of our runs, too.", icon=":material/check:")
    else:
        st.info(
            f"In our runs it was: {plain(chosen.guesses[chosen.right])}.", icon=":material/science:"
        )
    st.markdown(f"**What it showed with us.** {chosen.shows}")
    st.markdown(f"**What to try next.** {chosen.after}")
    st.code(chosen.command(), language="sh", wrap_lines=True)
    note = st.text_area("Your note", key=f"experiment-note-{chosen.name}", max_chars=1000)
    keep_entry(
        chosen.name,
        Entry(
            time.strftime("%d %b %Y"),
            chosen.question,
            chosen.guesses[guess],
            rows,
            note or "",
            chosen.command(),
        ),
    )
    st.button("Once more, from the guess on", on_click=_forget, args=(chosen,))


def _forget(chosen: Experiment) -> None:
    st.session_state[STARTED].pop(chosen.name, None)
