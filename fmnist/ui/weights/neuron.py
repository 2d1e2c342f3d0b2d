"""One neuron close up: what it looks at, when it fires, and whom it speaks for."""

import numpy as np
import streamlit as st

from fmnist.charts.bars import class_bars, outgoing_bars, weight_histogram
from fmnist.charts.weights import neuron_picture
from fmnist.classes import CLASS_NAMES
from fmnist.insight.neurons import NeuronStatistics
from fmnist.insight.weights import histogram, kernel_images, norms
from fmnist.ui.parts import address
from fmnist.ui.parts.gallery import Card, gallery
from fmnist.ui.parts.learn_link import neuron_off
from fmnist.ui.parts.model_picker import Subject
from fmnist.ui.parts.parameters import NEURON
from fmnist.ui.parts.plot import plot
from fmnist.ui.parts.session import CLICKED_NEURON
from fmnist.ui.parts.text import plain
from fmnist.ui.server import resources
from fmnist.ui.weights.data import FirstLayer

KEY = "neuron-number"
NOTE = "neuron-note"  # what was wrong with the URL; stays until another neuron is chosen
STRONGEST = 10


def selected_neuron(units: int) -> int:
    """The neuron in focus: the one clicked, else the one in the URL, else the first.

    An unknown number in the URL is named, and the first neuron is shown.
    """
    if CLICKED_NEURON in st.session_state:
        st.session_state[KEY] = st.session_state.pop(CLICKED_NEURON)
        _to_url()
    if address.is_news(NEURON, KEY):
        st.session_state.pop(NOTE, None)
        wanted, number = address.text(NEURON), address.value(NEURON)
        if wanted is None:
            st.session_state[KEY] = 0
        elif number is not None and number < units:
            st.session_state[KEY] = number
        else:
            st.session_state[NOTE] = (
                f"There is no neuron {wanted[:20]!r}: this layer has neurons 0 to {units - 1}. "
                "Neuron 0 is shown."
            )
            st.session_state[KEY] = 0
            address.write(NEURON, None)
    if NOTE in st.session_state:
        st.warning(plain(st.session_state[NOTE]), icon=":material/link_off:")
    if not 0 <= st.session_state.get(KEY, 0) < units:
        st.session_state[KEY] = 0  # another model, with fewer neurons
        address.write(NEURON, None)
    return int(st.session_state.get(KEY, 0))


def neuron_focus(
    subject: Subject, layer: FirstLayer, limit: float, statistics: NeuronStatistics | None
) -> None:
    """Beside the grid: the neuron's number, its picture, and its main statistics."""
    kernel, bias = layer
    st.number_input(
        f"Neuron (0 to {len(bias) - 1})", 0, len(bias) - 1, key=KEY, on_change=_to_url,
        help="Click a tile of the grid, or type a number. The address of this page then leads "
        "to this neuron.",
    )  # fmt: skip
    number = int(st.session_state[KEY])
    plot(neuron_picture(kernel_images(kernel)[number], limit), "neuron", 350, modebar=False)
    facts = [f"bias **{bias[number]:+.3f}**", f"norm **{norms(kernel)[number]:.2f}**"]
    if statistics is not None:
        facts.append(f"fires on **{statistics.firing_rate[number]:.1%}** of the training images")
    st.markdown(" · ".join(facts))
    if subject.network is None:
        st.caption("What it speaks for is known once the run has a model.")
    elif statistics is not None:
        st.markdown(_speech(statistics, number))


def neuron_details(
    subject: Subject, layer: FirstLayer, number: int, statistics: NeuronStatistics | None
) -> None:
    """Under the grid: classes, images, weights and the next layer."""
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.subheader(f"Neuron {number} close up", anchor=False, width="content")
        network, has_link = subject.network, subject.ref != address.UPLOAD
        if network is not None and len(network.layers) > 1 and has_link:
            st.page_link("pages/learn.py", label="What breaks without it", icon=":material/build:",
                         query_params=neuron_off(subject.ref, number), width="content")  # fmt: skip
    first, second, third = st.columns(3, gap="medium")
    if statistics is not None:
        with first:
            title = "For and against each class, in logits"
            plot(class_bars(statistics.influence[number], title, signed=True), "influence", 270,
                 modebar=False)  # fmt: skip
        with second:
            title = "Mean activation on each class"
            bars = class_bars(statistics.class_activation[number], title, signed=False)
            plot(bars, "classes", 270, modebar=False)
    with third if statistics is not None else first:
        plot(weight_histogram(histogram(layer[0][:, number]), "Its 784 weights"), "weights", 270,
             modebar=False)  # fmt: skip
    if statistics is None:
        return
    left, right = st.columns([2, 1], gap="medium")
    with left:
        _exciting_images(statistics, number)
    with right:
        _next_layer(subject, number)
    st.caption(
        "For and against: how much the neuron's output moves each class's logit, on average over "
        "training images (activation × gradient), compared with the mean of all ten classes."
    )


def _speech(statistics: NeuronStatistics, number: int) -> str:
    if statistics.dead[number]:
        return "This neuron is **dead**: it fires on no training image, so it changes no answer."
    spoken = int(statistics.speaks_for[number])
    if spoken < 0:
        return "It fires too rarely to say which class it speaks for."
    against = CLASS_NAMES[int(statistics.influence[number].argmin())]
    return f"Speaks for **{CLASS_NAMES[spoken]}**, most against **{against}**."


def _exciting_images(statistics: NeuronStatistics, number: int) -> None:
    st.markdown("**Training images that excite it most**")
    if statistics.dead[number]:
        st.caption("None: it is dead.")
        return
    data = resources.dataset()
    exciting = zip(statistics.top_images[number], statistics.top_activation[number], strict=True)
    with resources.training_images(data) as images:
        gallery(
            [
                Card(
                    images[index],
                    CLASS_NAMES[data.train_labels[index]],
                    f"no. {index}, output {activation:.2f}",
                )
                for index, activation in exciting
                if activation > 0
            ],
            width=88,
        )


def _next_layer(subject: Subject, number: int) -> None:
    assert subject.network is not None
    if len(subject.network.layers) < 2:
        st.caption("There is no further layer: this neuron is the class itself.")
        return
    following = subject.network.layers[1]
    weights = following.kernel[number]
    strongest = np.argsort(-np.abs(weights), kind="stable")[:STRONGEST]
    last = len(subject.network.layers) == 2
    title = "Feeds straight into the classes" if last else "Feeds most into the second layer"
    figure = outgoing_bars(
        weights[strongest],
        [CLASS_NAMES[i] if last else f"neuron {i}" for i in map(int, strongest)],
        title,
    )
    plot(figure, "outgoing", 300, modebar=False)


def _to_url() -> None:
    st.session_state.pop(NOTE, None)
    address.write(NEURON, int(st.session_state[KEY]))
