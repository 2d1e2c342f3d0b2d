"""Where a picture comes from: drawn, uploaded, photographed, a bundled photo, or a test image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist.classes import CLASS_NAMES
from fmnist.prediction import examples
from fmnist.prediction.decode import FORMATS, PictureError
from fmnist.prediction.options import KindChoice
from fmnist.ui.parts import address, parameters
from fmnist.ui.parts.data_notice import CANNOT_BE_USED, dataset_or_none
from fmnist.ui.parts.opened_files import opened
from fmnist.ui.parts.text import plain
from fmnist.ui.predict.canvas import drawing_board
from fmnist.ui.predict.example_photos import pick_example
from fmnist.ui.predict.files import listen_for_files
from fmnist.ui.predict.pictures import show_preview
from fmnist.ui.predict.samples import pick_sample
from fmnist.ui.server import resources
from fmnist.ui.server.streamlit_internals import UploadedFile

LABELS = (
    ":material/draw: Draw",
    ":material/upload: Upload",
    ":material/photo_camera: Camera",
    ":material/photo_library: Photos",
    ":material/apps: Samples",
)
SOURCES: dict[str, str] = dict(zip(parameters.SOURCES, LABELS, strict=True))

SOURCE_KEY = "source"


@dataclass(frozen=True)
class InputPicture:
    """One picture to answer for.

    Attributes
    ----------
    name : what to call it; a change starts with fresh overrides
    rgb : ndarray of shape (height, width, 3), uint8; None for a sample
    sample : ndarray of shape (28, 28), uint8, which needs no pipeline; None for the rest
    true_class : known for a sample only
    kind : "drawing" or "photo" if the source tells, otherwise "auto"
    """

    name: str
    rgb: NDArray[np.uint8] | None = None
    sample: NDArray[np.uint8] | None = None
    true_class: int | None = None
    kind: KindChoice = "auto"


@dataclass(frozen=True)
class File:
    """One of several uploaded files.

    Attributes
    ----------
    name : as the visitor named it
    content : of the file
    id : of the upload; no two have the same
    """

    name: str
    content: bytes
    id: str


def choose_source() -> str:
    """The ways to give a picture; the choice is in the URL as ``?source=``."""
    news = address.is_news(parameters.SOURCE, SOURCE_KEY)
    # After a click on the menu's link to this very page, a browser can say that nothing is chosen.
    if news or st.session_state[SOURCE_KEY] is None:
        st.session_state[SOURCE_KEY] = address.value(parameters.SOURCE) or _named()
    source = str(
        st.segmented_control(
            "Picture from", list(SOURCES), required=True, key=SOURCE_KEY,
            on_change=address.changed_here,
            format_func=SOURCES.__getitem__, label_visibility="collapsed",
        )
    )  # fmt: skip
    named = source != "draw" or address.text(parameters.SOURCE) is not None
    address.write(parameters.SOURCE, source if named else None)
    if source != "sample":
        address.write(parameters.INDEX, None)
    if source != "photo":
        address.write(parameters.IMAGE, None)
    return source


def _named() -> str:
    """The source of a link that names none: ``?image=5`` alone is a bundled photo."""
    return "draw" if address.value(parameters.IMAGE) is None else "photo"


def take_picture(source: str) -> InputPicture | list[File] | None:
    """Show the input of a source.

    Returns
    -------
    InputPicture, or several files, or None while there is nothing to answer for
    """
    drawing = drawing_board(visible=source == "draw")
    if source == "draw":
        return None if drawing is None else InputPicture("drawing", drawing, kind="drawing")
    return {"camera": _photographed, "photo": _bundled, "sample": _sample, "upload": _uploaded}[
        source
    ]()


def _photographed() -> InputPicture | None:
    photo = st.camera_input("Hold one item of clothing in front of a plain background.")
    return _opened(photo, "The photo", "photo") if photo else None


def _bundled() -> InputPicture:
    label = pick_example()
    return InputPicture(f"The bundled photo {label}", examples.read(label), kind="photo")


def _uploaded() -> InputPicture | list[File] | None:
    listen_for_files()
    files = st.file_uploader(
        "Pictures of one item of clothing each",
        accept_multiple_files=True,
        key="files",
        help=f"{', '.join(FORMATS)}. A plain background works best. On this page a picture can "
        "also be pasted, or dropped anywhere.",
    )
    if not files:
        return None
    if len(files) > 1:
        return [File(file.name, file.getvalue(), file.file_id) for file in files]
    return _opened(files[0], files[0].name)


def open_picture(content: bytes, name: str) -> NDArray[np.uint8]:
    """Decode an uploaded file. Raises PictureError with one sentence for the person."""
    return resources.opener().picture(content, name)


def _opened(file: UploadedFile, name: str, kind: KindChoice = "auto") -> InputPicture | None:
    try:
        rgb = opened("opened-picture", file, lambda content, _name: open_picture(content, name))
    except PictureError as problem:
        st.error(plain(problem), icon=":material/broken_image:")
        return None
    return InputPicture(name, rgb, kind=kind)


def _sample() -> InputPicture | None:
    data = dataset_or_none()
    if data is None:
        st.info(CANNOT_BE_USED, icon=":material/cloud_off:")
        return None
    index = pick_sample(data)
    image, label = data.test_images[index], int(data.test_labels[index])
    show_preview(np.kron(image, np.ones((6, 6), np.uint8)), f"Test image {index}")
    st.caption(f"Test image {index:,}. Nothing is done to it: it already is 28×28.")
    assert 0 <= label < len(CLASS_NAMES)
    return InputPicture(f"test image {index}", sample=image, true_class=label)
