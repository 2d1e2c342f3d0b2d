"""The size of a WebP picture is read from its header; Pillow's own encoder is the oracle."""

import io

import pytest
from PIL import Image

from fmnist.prediction.decode import PictureError, decode
from fmnist.prediction.webp import canvas_size
from tests.hostile import webp_header

EXIF = b"Exif\0\0II*\0" + bytes(8)
SIDES = [(1, 1), (8, 300), (257, 64), (1000, 1023)]


def webp(width: int, height: int, mode: str = "RGB", **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, (width, height)).save(buffer, "WEBP", **options)
    return buffer.getvalue()


@pytest.mark.parametrize("sides", SIDES)
@pytest.mark.parametrize(
    "kind, options",
    [
        (b"VP8 ", {}),
        (b"VP8L", {"lossless": True}),
        (b"VP8X", {"exif": EXIF}),
    ],
)
def test_the_size_is_that_which_was_saved(
    sides: tuple[int, int], kind: bytes, options: dict[str, object]
) -> None:
    data = webp(*sides, **options)
    assert data[12:16] == kind
    assert canvas_size(data) == sides


def test_other_files_have_no_size() -> None:
    for data in (b"", b"RIFF", webp(20, 20)[:29], b"\x89PNG" + bytes(40), b"RIFF" + bytes(40)):
        assert canvas_size(data) is None


@pytest.mark.parametrize("kind", [b"VP8 ", b"VP8L", b"VP8X"])
def test_a_size_that_is_too_large_is_told_before_anything_is_decoded(kind: bytes) -> None:
    with pytest.raises(PictureError, match=r"16,383×16,383 pixels.*at most 16 million"):
        decode(webp_header(kind, 16_383, 16_383), "a.webp")
