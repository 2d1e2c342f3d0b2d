"""Where a picture comes from: drawn, uploaded, photographed, or a sample of the test images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist.classes import CLASS_NAMES
from fmnist.dataset import DatasetError
from fmnist.prediction.decode import FORMATS, PictureError, decode
from fmnist.ui import resources
from fmnist.ui.canvas import drawing_board
from fmnist.ui.predict_pictures import shown
from fmnist.ui.predict_samples import pick_sample

SOURCES: dict[str, str] = {
    "draw": ":material/draw: Draw",
    "upload": ":material/upload: Upload",
    "camera": ":material/photo_camera: Camera",
    "sample": ":material/apps: Samples",
}


@dataclass(frozen=True)
class Subject:
    """One picture to answer for.

    Attributes
    ----------
    name : what to call it; a change starts with fresh overrides
    rgb : ndarray of shape (height, width, 3), uint8; None for a sample
    sample : ndarray of shape (28, 28), uint8, which needs no pipeline; None for the rest
    true_class : known for a sample only
    drawn : whether it was drawn here, so that it is known to be a drawing
    """

    name: str
    rgb: NDArray[np.uint8] | None = None
    sample: NDArray[np.uint8] | None = None
    true_class: int | None = None
    drawn: bool = False


@dataclass(frozen=True)
class File:
    """One uploaded file."""

    name: str
    content: bytes


def choose_source() -> str:
    """The four ways to give a picture; the choice is in the URL as ``?source=``."""
    wanted = st.query_params.get("source", "draw")
    if "source" not in st.session_state:
        st.session_state["source"] = wanted if wanted in SOURCES else "draw"
    source = str(
        st.segmented_control(
            "Picture from", list(SOURCES), required=True, key="source",
            format_func=SOURCES.__getitem__, label_visibility="collapsed",
        )
    )  # fmt: skip
    if source != wanted:
        st.query_params["source"] = source
    if source != "sample":
        st.query_params.pop("index", None)
    return source


def take_picture(source: str) -> Subject | list[File] | None:
    """Show the input of a source.

    Returns
    -------
    Subject, or several files, or None while there is nothing to answer for
    """
    picture = drawing_board(visible=source == "draw")
    if source == "draw":
        return None if picture is None else Subject("drawing", picture, drawn=True)
    if source == "camera":
        photo = st.camera_input("Hold one item of clothing in front of a plain background.")
        return _opened(File("The photo", photo.getvalue())) if photo else None
    if source == "sample":
        return _sample()
    files = st.file_uploader(
        "Pictures of one item of clothing each",
        accept_multiple_files=True,
        key="files",
        help=f"{', '.join(FORMATS)}. A plain background works best.",
    )
    if not files:
        return None
    uploads = [File(file.name, file.getvalue()) for file in files]
    return _opened(uploads[0]) if len(uploads) == 1 else uploads


def open_file(file: File) -> Subject:
    """Decode an uploaded file. Raises PictureError with one sentence for the person."""
    return Subject(file.name, decode(file.content, file.name))


def _opened(file: File) -> Subject | None:
    try:
        subject = open_file(file)
    except PictureError as problem:
        st.error(str(problem), icon=":material/broken_image:")
        return None
    assert subject.rgb is not None
    shown(subject.rgb, file.name)
    return subject


def _sample() -> Subject | None:
    try:
        data = resources.dataset()
    except DatasetError as problem:
        st.info(str(problem), icon=":material/cloud_off:")
        return None
    index = pick_sample(data)
    image, label = data.test_images[index], int(data.test_labels[index])
    shown(np.kron(image, np.ones((6, 6), np.uint8)), f"Test image {index}")
    st.caption(f"Test image {index:,}. Nothing is done to it: it already is 28×28.")
    assert 0 <= label < len(CLASS_NAMES)
    return Subject(f"test image {index}", sample=image, true_class=label)
