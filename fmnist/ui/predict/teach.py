"""A person says what a picture shows; right and wrong are counted while the page is open.

Pictures stay in the session, which ends when the page is closed. Nothing is written anywhere.
"""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from dataclasses import dataclass

import numpy as np
import streamlit as st
from PIL import Image

from fmnist.arrays import UInt8
from fmnist.classes import CLASS_NAMES, folder_name
from fmnist.prediction.inference import Answer
from fmnist.spreadsheet import cell

TAUGHT = "taught pictures"
MOST = 100  # pictures of a session
EDGE = 336  # of a picture in the archive
KINDS = {"drawing": "Drawings", "photo": "Photos"}


@dataclass(frozen=True)
class Lesson:
    """A picture and what a person says of it.

    Attributes
    ----------
    picture : JPEG or PNG file
    kind : "drawing" or "photo"
    answer, truth : classes, given by the network and by the person
    """

    name: str
    picture: bytes
    kind: str
    answer: int
    truth: int


def teach_back(rgb: UInt8, name: str, kind: str, answer: Answer) -> None:
    """Ask what the picture shows, and tell how often the network was right.

    Parameters
    ----------
    rgb : ndarray of shape (height, width, 3), uint8
    kind : "drawing" or "photo"
    """
    key = f"{zlib.crc32(rgb.tobytes()):08x}"  # of this picture
    lessons: dict[str, Lesson] = st.session_state.setdefault(TAUGHT, {})
    said = st.selectbox(
        "What is it really?", CLASS_NAMES, index=None, placeholder="Say it, and it is counted",
        key=f"truth-{key}",
        help="Counted while this page is open. Nothing leaves this computer, nothing is kept.",
    )  # fmt: skip
    if said is None:
        lessons.pop(key, None)
    elif key in lessons or len(lessons) < MOST:
        truth = CLASS_NAMES.index(said)
        lessons[key] = Lesson(name, _file(rgb), kind, answer.class_index, truth)
    else:
        st.caption(f"{MOST} pictures are kept at most. Download them and open the page anew.")
    if lessons:
        st.caption(score(list(lessons.values())))
        st.download_button(
            "Pictures and labels as zip", lambda: archive(list(lessons.values())), "pictures.zip",
            "application/zip", icon=":material/download:", on_click="ignore",
        )  # fmt: skip


def score(lessons: list[Lesson]) -> str:
    """Such as "Drawings: 3 of 4 right. Photos: 1 of 2 right."."""
    parts = []
    for kind, title in KINDS.items():
        these = [lesson for lesson in lessons if lesson.kind == kind]
        if these:
            right = sum(lesson.answer == lesson.truth for lesson in these)
            parts.append(f"{title}: {right} of {len(these)} right.")
    return " ".join(parts)


def archive(lessons: list[Lesson]) -> bytes:
    """A zip of pictures in folders by class, as ``evaluate-folder`` takes them, and a table."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["file", "name", "kind", "class", "answer"])
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as zipped:
        for number, lesson in enumerate(lessons, start=1):
            file = f"{folder_name(lesson.truth)}/{number:03d}.png"
            zipped.writestr(file, lesson.picture)
            names = CLASS_NAMES[lesson.truth], CLASS_NAMES[lesson.answer]
            writer.writerow([file, cell(lesson.name), lesson.kind, *names])
        zipped.writestr("labels.csv", table.getvalue())
    return content.getvalue()


def _file(rgb: UInt8) -> bytes:
    image = Image.fromarray(np.ascontiguousarray(rgb))
    image.thumbnail((EDGE, EDGE))
    content = io.BytesIO()
    image.save(content, "PNG")
    return content.getvalue()
