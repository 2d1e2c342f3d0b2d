"""Break it: what the network still knows when it, or its pictures, are damaged."""

from collections.abc import Callable

import numpy as np
import streamlit as st

from fmnist.arrays import UInt8, scale
from fmnist.charts import lesson as charts
from fmnist.classes import CLASS_NAMES, SIDE
from fmnist.dataset import Dataset
from fmnist.insight import interventions as act
from fmnist.insight.evaluation import predict
from fmnist.network import Network
from fmnist.terms import TERMS
from fmnist.ui.learn.subject import Example, name_of
from fmnist.ui.parts import address
from fmnist.ui.parts.choice import segmented
from fmnist.ui.parts.data_cache import kept_with_data
from fmnist.ui.parts.gallery import Card, gallery
from fmnist.ui.parts.learn_link import ONE_NEURON, SWITCH_OFF
from fmnist.ui.parts.parameters import (
    BITS,
    BREAK,
    CURVE,
    CUT,
    DOWN,
    NOISE,
    OFF,
    ONE,
    RIGHT,
    TURN,
    WHICH,
)
from fmnist.ui.parts.plot import plot
from fmnist.ui.parts.text import plain

KINDS = (
    SWITCH_OFF,
    "Cut the smallest weights",
    "Round the weights",
    "Noise",
    "Shift",
    "Turn",
    "Invert",
    "One picture, by the gradient",
)
EXAMPLES = 10
IMPORTANCE_IMAGES = 2000
CURVE_IMAGES = 2000
USUALLY_OFF = 20  # neurons
FITTED_UNITS = "neurons-off-of"  # units of the layer that the choice of neurons was last fitted to

Change = Callable[[float], tuple[Network, UInt8]]


def break_it(network: Network, data: Dataset, example: Example) -> None:
    """Draw the whole part."""
    kind = segmented("What to break", KINDS, BREAK)
    if kind == KINDS[-1]:
        _attack(network, example)
        return
    try:
        change, amount, stops, axis = _change(kind, network, data)
        broken, images = change(amount)
    except ValueError as problem:
        st.info(plain(problem), icon=":material/info:")
        return
    before = _predicted(network, data, name_of(network))
    after = predict(broken, images, data.test_labels).predicted
    accuracies, flips = st.columns([1, 1.8], gap="large")
    with accuracies:
        _accuracies(data, before, after)
    with flips:
        _flips(data, before, after, images)
    if stops and st.toggle("The curve over the whole range", **address.bind(CURVE)):
        part = np.arange(min(CURVE_IMAGES, len(data.test_labels)))
        shares = [_share(change, stop, part, data) for stop in stops]
        plot(charts.damage_curve(stops, shares, axis, amount), "learn-damage", 300)
        st.caption(f"On the first {len(part):,} test pictures.")


def _change(  # noqa: PLR0911 - one return for each kind of damage
    kind: str, network: Network, data: Dataset
) -> tuple[Change, float, list[float], str]:
    """What a kind of damage does, how much of it is set, its range, and what that is called."""
    images = data.test_images
    if kind == SWITCH_OFF:
        return _neurons(network, data)
    if kind == "Cut the smallest weights":
        share = (
            st.slider("Per cent of the weights that are cut", 0, 100, 50, **address.bind(CUT)) / 100
        )
        stops = [n / 20 for n in range(21)]
        return lambda x: (act.prune(network, x), images), share, stops, "Share cut"
    if kind == "Round the weights":
        bits = st.slider("Bits for each weight", 1, 8, 3, **address.bind(BITS))
        stops = [float(n) for n in range(1, 9)]
        return lambda x: (act.quantise(network, int(x)), images), bits, stops, "Bits"
    if kind == "Noise":
        amount = st.slider(
            "Noise, in shares of full brightness", 0.0, 1.0, 0.2, 0.05, **address.bind(NOISE)
        )
        stops = [n / 10 for n in range(11)]
        return lambda x: (network, act.noisy(images, x)), amount, stops, "Noise"
    if kind == "Shift":
        pixels = st.slider("Pixels to the right", -10, 10, 2, **address.bind(RIGHT))
        down = st.slider("Pixels down", -10, 10, 0, **address.bind(DOWN))
        stops = [float(n) for n in range(-10, 11)]
        return (
            lambda x: (network, act.shifted(images, int(x), down)), pixels, stops,
            "Pixels to the right",
        )  # fmt: skip
    if kind == "Turn":
        degrees = st.slider("Degrees, clockwise", -180, 180, 20, **address.bind(TURN))
        stops = [float(n) for n in range(-180, 181, 20)]
        return lambda x: (network, act.turned(images, x)), degrees, stops, "Degrees"
    return lambda _: (network, act.inverted(images)), 1.0, [], ""


