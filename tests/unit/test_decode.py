"""Uploads: what is read, and what is refused with one plain sentence."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zlib
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from fmnist.prediction import decode as module
from fmnist.prediction.decode import PictureError, decode
from tests.hostile import progressive_jpeg, repeated_scans, tiff_of_one_tile

FORMATS = ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"]


def scene(width: int = 60, height: int = 40) -> Image.Image:
    """White, with a red rectangle in the upper left quarter."""
    image = Image.new("RGB", (width, height), "white")
    image.paste((200, 0, 0), (0, 0, width // 2, height // 2))
    return image


def packed(image: Image.Image, form: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def png(width: int, height: int, body: bytes = b"") -> bytes:
    """A PNG whose header promises any size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("form", FORMATS)
def test_reads_every_format(form: str) -> None:
    rgb = decode(packed(scene(), form), f"a.{form.lower()}")
    assert rgb.shape == (40, 60, 3)
    assert rgb.dtype == np.uint8
    np.testing.assert_allclose(rgb[10, 10], (200, 0, 0), atol=12)
    np.testing.assert_allclose(rgb[30, 50], (255, 255, 255), atol=12)


# where the upper left corner of the scene is found in a file of that EXIF orientation
STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", STORED)
def test_turns_upright_as_exif_says(form: str, orientation: int) -> None:
    how = STORED[orientation]
    stored = scene() if how is None else scene().transpose(how)
    exif = Image.Exif()
    exif[0x0112] = orientation
    rgb = decode(packed(stored, form, exif=exif), "phone.jpg")
    assert rgb.shape == (40, 60, 3)
    np.testing.assert_allclose(rgb[10, 10], (200, 0, 0), atol=12)
    np.testing.assert_allclose(rgb[30, 50], (255, 255, 255), atol=12)


def test_transparency_lies_on_white() -> None:
    image = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    image.paste((10, 20, 30, 255), (5, 5, 15, 15))
    rgb = decode(packed(image), "cutout.png")
    assert tuple(rgb[0, 0]) == (255, 255, 255)
    assert tuple(rgb[10, 10]) == (10, 20, 30)


def test_half_transparent_mixes_with_white() -> None:
    image = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    image.paste((0, 0, 0, 128), (5, 5, 15, 15))
    assert abs(int(decode(packed(image), "a.png")[10, 10, 0]) - 127) <= 1


def test_white_on_transparent_stays_visible() -> None:
    image = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    image.paste((250, 250, 250, 255), (5, 5, 15, 15))
    rgb = decode(packed(image), "white-shirt.png")
    assert rgb[10, 10, 0] == 250
    assert rgb[0, 0, 0] < 50


def test_palette_with_transparency() -> None:
    image = Image.new("P", (20, 20), 0)
    image.putpalette([0, 0, 0, 90, 0, 0])
    image.paste(1, (5, 5, 15, 15))
    rgb = decode(packed(image, transparency=0), "p.png")
    assert tuple(rgb[0, 0]) == (255, 255, 255)
    assert tuple(rgb[10, 10]) == (90, 0, 0)


def test_grey_with_transparent_value() -> None:
    image = Image.new("L", (20, 20), 7)
    image.paste(90, (5, 5, 15, 15))
    rgb = decode(packed(image, transparency=7), "l.png")
    assert tuple(rgb[0, 0]) == (255, 255, 255)
    assert tuple(rgb[10, 10]) == (90, 90, 90)


def test_sixteen_bit_keeps_its_tones() -> None:
    ramp = np.linspace(0, 65535, 256, dtype=np.uint16)[None].repeat(32, 0)
    rgb = decode(packed(Image.fromarray(ramp)), "deep.png")
    np.testing.assert_allclose(rgb[0, :, 0], np.arange(256), atol=1)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "I", "F"])
def test_every_mode_keeps_dark_and_bright_apart(mode: str) -> None:
    form = "PNG" if mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16") else "TIFF"
    if mode in ("I", "I;16", "F"):
        dtype = {"I": np.int32, "I;16": np.uint16, "F": np.float32}[mode]
        values = np.full((40, 60), 1 if mode == "F" else 60000, dtype)
        values[:20, :30] = 0
        image = Image.fromarray(values)
    else:
        grey = Image.new("L", (60, 40), 255)
        grey.paste(0, (0, 0, 30, 20))
        image = grey.convert("RGB").convert(mode) if mode != "LA" else grey.convert("LA")
    rgb = decode(packed(image, form), f"a.{form}")
    assert rgb.shape == (40, 60, 3)
    assert rgb[10, 10].max() < 40
    assert rgb[30, 50].min() > 200


def test_only_the_first_frame_is_read() -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue", "green")]
    frames[0].paste("white", (0, 0, 20, 10))
    data = packed(frames[0], "GIF", save_all=True, append_images=frames[1:])
    rgb = decode(data, "dance.gif")
    np.testing.assert_allclose(rgb[15, 10], (255, 0, 0), atol=8)


def test_a_million_frames_are_not_counted() -> None:
    first = packed(scene(20, 20), "GIF")
    frame = first[first.index(b"\x2c") : -1]
    # every further frame is broken: touching one would fail
    data = first[:-1] + (frame[:10] + b"\xff" * 10) * 1_000_000
    assert decode(data, "long.gif").shape == (20, 20, 3)


def test_a_large_jpeg_is_read_reduced() -> None:
    data = packed(scene(8000, 6000), "JPEG")
    tracemalloc.start()
    rgb = decode(data, "48-megapixels.jpg")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert max(rgb.shape) <= module.LONGEST_EDGE
    assert rgb.shape[1] * 3 == rgb.shape[0] * 4
    assert peak < 100 * 2**20
    np.testing.assert_allclose(rgb[10, 10], (200, 0, 0), atol=12)


