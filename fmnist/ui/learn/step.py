"""One step, slowly: forward, backward and update of one picture, with every number."""

from collections.abc import Callable
from functools import partial

import numpy as np
import streamlit as st

from fmnist.arrays import Float64
from fmnist.charts import lesson as charts
from fmnist.charts.prediction import probability_bars
from fmnist.classes import CLASS_NAMES, SIDE
from fmnist.dataset import Dataset
from fmnist.insight.backpropagation import (
    Backward,
    Forward,
    Parameters,
    backward,
    forward,
    parameters_of,
)
from fmnist.network import Network
from fmnist.terms import TERMS, hint
from fmnist.ui.learn.lesson import Lesson, fresh, lesson_of
from fmnist.ui.learn.subject import Example, as_input, name_of
from fmnist.ui.learn.way_back import Worked, update, way_back
from fmnist.ui.parts import address
from fmnist.ui.parts.parameters import AT, PARTS_OF_A_STEP, SHOWN, STEP_RATE, UNTRAINED
from fmnist.ui.parts.plot import Click, plot
from fmnist.ui.parts.text import plain

AT_KEY = "learn-at"
SHOWN_KEY = "learn-shown"
EVERYTHING = "Everything"
FORWARD, BACKWARD, UPDATE = PARTS_OF_A_STEP
STEP_PARTS = (EVERYTHING, *PARTS_OF_A_STEP)
RATES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 100.0)
PARTS = 8  # of a sum that are written out
BATCH = 32
MOST_NETWORKS = 8  # that are kept for the next visitor, less than a megabyte each


def one_step(network: Network, data: Dataset, example: Example) -> None:
    """Draw the whole part."""
    name = name_of(network)
    try:
        trained = _parameters(name, network)
    except ValueError as problem:
        st.info(plain(problem), icon=":material/info:")
        return
    if st.toggle("Begin with an untrained network", **address.bind(UNTRAINED)):
        lesson = lesson_of(f"{name} untrained", partial(fresh, trained))
    else:
        lesson = lesson_of(name, lambda: trained)
    picture, label = as_input(example.image), example.labels
    lesson.look(picture, forward(lesson.weights, picture, label).loss)
    _buttons(lesson, data, picture, label)

    computed = forward(lesson.weights, picture, label)
    gradients = backward(lesson.weights, computed, label)
    layer, unit = _selected(lesson.weights, computed)
    _answer(lesson, computed, picture, int(label[0]))
    _layers(lesson.weights, computed, gradients, layer, unit)
    shown = _choose_shown()
    worked = Worked(lesson.weights, computed, gradients, layer, unit, (picture, label))
    left, right = st.columns(2, gap="large") if shown == EVERYTHING else (st.container(),) * 2
    if shown in (EVERYTHING, FORWARD):
        with left:
            _sum(lesson.weights, computed, layer, unit)
    with right:
        if shown in (EVERYTHING, BACKWARD):
            way_back(worked)
        if shown in (EVERYTHING, UPDATE):
            update(worked)


@st.cache_resource(show_spinner=False, max_entries=MOST_NETWORKS)
def _parameters(name: str, _network: Network) -> Parameters:
    """What all visitors begin with who look at the network of that name."""
    return parameters_of(_network)


def _choose_shown() -> str:
    """One worked thing at a time, for who wants that; the network above is always in view."""
    if address.is_news(SHOWN, SHOWN_KEY):
        st.session_state[SHOWN_KEY] = address.value(SHOWN) or EVERYTHING
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        shown = st.segmented_control(
            "Show", STEP_PARTS, key=SHOWN_KEY, required=True, on_change=address.changed_here
        )
        st.button("Next part", icon=":material/arrow_forward:", key="learn-next", on_click=_next)
    address.write(SHOWN, None if shown == EVERYTHING else shown)
    return shown or EVERYTHING


def _next() -> None:
    """From everything, or from the last part, to the first."""
    now = str(st.session_state.get(SHOWN_KEY))
    st.session_state[SHOWN_KEY] = {FORWARD: BACKWARD, BACKWARD: UPDATE}.get(now, FORWARD)
    address.changed_here()


def _buttons(lesson: Lesson, data: Dataset, picture: Float64, label: np.ndarray) -> None:
    rate = st.select_slider(
        "Learning rate",
        RATES,
        value=0.1,
        **address.bind(STEP_RATE),
        help=f"{TERMS['learning rate']} Far too large a one overshoots: the loss rises.",
    )

    def learn(steps: int) -> None:
        lesson.learn(picture, label, rate, steps, picture, label)

    def batch() -> None:
        start = lesson.batches * BATCH % len(data.train_images)
        lesson.batches += 1
        images = data.train_images[start : start + BATCH].reshape(-1, SIDE * SIDE) / 255.0
        labels = data.train_labels[start : start + BATCH]
        lesson.learn(images, labels, rate, 1, picture, label)

    with st.container(horizontal=True, gap="small"):
        st.button(
            "One step",
            type="primary",
            key="learn-one",
            on_click=learn,
            args=(1,),
            help=f"Moves every weight against its gradient. {hint('gradient', 'loss')}",
        )
        st.button("Ten steps", key="learn-ten", on_click=learn, args=(10,))
        st.button(
            "A mini-batch of 32",
            key="learn-batch",
            on_click=batch,
            help=f"One step on 32 training pictures, as real training does. {hint('mini-batch')}",
        )
        st.button(
            "Undo",
            key="learn-undo",
            icon=":material/undo:",
            on_click=lesson.undo,
            disabled=not lesson.before,
        )


