"""Many files at once: a table of thumbnails and answers, and the same as CSV."""

from __future__ import annotations

import csv
import html
import io
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist.arrays import as_bytes
from fmnist.classes import CLASS_NAMES
from fmnist.prediction.decode import PictureError
from fmnist.prediction.inference import Answer
from fmnist.spreadsheet import cell
from fmnist.ui.parts.model_picker import Subject
from fmnist.ui.parts.tiles import png_url
from fmnist.ui.predict.answer import name_and_version, predictor
from fmnist.ui.predict.sources import File, open_picture

VERDICTS = {"sure": "Sure", "unsure": "Not sure", "not_clothing": "Does not look like clothing"}
MAX_FILES = 200

_STYLE = """<style>
.fmnist-table { overflow-x: auto; }
.fmnist-table table { border-collapse: collapse; width: 100%; font-size: 0.9rem; }
.fmnist-table th { text-align: left; font-weight: 600; }
.fmnist-table th, .fmnist-table td { padding: 5px 12px 5px 0; vertical-align: middle;
  border-bottom: 1px solid color-mix(in srgb, currentColor 14%, transparent); }
.fmnist-table img { width: 44px; height: 44px; image-rendering: pixelated; border-radius: 4px;
  display: block; }
.fmnist-table td.name { max-width: 16rem; overflow-wrap: anywhere; }
</style>"""


@dataclass(frozen=True)
class Row:
    """One file: an answer, or a sentence saying why there is none."""

    name: str
    image: NDArray[np.float32] | None = None
    answer: Answer | None = None
    problem: str = ""


def answer_files(model: Subject, files: list[File], certainty: float) -> None:
    """Show a table that fills as the files are answered, then offer it as CSV."""
    if len(files) > MAX_FILES:
        st.warning(f"The first {MAX_FILES} of {len(files)} files are answered.")
    place, rows = st.empty(), []
    for number, file in enumerate(files[:MAX_FILES], start=1):
        rows.append(_row(model, file))
        if number % 4 == 0:
            place.html(_table(rows, certainty))
    place.html(_table(rows, certainty))
    st.download_button(
        "Download as CSV",
        as_csv(rows, certainty),
        "answers.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


@st.cache_data(
    show_spinner=False,
    max_entries=400,
    hash_funcs={File: lambda file: file.id, Subject: name_and_version},
)
def _row(model: Subject, file: File) -> Row:
    """Answer for one file, remembered so that moving the slider does not answer all files again."""
    try:
        rgb = open_picture(file.content, file.name)
    except PictureError as problem:
        return Row(file.name, problem=str(problem))
    result, answer = predictor(model).answer_picture(rgb)
    if answer is None:
        return Row(file.name, problem=f"{file.name} is blank: nothing stands out in it.")
    return Row(file.name, result.image, answer)


def as_csv(rows: list[Row], certainty: float) -> str:
    """One line a file: name, answer, verdict, confidence, ten probabilities, error."""
    content = io.StringIO()
    writer = csv.writer(content, lineterminator="\n")
    writer.writerow(["file", "class_index", "class_name", "verdict", "confidence", *CLASS_NAMES,
                     "error"])  # fmt: skip
    for row in rows:
        name = cell(row.name)
        if row.answer is None:
            writer.writerow([name, *[""] * (4 + len(CLASS_NAMES)), cell(row.problem)])
            continue
        answer = row.answer
        writer.writerow([
            name, answer.class_index, answer.class_name, answer.verdict(certainty),
            f"{answer.confidence:.4f}", *(f"{share:.4f}" for share in answer.probabilities), "",
        ])  # fmt: skip
    return content.getvalue()


def _table(rows: list[Row], certainty: float) -> str:
    body = "".join(_table_row(row, certainty) for row in rows)
    return (
        f'{_STYLE}<div class="fmnist-table"><table><thead><tr><th>As seen</th><th>File</th>'
        f"<th>Answer</th><th>Confidence</th><th>Runner-up</th><th>Verdict</th></tr></thead>"
        f"<tbody>{body}</tbody></table></div>"
    )


def _table_row(row: Row, certainty: float) -> str:
    name = html.escape(row.name)
    if row.answer is None or row.image is None:
        return (
            f'<tr><td></td><td class="name">{name}</td>'
            f'<td colspan="4">{html.escape(row.problem)}</td></tr>'
        )
    answer = row.answer
    picture = f'<img src="{png_url(as_bytes(row.image))}" alt="{name} as the network sees it">'
    return (
        f'<tr><td>{picture}</td><td class="name">{name}</td><td>{answer.class_name}</td>'
        f"<td>{answer.confidence_in_words()}</td><td>{CLASS_NAMES[answer.runner_up]}</td>"
        f"<td>{VERDICTS[answer.verdict(certainty)]}</td></tr>"
    )