def phone_jpeg(width: int, height: int, **options: object) -> bytes:
    """A JPEG with a small second picture behind the first, as many phones write it."""
    small = scene(300, 200)
    return packed(scene(width, height), "MPO", save_all=True, append_images=[small], **options)


def test_thirty_megapixels_of_a_phone_are_read_reduced() -> None:
    data = phone_jpeg(6000, 5000)
    assert Image.open(io.BytesIO(data)).format == "MPO"
    tracemalloc.start()
    rgb = decode(data, "phone.jpg")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert rgb.shape == (853, module.LONGEST_EDGE, 3)
    np.testing.assert_allclose(rgb[10, 10], (200, 0, 0), atol=12)
    assert peak < 50 * 2**20


def test_a_phone_held_upright_is_turned() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    stored = scene().transpose(Image.Transpose.ROTATE_90)
    data = packed(stored, "MPO", save_all=True, append_images=[scene()], exif=exif)
    np.testing.assert_allclose(decode(data, "phone.jpg")[10, 10], (200, 0, 0), atol=12)


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("behind", [b"", b"\xff\xda\x00\x08" * 100])
def test_scans_are_counted_in_the_picture_alone(progressive: bool, behind: bytes) -> None:
    """Not in what is embedded in its metadata, nor in a film that a phone puts behind it."""
    note = b"\xff\xda\x00\x08" * 100
    data = packed(scene(), "JPEG", progressive=progressive, comment=note) + behind
    assert decode(data, "film.jpg").shape == (40, 60, 3)


def test_damaged_exif_does_not_spoil_a_good_picture() -> None:
    data = packed(scene(), "JPEG", exif=b"Exif\x00\x00" + b"\xff" * 40)
    assert decode(data, "a.jpg").shape == (40, 60, 3)


SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"></svg>'
REFUSED = {
    "empty": (b"", "is empty"),
    "text": (b"Dear diary,\ntoday I called a letter picture.png\n" * 5, "text"),
    "utf-8 text": ("Grüße aus Köln, 你好".encode() * 9, "text"),
    "svg": (SVG, "SVG"),
    "bare svg": (b"<svg viewBox='0 0 9 9'><path d='M0 0'/></svg>", "SVG"),
    "noise": (bytes(range(256)) * 8, "not a readable picture"),
    "truncated png": (packed(scene(300, 300))[:400], "cut short"),
    "truncated jpeg": (packed(scene(300, 300), "JPEG")[:900], "cut short"),
    "header only": (packed(scene(), "JPEG")[:3], "not a readable picture"),
    "bomb": (png(50_000, 50_000, zlib.compress(bytes(10**6))), "too many pixels"),
    "smaller bomb": (png(12_000, 12_000, zlib.compress(bytes(10**6))), "too many pixels"),
    "1×1": (packed(Image.new("RGB", (1, 1))), "too small"),
    "ribbon": (packed(Image.new("RGB", (20_000, 10))), "long and narrow"),
    "one colour": (packed(Image.new("RGB", (80, 80), (9, 99, 9))), "all one colour"),
    "nothing visible": (packed(Image.new("RGBA", (80, 80), (9, 99, 9, 0))), "all one colour"),
    "one huge tile": (tiff_of_one_tile(300, 300, 22_992), "tiles of 528,632,064 pixels"),
    "a fax": (packed(scene().convert("1"), "TIFF", compression="group4"), "like a fax"),
    "150 megapixels, progressive": (progressive_jpeg, "at most 50 million"),
    "repeated scans": (partial(repeated_scans, 7000, 7000, 60), "more than 50 scans"),
    "huge": (b"\x89PNG\r\n\x1a\n" + bytes(module.MAX_BYTES), "too large"),
    "a format we do not read": (packed(scene(), "PPM"), "not a readable picture"),
}


def marked(case: str) -> Any:
    """What takes seconds to make is made by the test alone, and not in a quick run."""
    return pytest.param(case, marks=pytest.mark.slow if callable(REFUSED[case][0]) else ())


@pytest.mark.parametrize("case", [marked(case) for case in REFUSED])
def test_refuses_with_one_sentence_naming_file_and_reason(case: str) -> None:
    content, reason = REFUSED[case]
    data = content() if callable(content) else content
    with pytest.raises(PictureError) as caught:
        decode(data, "holiday.png")
    message = str(caught.value)
    assert message.startswith("holiday.png ")
    assert reason in message
    assert message.endswith(".")
    assert message.count(". ") == 0
    assert ": " in message  # the remedy follows


@pytest.mark.filterwarnings("error")
def test_a_bomb_costs_no_memory() -> None:
    data = png(50_000, 50_000, zlib.compress(bytes(10**7)))
    tracemalloc.start()
    with pytest.raises(PictureError):
        decode(data, "bomb.png")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5 * 2**20


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([b"", *(packed(scene(), f)[:40] for f in FORMATS)]))
def test_garbage_is_read_or_refused(tail: bytes, head: bytes) -> None:
    try:
        rgb = decode(head + tail, "x")
    except PictureError as error:
        assert str(error).startswith("x ")
    else:
        assert rgb.ndim == 3 and rgb.shape[2] == 3 and rgb.dtype == np.uint8


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(FORMATS), st.data())
def test_damaged_files_are_read_or_refused(form: str, data: st.DataObject) -> None:
    whole = bytearray(packed(scene(24, 24), form))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(whole) - 1))
        whole[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(whole)))
    try:
        rgb = decode(bytes(whole[:cut]), "x")
    except PictureError as error:
        assert str(error).startswith("x ")
    else:
        assert rgb.dtype == np.uint8 and max(rgb.shape) <= module.LONGEST_EDGE
