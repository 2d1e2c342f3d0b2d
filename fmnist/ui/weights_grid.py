"""The grid of all first-layer neurons, through the epochs of a run if it is one."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from fmnist.charts.weights import Tile, neuron_grid
from fmnist.insight.neurons import NeuronStatistics
from fmnist.insight.weights import grid_columns, neuron_mosaic, norms
from fmnist.training.progress import LIVE
from fmnist.training.runs import Run, RunError
from fmnist.ui.known_runs import summaries
from fmnist.ui.plot import plot
from fmnist.ui.subject import Subject
from fmnist.ui.weights_data import (
    BY_NUMBER,
    FirstLayer,
    describe_neuron,
    first_layer,
    is_counted,
    kept_epochs,
    order,
    statistics,
)

PLAY_SECONDS = 0.3
LIVE_SECONDS = 1.0
COLOR_BAR = 52  # CSS pixels above the tiles
CLICKED = "neuron-clicked"


@dataclass(frozen=True)
class GridView:
    """How the grid is shown.

    Attributes
    ----------
    sorting : one of `fmnist.ui.weights_data.ORDERS`
    limit : weight at the end of the shared scale; None for a scale of each neuron's own
    bias_limit : bias at the end of the scale of the bars under the tiles
    selected : neuron to outline; None for none
    width : of the column it stands in on a desktop, in CSS pixels; sets the figure's height
    """

    sorting: str
    limit: float | None
    bias_limit: float
    selected: int | None
    width: int = 620


def weights_grid(subject: Subject, view: GridView, key: str) -> None:
    """Draw the grid; while it plays or follows a run, it redraws itself in place."""
    playing = bool(st.session_state.get(f"{key}-playing"))
    every = PLAY_SECONDS if playing else LIVE_SECONDS if subject.live else None
    st.fragment(_grid, run_every=every)(subject, view, key)


def _grid(subject: Subject, view: GridView, key: str) -> None:
    if subject.live and subject.run and not _is_live(subject.run):
        st.rerun()  # it has ended: the model is there now
    epochs = kept_epochs(subject.run)
    epoch = _time_controls(epochs, key, subject.live) if len(epochs) > 1 else None
    try:
        newest = first_layer(subject)
        kernel, bias = _layer_at(subject, epoch)
        if kernel.shape != newest[0].shape:
            raise RunError(f"The weights of epoch {epoch} belong to another network.")
    except RunError as problem:
        st.info(str(problem), icon=":material/hourglass_empty:")
        return
    # The order is the newest layer's, so that tiles stay in place while time goes by.
    figures = statistics(subject) if view.sorting != BY_NUMBER else _known_statistics(subject)
    numbers = order(view.sorting, newest[0], figures)
    limits = np.abs(kernel).max(axis=0) if view.limit is None else view.limit
    limits = np.maximum(np.broadcast_to(np.float32(limits), bias.shape), 1e-6)
    columns = grid_columns(len(numbers))
    mosaic = neuron_mosaic(
        kernel[:, numbers], bias[numbers], limits[numbers], view.bias_limit, columns
    )
    sizes = norms(kernel)
    tiles = [
        Tile(
            number,
            describe_neuron(number, float(sizes[number]), float(bias[number]), figures),
            faded=bool(figures is not None and figures.dead[number]),
        )
        for number in map(int, numbers)
    ]
    selected = None if view.selected is None else int(np.flatnonzero(numbers == view.selected)[0])
    rows, across = mosaic.picture.shape
    height = COLOR_BAR + view.width * rows // across
    _fit_to_phones(key, rows / across)
    click = plot(
        neuron_grid(mosaic, tiles, view.limit, selected), key, height, clickable=True,
        modebar=False,
    )  # fmt: skip
    if click is not None and click.customdata is not None and int(click.customdata) >= 0:
        st.session_state[CLICKED] = int(click.customdata)
        st.rerun()


def _is_live(run: Run) -> bool:
    try:
        return summaries().of(run).state in LIVE
    except RunError:
        return False  # deleted meanwhile: the page says so when it is drawn anew


def _fit_to_phones(key: str, shape: float) -> None:
    """Cut off what a narrow screen leaves empty under the tiles: a figure's height is fixed."""
    st.html(
        f"<style>@media (max-width: 640px) {{ .st-key-{key} {{ overflow: hidden; "
        f"max-height: calc({shape:.3f} * (100vw - 2rem) + {COLOR_BAR}px); }} }}</style>"
    )


def _known_statistics(subject: Subject) -> NeuronStatistics | None:
    """What the neurons do, if it has been counted: the picture does not wait for it."""
    return statistics(subject) if is_counted(subject) else None


def _layer_at(subject: Subject, epoch: int | None) -> FirstLayer:
    if epoch is None or subject.run is None:
        return first_layer(subject)
    return subject.run.kernel(epoch)


def _time_controls(epochs: list[int], key: str, live: bool) -> int:
    """Play button and slider over the epochs that are kept; returns the epoch to show."""
    slider, newest, playing = f"{key}-epoch", f"{key}-newest", f"{key}-playing"
    shown = st.session_state.get(slider)
    if shown not in epochs or (live and shown == st.session_state.get(newest)):
        st.session_state[slider] = epochs[-1]  # follows the run
    st.session_state[newest] = epochs[-1]
    if st.session_state.get(playing):
        position = epochs.index(st.session_state[slider])
        st.session_state[slider] = epochs[min(position + 1, len(epochs) - 1)]
        if position + 1 >= len(epochs):
            st.session_state[playing] = False
            st.rerun()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        is_playing = bool(st.session_state.get(playing))
        icon = ":material/pause:" if is_playing else ":material/play_arrow:"
        if st.button("Pause" if is_playing else "Play", icon=icon, key=f"{key}-play"):
            if not is_playing and st.session_state[slider] == epochs[-1]:
                st.session_state[slider] = epochs[0]
            st.session_state[playing] = not is_playing
            st.rerun()
        return int(st.select_slider("Epoch (0 is before training)", epochs, key=slider))
