"""What a browser says was drawn: the canvas's strokes, or nothing, whatever it says."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from fmnist.ui.predict.drawing import picture_of
from fmnist.ui.predict.outlines import SIZE

OBJECTS = {"objects": [{"type": "path"}]}


def png(size: int = SIZE, form: str = "PNG") -> bytes:
    """A white square that fades out, on nothing."""
    pixels = np.zeros((size, size, 4), np.uint8)
    pixels[10:20, 10:20] = 255
    pixels[20:30, 10:20] = (255, 255, 255, 128)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, form)
    return buffer.getvalue()


def url(content: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(content).decode()


def test_strokes_lie_on_black() -> None:
    rgb = picture_of({"raw": OBJECTS, "data": url(png())})
    assert rgb is not None and rgb.shape == (SIZE, SIZE, 3) and rgb.dtype == np.uint8
    assert [int(rgb[at, 15].max()) for at in (5, 15, 25)] == [0, 255, 128]


@pytest.mark.parametrize(
    "drawing",
    [
        None,
        "text",
        [],
        {},
        {"raw": None, "data": url(png())},
        {"raw": [1], "data": url(png())},
        {"raw": {"objects": []}, "data": url(png())},
        {"raw": OBJECTS},
        {"raw": OBJECTS, "data": None},
        {"raw": OBJECTS, "data": 7},
        {"raw": OBJECTS, "data": ""},
        {"raw": OBJECTS, "data": "data:image/png;base64,A"},
        {"raw": OBJECTS, "data": "data:image/png;base64,\N{SNOWMAN}"},
        {"raw": OBJECTS, "data": url(b"no picture")},
        {"raw": OBJECTS, "data": url(png()[:-40])},
        {"raw": OBJECTS, "data": url(png(60))},
        {"raw": OBJECTS, "data": url(png(form="GIF"))},
        {"raw": OBJECTS, "data": url(png() + bytes(10**6))},
    ],
)
def test_all_else_is_no_drawing(drawing: object) -> None:
    assert picture_of(drawing) is None
