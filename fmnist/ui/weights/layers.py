"""Every layer: shapes, parameters, histograms at the start and now, code, and the download."""

import streamlit as st

from fmnist.charts.bars import LayerHistograms, layer_histograms
from fmnist.charts.figure import Figure
from fmnist.insight.code import layers_of
from fmnist.insight.weights import glorot_histogram, histogram, to_npz
from fmnist.layers import functional_code, sequential_code
from fmnist.network import Network
from fmnist.ui.parts.model_picker import Subject
from fmnist.ui.parts.parameters import RUN
from fmnist.ui.parts.plot import plot
from fmnist.ui.parts.text import one_line, plain

ROW_HEIGHT = 190


def layer_section(subject: Subject) -> None:
    """Draw the layers of a model; a run without a model has only its first layer, shown above."""
    network = subject.network
    st.subheader("Layers", anchor=False)
    if network is None:
        st.caption("The later layers are shown once the run has a model.")
        return
    table, code = st.columns([1, 1], gap="large")
    with table:
        st.markdown(_table(network))
        if subject.run is not None:
            st.page_link(
                "pages/train.py", label="Learning curves of this run", icon=":material/show_chart:",
                query_params=RUN.query(subject.run.id),
            )  # fmt: skip
        st.download_button(
            "Weights and biases (.npz)", to_npz(network), f"{_file_name(subject)}.npz",
            icon=":material/download:", on_click="ignore",
            help="One array for each: kernel_0, bias_0, kernel_1 and so on. Read it with "
            "numpy.load.",
        )  # fmt: skip
    with code:
        sequential, functional = st.tabs(["As a list of layers", "By the functional API"])
        stack = layers_of(network, subject.recipe)
        for tab, write in ((sequential, sequential_code), (functional, functional_code)):
            tab.code(f"import keras\n\n{write(stack)}\n", language="python", wrap_lines=True)
    plot(_histograms(subject, network), "layers", 60 + ROW_HEIGHT * len(network.layers),
         modebar=False)  # fmt: skip
    st.caption(_about_the_start(subject))


def _table(network: Network) -> str:
    lines = [
        "| layer | kernel | bias | activation | parameters |",
        "|---|---|---|---|--:|",
        "| Flatten | | | | 0 |",
    ]
    for layer in network.layers:
        shape = " × ".join(map(str, layer.kernel.shape))
        lines.append(
            f"| {plain(layer.name, 40)} | {shape} | {layer.units} | {layer.activation} "
            f"| {layer.parameters:,} |"
        )
    return "\n".join([*lines, f"| **all** | | | | **{network.parameters:,}** |"])


def _histograms(subject: Subject, network: Network) -> Figure:
    rows = []
    for position, layer in enumerate(network.layers):
        weights = histogram(layer.kernel)
        inputs, units = layer.kernel.shape
        start, start_biases = glorot_histogram(inputs, units, weights.edges), None
        if position == 0 and subject.kept is not None and 0 in subject.kept.epochs():
            kernel, bias = subject.kept.first_layer(0)
            start = histogram(kernel, float(weights.edges[-1]))
            start_biases = histogram(bias, float(histogram(layer.bias).edges[-1]))
        rows.append(
            LayerHistograms(
                one_line(layer.name, 40), weights, histogram(layer.bias), start, start_biases
            )
        )
    return layer_histograms(rows)


def _about_the_start(subject: Subject) -> str:
    drawn = (
        "Keras draws the first weights evenly between ±√(6 / (inputs + outputs)) "
        "(Glorot's uniform distribution); the line is what that gives on average. "
        "All biases start at zero."
    )
    if subject.kept is not None and 0 in subject.kept.epochs():
        return f"The first layer's start is the one that this run kept. For the others: {drawn}"
    return drawn


def _plain(name: str) -> str:
    """A layer's name from a file, without anything that Markdown or HTML would act upon."""
    kept = "".join(char for char in name if char.isalnum() or char in "_ -.")
    return kept[:40] or "layer"


def _file_name(subject: Subject) -> str:
    return f"weights-{_plain(subject.ref if subject.ref != 'upload' else 'uploaded')}"