def _neurons(network: Network, data: Dataset) -> tuple[Change, float, list[float], str]:
    units = network.layers[0].units
    if len(network.layers) < 2:
        raise ValueError("This network has no hidden layer, so there is no neuron to switch off.")
    which = st.radio(
        "Which",
        ("The most important", "At random", ONE_NEURON),
        horizontal=True,
        **address.bind(WHICH),
    )
    _fit(units)
    if which == ONE_NEURON:
        one = st.number_input("Neuron", 0, units - 1, 0, **address.bind(ONE))
        return lambda _: (act.switch_off(network, [int(one or 0)]), data.test_images), 1.0, [], ""
    count = st.slider(
        "How many of the first hidden layer", 0, units, min(USUALLY_OFF, units), **address.bind(OFF)
    )
    if which == "At random":
        order = np.random.default_rng(0).permutation(units)
    else:
        order = _order(network, data, name_of(network))
    stops = sorted({round(n) for n in np.linspace(0, units, 15)})
    return (
        lambda x: (act.switch_off(network, order[: int(x)].tolist()), data.test_images),
        count, [float(stop) for stop in stops], "Neurons off",
    )  # fmt: skip


def _fit(units: int) -> None:
    """Of what was chosen for another network, keep what this one has.

    What was chosen for a wider one is the most that this one has. What nobody chose is what it
    usually is here: the address says nothing of it, so neither may the other network.
    """
    state, before = st.session_state, st.session_state.get(FITTED_UNITS)
    unsaid = OFF.name not in address.whole()  # a link or a step back may say it
    if before and unsaid and state.get(OFF.name) == min(USUALLY_OFF, before):
        state[OFF.name] = min(USUALLY_OFF, units)
    for parameter, most in ((ONE, units - 1), (OFF, units)):
        if state.get(parameter.name, 0) > most:
            state[parameter.name] = most
    state[FITTED_UNITS] = units


def _accuracies(data: Dataset, before: np.ndarray, after: np.ndarray) -> None:
    labels = data.test_labels
    was, now = float((before == labels).mean()), float((after == labels).mean())
    change = f"{100 * (now - was):+.2f} points"
    st.metric("Accuracy on the test pictures", f"{now:.2%}", change, help=TERMS["accuracy"])
    lines = ["| class | before | now |", "|---|--:|--:|"]
    for number, name in enumerate(CLASS_NAMES):
        mine = labels == number
        was, now = (float((answers == labels)[mine].mean()) for answers in (before, after))
        lines.append(f"| {name} | {was:.0%} | {now:.0%} |")
    st.markdown("\n".join(lines))


def _flips(data: Dataset, before: np.ndarray, after: np.ndarray, images: UInt8) -> None:
    """Some pictures that the damage has cost, as the broken network sees them."""
    lost = np.flatnonzero((before == data.test_labels) & (after != data.test_labels))
    if not len(lost):
        st.markdown("No picture that was right is wrong now.")
        return
    st.markdown(f"**{len(lost):,} pictures that were right and are wrong now**, such as these:")
    chosen = lost[np.linspace(0, len(lost) - 1, min(EXAMPLES, len(lost))).astype(int)]
    gallery(
        [Card(images[n], CLASS_NAMES[after[n]], f"was {CLASS_NAMES[before[n]]}") for n in chosen]
    )


def _share(change: Change, amount: float, part: np.ndarray, data: Dataset) -> float:
    broken, images = change(amount)
    return predict(broken, images[part], data.test_labels[part]).accuracy


def _attack(network: Network, example: Example) -> None:
    """One picture, changed until the answer is another."""
    image = scale(example.image)
    answer = int(network.probabilities(image[None])[0].argmax())
    try:
        attack = act.fast_gradient_sign(network, image, answer)
    except ValueError as problem:
        st.info(plain(problem), icon=":material/info:")
        return
    columns = st.columns(3, gap="medium")
    after = int(attack.after.argmax())
    for column, title, values, kind in (
        (columns[0], f"The picture: {CLASS_NAMES[answer]}, {attack.before[answer]:.0%}",
         image, "picture"),
        (columns[1], "What is added", attack.change, "change"),
        (columns[2], f"The sum: {CLASS_NAMES[after]}, {attack.after[after]:.0%}",
         attack.image, "picture"),
    ):  # fmt: skip
        with column:
            st.markdown(f"**{title}**")
            plot(charts.pixels(values.astype(np.float64).reshape(SIDE, SIDE), kind),
                 f"learn-attack-{title[:5]}", 240, modebar=False)  # fmt: skip
    if attack.steps is None:
        st.markdown(f"Even {act.EPSILONS} of 255 steps of brightness do not change this answer.")
    else:
        st.markdown(
            f"It takes **{attack.steps} of 255** steps of brightness in each pixel, up or down as "
            f"the gradient says, to turn *{CLASS_NAMES[answer]}* into *{CLASS_NAMES[after]}*. It "
            f"is: {CLASS_NAMES[example.label]}. (Goodfellow, Shlens and Szegedy, arXiv:1412.6572)"
        )


@kept_with_data(max_entries=8)
def _predicted(_network: Network, data: Dataset, name: str) -> np.ndarray:
    return predict(_network, data.test_images, data.test_labels).predicted


@kept_with_data(max_entries=8)
def _order(_network: Network, data: Dataset, name: str) -> np.ndarray:
    part = slice(0, IMPORTANCE_IMAGES)
    found = act.importance(_network, data.test_images[part], data.test_labels[part])
    return np.argsort(-found, kind="stable")
