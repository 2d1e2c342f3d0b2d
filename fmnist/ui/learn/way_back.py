"""The way back of one step: a weight's gradient by the chain rule, its check, and its update."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from fmnist.arrays import Float64
from fmnist.charts import lesson as charts
from fmnist.classes import SIDE
from fmnist.insight.backpropagation import (
    Backward,
    Forward,
    Parameters,
    agreeing_digits,
    finite_difference,
    forward,
    step,
)
from fmnist.ui.parts.parameters import STEP_RATE
from fmnist.ui.parts.plot import plot


@dataclass(frozen=True)
class Worked:
    """What is worked through: a picture with its class, a network's passes, and the open neuron."""

    weights: Parameters
    computed: Forward
    gradients: Backward
    layer: int
    unit: int
    example: tuple[Float64, np.ndarray]

    @property
    def row(self) -> int:
        """The input that adds most to the neuron's sum."""
        terms = self.computed.inputs[self.layer][0] * self.weights.kernels[self.layer][:, self.unit]
        return int(np.abs(terms).argmax())

    @property
    def slope(self) -> float:
        """Gradient of the weight of that input."""
        return float(self.gradients.of_weights.kernels[self.layer][self.row, self.unit])


def way_back(worked: Worked) -> None:
    """The chain rule for the weight that weighs most, and the check of it."""
    weights, computed, gradients = worked.weights, worked.computed, worked.gradients
    layer, unit, row, slope = worked.layer, worked.unit, worked.row, worked.slope
    inputs = computed.inputs[layer][0]
    delta = float(gradients.of_sums[layer][0, unit])
    st.markdown(f"**Backward: the gradient of its weight for input {row}**")
    st.markdown(
        f"gradient of the weight = what comes in × gradient of the sum = "
        f"{inputs[row]:.4f} × {delta:+.6f} = **{slope:+.6f}**"
    )
    st.markdown(_where_from(worked))
    if layer == 0:
        shape = (SIDE, SIDE)
        left, right = st.columns(2)
        with left:
            st.caption("Its weights")
            plot(charts.pixels(weights.kernels[0][:, unit].reshape(shape), "weights"),
                 "learn-kernel", 170, modebar=False)  # fmt: skip
        with right:
            st.caption("Their gradients")
            plot(charts.pixels(gradients.of_weights.kernels[0][:, unit].reshape(shape), "gradient"),
                 "learn-gradient", 170, modebar=False)  # fmt: skip
    if st.button("Check it", key="learn-check", icon=":material/rule:",
                 help="Moves the weight a hair to either side and looks at the loss."):  # fmt: skip
        other = finite_difference(weights, *worked.example, layer, row, unit)
        digits = agreeing_digits(slope, other)
        st.success(
            f"From two losses, a hair to either side of the weight: {other:+.6f}. They agree to "
            f"{digits} digits."
        )
    with st.expander("The formulas"):
        st.latex(r"z = \sum_i x_i w_i + b \qquad a = \max(z, 0)")
        st.latex(r"p_k = \frac{e^{z_k}}{\sum_j e^{z_j}} \qquad L = -\ln p_{\text{true}}")
        st.latex(
            r"\frac{\partial L}{\partial z_k} = p_k - [k = \text{true}] \qquad "
            r"\frac{\partial L}{\partial w_i} = x_i \frac{\partial L}{\partial z}"
        )
        st.latex(r"\frac{\partial L}{\partial z_j} = [z_j > 0] \sum_k w_{jk} "
                 r"\frac{\partial L}{\partial z_k} \qquad w \leftarrow w - \eta "
                 r"\frac{\partial L}{\partial w}")  # fmt: skip


def update(worked: Worked) -> None:
    """What a step would make of that weight, and of the picture's loss."""
    rate, slope = float(st.session_state.get(STEP_RATE.name, 0.1)), worked.slope
    weight = float(worked.weights.kernels[worked.layer][worked.row, worked.unit])
    st.markdown(
        f"**Update**: weight − rate × gradient = {weight:+.4f} − {rate:g} × {slope:+.6f} = "
        f"**{weight - rate * slope:+.6f}**"
    )
    after, _ = step(worked.weights, worked.gradients.of_weights, rate)
    if after.is_finite:
        loss = forward(after, *worked.example).loss
        st.markdown(
            f"The same picture again, after one such step of all weights: the loss goes from "
            f"{worked.computed.loss:.4f} to **{loss:.4f}**."
        )


def _where_from(worked: Worked) -> str:
    """The gradient of a sum in words and numbers."""
    weights, computed, gradients = worked.weights, worked.computed, worked.gradients
    layer, unit, label = worked.layer, worked.unit, int(worked.example[1][0])
    delta = float(gradients.of_sums[layer][0, unit])
    if layer == len(weights.kernels) - 1:
        chance = computed.probabilities[0, unit]
        return (
            "The gradient of an output's sum is its probability, minus one if it is the true "
            f"class: {chance:.6f}{' − 1' if unit == label else ''} = {delta:+.6f}."
        )
    if computed.sums[layer][0, unit] <= 0:
        return "Its sum is below zero, relu gives nothing, and so no gradient comes through: 0."
    following = weights.kernels[layer + 1][unit] * gradients.of_sums[layer + 1][0]
    order = np.argsort(-np.abs(following))[:3]
    parts = " ".join(
        f"{weights.kernels[layer + 1][unit, k]:+.3f} × {gradients.of_sums[layer + 1][0, k]:+.4f}"
        f"{' +' if place < len(order) - 1 else ''}"
        for place, k in enumerate(order)
    )
    return (
        f"The gradient of its sum gathers that of all {len(following)} neurons it feeds, each "
        f"times the weight between: {parts} + … = {delta:+.6f}."
    )