def _answer(lesson: Lesson, computed: Forward, picture: Float64, label: int) -> None:
    """Picture, ten probabilities, and the loss over the steps."""
    image, bars, curve = st.columns([1, 2, 2], gap="medium")
    with image:
        plot(charts.pixels(picture.reshape(SIDE, SIDE), "picture"), "learn-picture-plot", 190,
             modebar=False)  # fmt: skip
        st.caption(f"It is: {CLASS_NAMES[label]}")
    with bars:
        plot(probability_bars(computed.probabilities[0].astype(np.float32)), "learn-bars", 250,
             modebar=False)  # fmt: skip
    with curve:
        plot(charts.losses(lesson.losses), "learn-losses", 250, modebar=False)
    chance = computed.probabilities[0, label]
    given = f"{chance:.3g}" if chance else "less than 1e-300"  # what a float can hold
    words = (
        f"The network gives **{CLASS_NAMES[label]}** a probability of {given}. "
        f"The loss is −ln of that = **{computed.loss:.4f}**."
    )
    if len(lesson.losses) > 1:
        first, last = lesson.losses[-2:]
        words += f" Before the last step it was {first:.4f}: it {_moved(first, last)}."
    st.markdown(words)


def _moved(before: float, after: float) -> str:
    if after < before:
        return "fell"
    return "rose, the step was too large for this picture" if after > before else "stayed"


def _layers(
    weights: Parameters, computed: Forward, gradients: Backward, layer: int, unit: int
) -> None:
    """Every layer as a strip; a click chooses a neuron."""
    last = len(weights.kernels) - 1
    st.markdown(
        "**Forward**, from top to bottom: each cell is a neuron, its colour what it gives (red "
        "above zero). **Backward**, from bottom to top: beneath it the gradient, how much the loss "
        "would rise if the neuron's sum rose by one. Click a neuron to open it."
    )
    for number, sums in enumerate(computed.sums):
        gives = computed.probabilities[0] if number == last else np.maximum(sums[0], 0.0)
        name = "Output, softmax" if number == last else f"Hidden layer {number + 1}, relu"
        st.caption(f"{name}: {len(gives)} neurons")
        plot(
            charts.layer_strip(
                gives, gradients.of_sums[number][0], unit if number == layer else None
            ),
            f"learn-layer-{number}",
            104,
            modebar=False,
            on_click=_chooser(number),
        )


def _chooser(layer: int) -> Callable[[Click], None]:
    def choose(click: Click) -> None:
        place = click.point_number
        unit = place[1] if isinstance(place, tuple) else place
        st.session_state[AT_KEY] = (layer, int(unit))
        address.write(AT, (layer, int(unit)))

    return choose


def _selected(weights: Parameters, computed: Forward) -> tuple[int, int]:
    """The neuron that is open: the clicked one, else the loudest of the first layer."""
    if address.is_news(AT, AT_KEY):
        st.session_state[AT_KEY] = address.value(AT)
    at = st.session_state.get(AT_KEY)
    sizes = [kernel.shape[1] for kernel in weights.kernels]
    if isinstance(at, tuple) and at[0] < len(sizes) and at[1] < sizes[at[0]]:
        return at[0], at[1]
    return 0, int(computed.sums[0][0].argmax())


def _sum(weights: Parameters, computed: Forward, layer: int, unit: int) -> None:
    """What a neuron adds up: its largest terms, written out."""
    st.markdown(f"**Forward: what neuron {unit} of layer {layer + 1} adds up**")
    inputs, kernel = computed.inputs[layer][0], weights.kernels[layer][:, unit]
    terms = inputs * kernel
    order = np.argsort(-np.abs(terms), kind="stable")[:PARTS]
    what = "Pixel" if layer == 0 else "Neuron"
    lines = [f"| {what} | gives | × weight | = |", "|---|--:|--:|--:|"]
    for place in order:
        name = f"row {place // SIDE}, column {place % SIDE}" if layer == 0 else str(place)
        lines.append(
            f"| {name} | {inputs[place]:.3f} | {kernel[place]:+.4f} | {terms[place]:+.4f} |"
        )
    rest = float(terms.sum() - terms[order].sum())
    total, bias = float(computed.sums[layer][0, unit]), float(weights.biases[layer][unit])
    lines.append(f"| {len(terms) - len(order)} others | | | {rest:+.4f} |")
    lines.append(f"| bias | | | {bias:+.4f} |")
    lines.append(f"| **sum** | | | **{total:+.4f}** |")
    st.markdown("\n".join(lines))
    if layer < len(weights.kernels) - 1:
        gives = max(total, 0.0)
        st.caption(f"relu({total:+.4f}) = {gives:.4f}: what is below zero becomes zero.")
    else:
        st.caption(
            f"softmax: e^{total:.3f}, divided by the sum of all ten, is "
            f"{computed.probabilities[0, unit]:.4f}."
        )
