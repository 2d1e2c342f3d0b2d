"""The grid of all first-layer neurons, through the epochs of a run if it is one."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from fmnist.charts.weights import Tile, neuron_grid
from fmnist.insight.neurons import NeuronStatistics
from fmnist.insight.weights import grid_columns, neuron_mosaic, norms
from fmnist.training.runs import RunError
from fmnist.ui.parts.model_picker import Subject
from fmnist.ui.parts.pace import look_seconds
from fmnist.ui.parts.parameters import BESIDE_EPOCH, EPOCH
from fmnist.ui.parts.plot import Click, plot
from fmnist.ui.parts.session import CLICKED_NEURON
from fmnist.ui.parts.text import plain
from fmnist.ui.parts.through_time import (
    LIVE_SECONDS,
    PLAY_SECONDS,
    follow_address,
    is_live,
    move,
    plays,
    time_controls,
)
from fmnist.ui.weights.data import (
    BY_NUMBER,
    FirstLayer,
    describe_neuron,
    first_layer,
    is_counted,
    kept_epochs,
    order,
    statistics_of,
)

EPOCHS = {"grid": EPOCH, "beside-grid": BESIDE_EPOCH}  # key of a grid: its parameter
COLOR_BAR = 52  # CSS pixels above the tiles


@dataclass(frozen=True)
class GridView:
    """How the grid is shown.

    Attributes
    ----------
    sorting : one of `fmnist.ui.weights.data.ORDERS`
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
    """Draw the grid; while it plays or follows a run, it redraws itself in place.

    Parameters
    ----------
    key : one of `EPOCHS`
    """
    follow_address(subject, kept_epochs(subject), key, EPOCHS[key])
    playing = plays(key)
    every = PLAY_SECONDS if playing else look_seconds(LIVE_SECONDS) if subject.live else None
    st.fragment(_grid, run_every=every)(subject, view, key, playing)


def _grid(subject: Subject, view: GridView, key: str, drawn_playing: bool) -> None:
    epochs = kept_epochs(subject)
    has_time = len(epochs) > 1
    if has_time:
        move(epochs, key)
    ended = subject.live and subject.run is not None and not is_live(subject.run)
    if ended or CLICKED_NEURON in st.session_state or plays(key) != drawn_playing:
        # The whole page: it shows the model, or the neuron that was clicked, beside this part,
        # and it alone can set how often this part redraws itself.
        st.rerun()
    epoch = time_controls(epochs, key, EPOCHS[key]) if has_time else None
    try:
        newest = first_layer(subject)
        kernel, bias = _layer_at(subject, epoch)
        if kernel.shape != newest[0].shape:
            raise RunError(f"The weights of epoch {epoch} belong to another network.")
    except RunError as problem:
        st.info(plain(problem), icon=":material/hourglass_empty:")
        return
    # The order is the newest layer's, so that tiles stay in place while time goes by.
    statistics = statistics_of(subject) if view.sorting != BY_NUMBER else _known_statistics(subject)
    numbers = order(view.sorting, newest[0], statistics)
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
            describe_neuron(number, float(sizes[number]), float(bias[number]), statistics),
            faded=bool(statistics is not None and statistics.dead[number]),
        )
        for number in map(int, numbers)
    ]
    selected = None if view.selected is None else int(np.flatnonzero(numbers == view.selected)[0])
    rows, across = mosaic.picture.shape
    height = COLOR_BAR + view.width * rows // across
    _fit_to_phones(key, rows / across)
    plot(
        neuron_grid(mosaic, tiles, view.limit, selected), key, height, modebar=False,
        on_click=_take_neuron,
    )  # fmt: skip


def _take_neuron(click: Click) -> None:
    if click.customdata is not None and int(click.customdata) >= 0:
        st.session_state[CLICKED_NEURON] = int(click.customdata)


def _fit_to_phones(key: str, shape: float) -> None:
    """Cut off the empty space under the tiles on a narrow screen: a figure's height is fixed."""
    st.html(
        f"<style>@media (max-width: 640px) {{ .st-key-{key} {{ overflow: hidden; "
        f"max-height: calc({shape:.3f} * (100vw - 2rem) + {COLOR_BAR}px); }} }}</style>"
    )


def _known_statistics(subject: Subject) -> NeuronStatistics | None:
    """The neurons' statistics if they are known; the picture does not wait for them."""
    return statistics_of(subject) if is_counted(subject) else None


def _layer_at(subject: Subject, epoch: int | None) -> FirstLayer:
    if epoch is None or subject.kept is None:
        return first_layer(subject)
    return subject.kept.first_layer(epoch)
