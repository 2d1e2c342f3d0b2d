"""Many files at once: a contact sheet of pictures and answers, and the same as CSV."""

from __future__ import annotations

import csv
import html
import io
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist.arrays import UInt8, as_bytes
from fmnist.classes import CLASS_NAMES
from fmnist.prediction.decode import PictureError
from fmnist.prediction.inference import Answer
from fmnist.spreadsheet import cell
from fmnist.ui.parts.model_picker import Subject
from fmnist.ui.parts.tiles import png_url
from fmnist.ui.predict.answer import name_and_version, predictor
from fmnist.ui.predict.photo import outlined
from fmnist.ui.predict.sources import File, open_picture

VERDICTS = {"sure": "Sure", "unsure": "Not sure", "not_clothing": "Does not look like clothing"}
MAX_FILES = 200

_STYLE = """<style>
.fmnist-sheet { display: grid; gap: 14px;
  grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); }
.fmnist-sheet figure { margin: 0; min-width: 0; }
.fmnist-sheet div { position: relative; aspect-ratio: 1; border-radius: 6px; overflow: hidden;
  display: flex; align-items: center; justify-content: center;
  background: color-mix(in srgb, currentColor 8%, transparent); }
.fmnist-sheet img { max-width: 100%; max-height: 100%; }
.fmnist-sheet img + img { position: absolute; right: 0; bottom: 0; width: 44px;
  image-rendering: pixelated; border-radius: 6px 0 0 0; }
.fmnist-sheet figcaption { font-size: 0.85rem; line-height: 1.35; overflow-wrap: anywhere; }
.fmnist-sheet small { display: block; opacity: 0.78; font-size: 0.78rem; }
</style>"""


@dataclass(frozen=True)
class Row:
    """One file: an answer, or a sentence saying why there is none.

    Attributes
    ----------
    picture : ndarray of shape (height, width, 3), uint8: small, with the outline of its item
    image : ndarray of shape (28, 28), float32: as the network sees it
    """

    name: str
    picture: UInt8 | None = None
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
            place.html(_sheet(rows, certainty))
    rows = by_certainty(rows)
    place.html(_sheet(rows, certainty))
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
    return Row(file.name, outlined(rgb, result.mask), result.image, answer)


def by_certainty(rows: list[Row]) -> list[Row]:
    """The surest first, then what looks like no clothing, files without an answer last."""

    def order(row: Row) -> tuple[bool, bool, float]:
        answer = row.answer
        return (answer is None, answer is not None and answer.strange,
                -answer.confidence if answer else 0.0)  # fmt: skip

    return sorted(rows, key=order)


def as_csv(rows: list[Row], certainty: float) -> str:
    """One line a file: name, answer, verdict, confidence, reason, ten probabilities, error."""
    content = io.StringIO()
    writer = csv.writer(content, lineterminator="\n")
    writer.writerow(["file", "class_index", "class_name", "verdict", "confidence", "reason",
                     *CLASS_NAMES, "error"])  # fmt: skip
    for row in rows:
        name = cell(row.name)
        if row.answer is None:
            writer.writerow([name, *[""] * (5 + len(CLASS_NAMES)), cell(row.problem)])
            continue
        answer = row.answer
        writer.writerow([
            name, answer.class_index, answer.class_name, answer.verdict(certainty),
            f"{answer.confidence:.4f}", answer.reason_in_words(certainty) or "",
            *(f"{share:.4f}" for share in answer.probabilities), "",
        ])  # fmt: skip
    return content.getvalue()


def _sheet(rows: list[Row], certainty: float) -> str:
    cards = "".join(_card(row, certainty) for row in rows)
    return f'{_STYLE}<div class="fmnist-sheet">{cards}</div>'


def _card(row: Row, certainty: float) -> str:
    name = html.escape(row.name)
    answer = row.answer
    if answer is None or row.image is None or row.picture is None:
        return f"<figure><div></div><figcaption>{html.escape(row.problem)}</figcaption></figure>"
    reason = answer.reason_in_words(certainty)
    verdict = VERDICTS[answer.verdict(certainty)]
    why = "" if reason is None else f"<small>{verdict}: {reason}.</small>"
    return (
        f'<figure><div><img src="{png_url(row.picture)}" alt="{name}, its item outlined">'
        f'<img src="{png_url(as_bytes(row.image))}" alt="{name} as the network sees it"></div>'
        f"<figcaption><b>{answer.class_name}, {answer.confidence_in_words()}</b>{why}"
        f"<small>Runner-up {CLASS_NAMES[answer.runner_up]}. {name}</small></figcaption></figure>"
    )
