"""What a person said of pictures goes home as a zip; nothing else keeps it."""

import csv
import io
import zipfile

import numpy as np
from PIL import Image

from fmnist.classes import CLASS_NAMES, folder_name
from fmnist.cli.pictures import CLASS_FOLDER
from fmnist.ui.predict.teach import Lesson, archive, score


def lesson(name: str, kind: str, answer: int, truth: int) -> Lesson:
    content = io.BytesIO()
    Image.fromarray(np.full((20, 30, 3), 99, np.uint8)).save(content, "PNG")
    return Lesson(name, content.getvalue(), kind, answer, truth)


LESSONS = [
    lesson("=HYPERLINK(1)", "photo", 6, 6),
    lesson("../../etc/passwd", "photo", 6, 0),
    lesson("drawing", "drawing", 9, 9),
]


def test_right_and_wrong_are_counted_by_kind():
    assert score(LESSONS) == "Drawings: 1 of 1 right. Photos: 1 of 2 right."
    assert score([]) == ""


def test_the_zip_is_what_evaluate_folder_takes():
    with zipfile.ZipFile(io.BytesIO(archive(LESSONS))) as zipped:
        names = zipped.namelist()
        assert names == ["6_Shirt/001.png", "0_T-shirt_top/002.png", "9_Ankle_boot/003.png",
                         "labels.csv"]  # fmt: skip
        rows = list(csv.DictReader(io.StringIO(zipped.read("labels.csv").decode())))
        assert Image.open(io.BytesIO(zipped.read(names[0]))).size == (30, 20)
    assert [row["class"] for row in rows] == ["Shirt", "T-shirt/top", "Ankle boot"]
    assert [row["answer"] for row in rows] == ["Shirt", "Shirt", "Ankle boot"]
    assert rows[0]["name"] == "'=HYPERLINK(1)"  # no formula


def test_folders_are_named_after_classes():
    for label in range(len(CLASS_NAMES)):
        match = CLASS_FOLDER.fullmatch(folder_name(label))
        assert match is not None
        assert int(match[1]) == label
