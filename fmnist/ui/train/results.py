"""The results of a finished run, and its downloads."""

from collections.abc import Callable

import streamlit as st

from fmnist.classes import CLASS_NAMES
from fmnist.dataset import DatasetError
from fmnist.layers import layer_table, parameter_count
from fmnist.network import MAX_ARCHIVE_BYTES
from fmnist.recipe import NOTEBOOK_RESULT, Recipe
from fmnist.training import exports, files
from fmnist.training.progress import Progress, Sample, TestResult
from fmnist.training.runs import Run
from fmnist.ui.parts.tiles import png_url
from fmnist.ui.server import resources


def results(test: TestResult, official: bool) -> None:
    """Draw the test figures and the three-sample check side by side."""
    figures, samples = st.columns([1, 2], gap="medium", vertical_alignment="center")
    with figures, st.container(horizontal=True, gap="large"):
        _figure("Test accuracy", test.accuracy, NOTEBOOK_RESULT["accuracy"], official)
        _figure("Test loss", test.loss, NOTEBOOK_RESULT["loss"], official)
    with samples:
        st.html(_sample_check(test.samples))


def layers(recipe: Recipe) -> None:
    """Draw the layer table, as Keras's ``summary`` has it."""
    lines = ["| Layer | Output shape | Parameters |", "|---|---|--:|"]
    for row in layer_table(recipe):
        lines.append(f"| {row.title} | (None, {row.outputs}) | {row.parameters:,} |")
    st.markdown("\n".join(lines))
    st.caption(f"{parameter_count(recipe):,} parameters, all of them trained.")


def downloads(run: Run, progress: Progress) -> None:
    """Draw the download buttons; each file is made when its button is pressed."""

    def model() -> bytes:
        return files.read_regular(run.model_path, MAX_ARCHIVE_BYTES)

    with st.container(horizontal=True, gap="small"):
        if run.has_model():
            _download("Model (.keras)", f"{run.id}.keras", "application/zip", model)
        if progress.epochs:
            _download(
                "History (.csv)",
                f"{run.id}-history.csv",
                "text/csv",
                lambda: exports.history_csv(progress),
            )
        if run.foreign:
            return  # there is no recipe to train again
        _download(
            "Recipe (.json)",
            f"{run.id}-recipe.json",
            "application/json",
            lambda: exports.recipe_json(run.recipe),
        )
        _download(
            "Notebook (.ipynb)",
            f"{run.id}.ipynb",
            "application/x-ipynb+json",
            lambda: exports.notebook(run.recipe, progress),
        )


def _download(label: str, file_name: str, mime: str, content: Callable[[], str | bytes]) -> None:
    st.download_button(
        label,
        content,
        file_name,
        mime,
        key=f"download_{file_name}",
        icon=":material/download:",
        on_click="ignore",
    )


def _figure(label: str, value: float, notebook: float, official: bool) -> None:
    st.metric(
        label,
        f"{value:.4f}",
        delta=f"notebook {notebook}" if official else None,
        delta_color="off",
        delta_arrow="off",
        width="content",
    )


def _sample_check(samples: tuple[Sample, ...]) -> str:
    """The first test images: picture, predicted class, true class."""
    cards = []
    for sample in samples:
        true, predicted = CLASS_NAMES[sample.true_class], CLASS_NAMES[sample.predicted_class]
        right = sample.true_class == sample.predicted_class
        share = sample.probabilities[sample.predicted_class]
        cards.append(
            f"<div>{_picture(sample.index, true)}<p><small>Test image {sample.index + 1}</small>"
            f'<b class="{"right" if right else "wrong"}">{predicted}</b> {share:.0%}'
            f"<small>{'which is right' if right else f'but it is: {true}'}</small></p></div>"
        )
    return f'<div class="fmnist-check">{"".join(cards)}</div>'


def _picture(index: int, name: str) -> str:
    """One test image as HTML; nothing when the data is not there."""
    try:
        pixels = resources.dataset().test_images[index]
    except DatasetError:
        return ""
    return f'<img src="{png_url(pixels)}" alt="Test image {index + 1}: {name}">'
