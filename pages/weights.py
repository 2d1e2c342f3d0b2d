"""Weights: what the neurons of the first layer look for, through time and one by one."""

import streamlit as st

from fmnist.training.runs import RunError
from fmnist.ui.parts import address
from fmnist.ui.parts.first_screen import first_screen_first
from fmnist.ui.parts.frame import open_page
from fmnist.ui.parts.model_picker import pick_model
from fmnist.ui.parts.parameters import BESIDE, BESIDE_EPOCH, OWN_SCALES, SORT
from fmnist.ui.parts.text import plain
from fmnist.ui.weights.data import (
    ORDERS,
    bias_limit,
    count_neurons,
    first_layer,
    is_counted,
    shared_limit,
    statistics_of,
)
from fmnist.ui.weights.grid import GridView, weights_grid
from fmnist.ui.weights.layers import layer_section
from fmnist.ui.weights.neuron import neuron_details, neuron_focus, selected_neuron

open_page("Weights")

model, other, sorting, scale = st.columns([3, 3, 2, 2], vertical_alignment="bottom")
with model:
    subject = pick_model(unfinished=True)
with other:
    beside = pick_model("Beside it", BESIDE, optional=True, unfinished=True)
order = sorting.selectbox("Sort by", ORDERS, **address.bind(SORT))
own_scale = scale.toggle(
    "Own scales",
    **address.bind(OWN_SCALES),
    help="Off: all neurons share one scale, so that their colours can be compared. "
    "On: each neuron fills the scale by itself, so that weak ones show too.",
)
if subject is None:
    st.stop()

subjects = [subject] if beside is None else [subject, beside]
try:
    layer = first_layer(subject)
    limit, biases = shared_limit(subjects), bias_limit(subjects)
except RunError as problem:
    st.info(plain(problem), icon=":material/hourglass_empty:")
    st.stop()

number = selected_neuron(len(layer[1]))
address.keep()
head = st.empty()
if beside is None:
    address.write(BESIDE_EPOCH, None)
    grid, focus = st.columns([1.9, 1], gap="large")
    with grid:
        weights_grid(subject, GridView(order, None if own_scale else limit, biases, number), "grid")
else:
    grids = st.container()
    focus, _ = st.columns([1, 1.9])
    for column, each, selected in zip(grids.columns(2), subjects, (number, None), strict=True):
        with column:
            st.markdown(f"**{plain(each.label)}**")
            view = GridView(order, None if own_scale else limit, biases, selected, width=450)
            weights_grid(each, view, "grid" if each is subject else "beside-grid")
statistics = statistics_of(subject) if is_counted(subject) else None
with focus:
    neuron_focus(subject, layer, limit, statistics)

dead = int(statistics.dead.sum()) if statistics else 0
head.caption(
    f"{len(layer[1])} neurons. "
    + (f"**{dead} dead** (greyed): they fire on no training image. " if dead else "")
    + ("None is dead. " if statistics and not dead else "")
    + (
        "Each neuron has a scale of its own, so colours cannot be compared between neurons. "
        if own_scale
        else "All neurons share one scale, so colours can be compared. "
    )
    + f"The bar under each tile is its bias, darkest at ±{biases:.2f}."
)
first_screen_first()
neuron_details(subject, layer, number, statistics)
layer_section(subject)

# Counting takes a second or two; the picture is on the page by now and need not wait for it.
counted = [count_neurons(each) for each in subjects]
if any(counted):
    st.rerun()  # the statistics of neurons stand in every part of the page
