"""Train: pick a recipe, press Start, watch it learn."""

import streamlit as st

from fmnist.recipe_words import describe
from fmnist.training import runs
from fmnist.training.runs import Run, RunError
from fmnist.ui.parts import address
from fmnist.ui.parts.data_notice import dataset_or_notice
from fmnist.ui.parts.frame import open_page
from fmnist.ui.parts.parameters import GROUP, RUN
from fmnist.ui.parts.plot import preload_plots
from fmnist.ui.parts.run_table import run_table
from fmnist.ui.parts.samples import class_samples
from fmnist.ui.parts.text import plain
from fmnist.ui.train.form import (
    fill_form,
    link_brings_recipe,
    read_query,
    recipe_form,
    to_query,
)
from fmnist.ui.train.group_view import group_view
from fmnist.ui.train.results import layers
from fmnist.ui.train.several import (
    fill_several,
    link_brings_several,
    several_form,
    several_query,
)
from fmnist.ui.train.start import (
    go_to_started_run,
    start_button,
    start_problem,
    where_runs_are_trained,
)
from fmnist.ui.train.view import run_view


def opened_run() -> Run | None:
    """The run that the URL names; a message when there is no such run."""
    name = address.text(RUN)
    if name is None:
        return None
    try:
        run = runs.open_run(name)
        run.check_events()
        return run
    except RunError as problem:
        st.warning(
            f"{plain(problem)} Pick one below, or start a new one.", icon=":material/link_off:"
        )
        return None


def choose_recipe() -> None:
    if link_brings_several():
        fill_several()
    if link_brings_recipe():
        recipe, problems = read_query(address.whole())
        fill_form(recipe)
        if problems:
            st.warning(
                f"Part of the link was not understood and left out. {plain(' '.join(problems))}",
                icon=":material/link_off:",
            )
    top = st.container()
    data = dataset_or_notice()
    side, main = st.columns([1, 2.2], gap="large")
    with side:
        st.subheader("Recipe", anchor=False)
        recipe = recipe_form()
        several_form()
    address.replace(to_query(recipe) | several_query())
    with top:
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            start_button()
            st.markdown(describe(recipe), width="content")
        start_problem()
        where_runs_are_trained()
    with main:
        st.markdown(
            "Press **Start** and watch a network learn to tell ten kinds of clothing apart. It "
            f"looks at {recipe.fitted_images:,} small pictures, {recipe.batch_size} at a time, "
            f"again and again for {recipe.epochs} epochs. After each epoch it is checked on "
            f"{recipe.validation_images:,} others. You can pause, step, change the learning rate "
            "or stop at any moment. Every run is kept."
        )
        if data is not None:
            class_samples(data)
        st.subheader("The network", anchor=False)
        layers(recipe)
    run_table()
    preload_plots()


open_page("Train")
address.return_to_kept()
go_to_started_run()
opened = opened_run()
group = address.value(GROUP)
if opened is None and group is not None:
    group_view(group)
    run_table()
elif opened is None:
    choose_recipe()
else:
    run_view(opened)
    run_table()
address.keep()
