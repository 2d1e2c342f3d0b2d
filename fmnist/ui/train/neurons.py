"""The first neurons of a run at work, drawn once for all who watch it."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from fmnist.charts import theme
from fmnist.classes import CLASS_NAMES, SIDE
from fmnist.training.runs import Run, RunError
from fmnist.ui.parts.tiles import Strip, strip_of, tiles

NEURONS = 16


@dataclass(frozen=True)
class _Drawn:
    strip: Strip
    units: int  # of the first layer
    count: int  # of them that are drawn
    limit: float  # the strongest weight that is drawn


def neurons(run: Run) -> None:
    """Draw the first-layer weights of the first neurons, on one zero-centred scale."""
    epochs = run.kept.epochs()
    if not epochs:
        st.html('<div style="height: 4.5rem"></div>')  # keeps the room they take
        return
    try:
        drawn = _drawn(run.kept.version(epochs[-1]), epochs[-1], run)
    except RunError:
        return  # being replaced; the next look finds it
    layered = run.foreign is not None or bool(run.recipe.hidden_units)
    if not run.foreign and drawn.units != (run.recipe.hidden_units or (len(CLASS_NAMES),))[0]:
        return  # damaged: these are another network's
    if layered:
        title = f"What {drawn.count} neurons of the first layer look for"
        labels = [f"Neuron {number}" for number in range(drawn.count)]
    else:
        title, labels = "The template of each class", list(CLASS_NAMES)
    st.markdown(
        f"**{title}** after epoch {epochs[-1]}. Blue weights speak against, red ones for; "
        f"the strongest is {drawn.limit:.2f}."
    )
    tiles(
        drawn.strip,
        labels,
        "neurons",
        columns=NEURONS if layered else 10,
        narrow_columns=8 if layered else 5,
        captions=not layered,
    )


# With thirty people at one run this was half of what each look at it cost.
@st.cache_resource(show_spinner=False, max_entries=32)
def _drawn(version: tuple[str, int, int], epoch: int, _run: Run) -> _Drawn:
    """The pictures of one epoch; raises RunError if they cannot be read.

    Parameters
    ----------
    version : of the file, which a run that was interrupted may write again; the key of the cache
    """
    kernel, _ = _run.kept.first_layer(epoch)
    weights = kernel.T[:NEURONS].reshape(-1, SIDE, SIDE)
    limit = theme.diverging_limit(weights)
    pictures = theme.diverging_rgb(weights.astype(np.float64), limit)
    return _Drawn(strip_of(pictures), kernel.shape[1], len(weights), limit)
