"""From the bytes of an uploaded file to an RGB array, or to one plain sentence saying why not.

The header is checked first, so that most bad files are refused before any pixel is decoded. A file
may still be made to cost much. Strangers' files are therefore decoded in a process of their own:
`fmnist.sandbox`.
"""

from __future__ import annotations

import codecs
import io
import re
import warnings
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from fmnist.prediction import webp

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
MAX_BYTES = 40 * 2**20
# Most formats can only be decoded whole, at 4 to 9 bytes a pixel, WebP at 16; JPEG is decoded at a
# fraction of its size, so it may be larger. MPO is a JPEG with a second picture behind the first,
# which many phones write under the name of JPEG.
MAX_PIXELS = 24_000_000
MAX_PIXELS_OF = {"WEBP": 16_000_000, "JPEG": 150_000_000, "MPO": 150_000_000}
# A JPEG of several scans, as progressive ones are, is kept whole while it is read, at 3 to 8 bytes
# a pixel, and each scan goes over all of it. Programs write about ten.
MAX_PIXELS_IN_SCANS = 50_000_000
MAX_SCANS = 50
MAX_TILE_PIXELS = 4096 * 4096  # of a TIFF; programs write tiles some hundred pixels square
# Of damaged ones, libtiff up to 4.7.1 leaves pixels as they lay in memory, and says nothing.
FAX_COMPRESSIONS = {"tiff_ccitt", "group3", "group4", "tiff_raw_16"}
MIN_SIDE = 8
MAX_ASPECT = 20
LONGEST_EDGE = 1024  # of the array handed on: 28×28 needs no more, and every later stage is fast

REMEDY = "use a PNG, JPEG, WebP, GIF, BMP or TIFF picture"

_TILE_WIDTH, _TILE_LENGTH = 322, 323  # tags of a TIFF

# FF begins a marker of JPEG, unless 00 (a data byte FF), FF (filling) or D0 to D7 (restart) follows
_MARKER = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])")
_SCAN, _END, _LONE = b"\xda", b"\xd9", (b"\x01", b"\xd8")  # lone markers have no length


class PictureError(ValueError):
    """A file that cannot be used as a picture; the message is one sentence for the person."""


def import_formats() -> None:
    """Import Pillow's decoders now, rather than with the first picture that needs them."""
    Image.init()


def decode(data: bytes, name: str) -> NDArray[np.uint8]:
    """Decode the first frame of a picture file, upright, opaque and at a moderate size.

    Parameters
    ----------
    data : bytes
        The content of the file.
    name : str
        The name of the file, used in error messages only.

    Returns
    -------
    ndarray of shape (height, width, 3), uint8
        RGB, longest edge at most ``LONGEST_EDGE``.

    Raises
    ------
    PictureError
        If the file is empty, damaged, too large, too small or no picture at all.
    """
    check_bytes(data, name)
    announced = webp.canvas_size(data)
    if announced is not None:
        _check_size(announced, "WEBP", name)
    image = _open(data, name)
    _check_size(image.size, image.format or "", name)
    _check_storage(image, data, name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # warnings of odd metadata; real faults raise
            rgb = _opaque(_load_small(image))
    except MemoryError as error:
        raise PictureError(_too_much_memory(name)) from error
    except Exception as error:  # decoders raise almost anything on damaged data
        raise PictureError(
            f"{name} is damaged or cut short and cannot be decoded: save or download it again."
        ) from error
    if int(np.ptp(rgb, axis=(0, 1)).max()) <= 2:  # JPEG may turn one colour into neighbours
        raise PictureError(f"{name} is all one colour: {REMEDY} that shows one item of clothing.")
    return rgb


def check_bytes(data: bytes, name: str) -> None:
    """Raise PictureError if a file has no bytes, or too many."""
    if not data:
        raise PictureError(f"{name} is empty (0 bytes): choose a file with a picture in it.")
    if len(data) > MAX_BYTES:
        raise PictureError(
            f"{name} is too large ({len(data) / 2**20:.0f} MB, at most {MAX_BYTES // 2**20} MB): "
            "save it smaller."
        )


def _open(data: bytes, name: str) -> Image.Image:
    """Read the header only."""
    try:
        with warnings.catch_warnings():
            # our own limits are stricter than the size Pillow warns about
            warnings.simplefilter("ignore")
            return Image.open(io.BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureError(_too_many_pixels(name)) from error
    except MemoryError as error:
        raise PictureError(_too_much_memory(name)) from error
    except Exception as error:  # header parsers, too, raise almost anything
        raise PictureError(_not_a_picture(data, name)) from error


def _not_a_picture(data: bytes, name: str) -> str:
    start = data[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"<svg") or (start.startswith((b"<?xml", b"<!")) and b"<svg" in start):
        return f"{name} is an SVG drawing, which is not supported: export it as PNG."
    if _is_text(start):
        return f"{name} contains text, not a picture: {REMEDY}."
    return f"{name} is not a readable picture, or damaged at its beginning: {REMEDY}."


def _is_text(start: bytes) -> bool:
    """Whether bytes are UTF-8 without control characters; a last character may be cut in half."""
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return False
    return bool(text) and not any(ord(c) < 32 and c not in "\t\n\r\f\v" for c in text)


def _too_much_memory(name: str) -> str:
    return f"{name} takes too much memory to open: save it smaller."


def _too_many_pixels(name: str, size: str = "", limit: int = MAX_PIXELS) -> str:
    return (
        f"{name} has too many pixels{size}, at most {limit // 10**6} million: save it smaller, "
        "or as an ordinary JPEG."
    )


def _check_size(sides: tuple[int, int], picture_format: str, name: str) -> None:
    width, height = sides
    size = f"{width:,}×{height:,} pixels"
    limit = MAX_PIXELS_OF.get(picture_format, MAX_PIXELS)
    if width * height > limit:
        raise PictureError(_too_many_pixels(name, f" ({size})", limit))
    if min(width, height) < MIN_SIDE:
        raise PictureError(
            f"{name} is too small ({size}, at least {MIN_SIDE} on each side): use a larger picture."
        )
    if max(width, height) > MAX_ASPECT * min(width, height):
        raise PictureError(
            f"{name} is too long and narrow ({size}, at most {MAX_ASPECT}:1): crop it to the item."
        )


def _check_storage(image: Image.Image, data: bytes, name: str) -> None:
    """Refuse what takes far more memory or time than its size says, or is not read reliably."""
    tags = getattr(image, "tag_v2", {})
    if image.info.get("compression") in FAX_COMPRESSIONS:
        raise PictureError(f"{name} is compressed like a fax, which is not read: save it as PNG.")
    tile = _pixels(tags.get(_TILE_WIDTH, 0), tags.get(_TILE_LENGTH, 0))
    if tile > MAX_TILE_PIXELS:
        raise PictureError(
            f"{name} is stored in tiles of {tile:,} pixels, at most {MAX_TILE_PIXELS:,} are read: "
            "save it as PNG."
        )
    if image.format not in ("JPEG", "MPO"):
        return
    scans = _scans(data)
    if scans > MAX_SCANS:
        raise PictureError(
            f"{name} has more than {MAX_SCANS} scans, which no program writes: save it again."
        )
    in_scans = scans > 1 or "progressive" in image.info
    if in_scans and image.width * image.height > MAX_PIXELS_IN_SCANS:
        size = f" for a progressive JPEG ({image.width:,}×{image.height:,} pixels)"
        raise PictureError(_too_many_pixels(name, size, MAX_PIXELS_IN_SCANS))


def _pixels(width: object, height: object) -> int:
    """Area of a tile; 0 if the tags hold no numbers, which the decoder refuses itself."""
    return width * height if isinstance(width, int) and isinstance(height, int) else 0


def _scans(data: bytes) -> int:
    """Scans of the first picture in a JPEG file, counted to one more than are allowed."""
    at, count = 2, 0
    while count <= MAX_SCANS and (found := _MARKER.search(data, at)) and found[1] != _END:
        at = found.end()
        count += found[1] == _SCAN
        if found[1] not in _LONE:
            at += max(2, int.from_bytes(data[at : at + 2], "big"))
    return count


def _load_small(image: Image.Image) -> Image.Image:
    """Decode the first frame, turn it upright as EXIF says, and shrink it."""
    image.draft("RGB", (LONGEST_EDGE, LONGEST_EDGE))  # only JPEG and MPO act on it
    image.load()
    with suppress(Exception):  # a damaged EXIF block is no reason to refuse a good picture
        ImageOps.exif_transpose(image, in_place=True)
    image = _eight_bit(image)
    factor = max(image.size) // LONGEST_EDGE
    if factor > 1:
        image = image.reduce(factor)
    image.thumbnail((LONGEST_EDGE, LONGEST_EDGE))
    return image


def _eight_bit(image: Image.Image) -> Image.Image:
    """Turn palettes, bilevel and deep pixels into 8-bit channels, which can be averaged."""
    if image.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.mode in ("I", "F"):
        return _scaled(image)
    if image.mode in ("P", "L", "RGB") and "transparency" in image.info:
        return image.convert("RGBA")
    target = {"P": "RGB", "PA": "RGBA", "1": "L", "La": "LA"}.get(image.mode)
    return image.convert(target) if target else image


def _scaled(image: Image.Image) -> Image.Image:
    """Bring 32-bit pixels to 8 bit; they declare no range, so the usual ones are tried in turn."""
    values = np.nan_to_num(np.asarray(image, np.float32), posinf=0, neginf=0)
    low, top = min(float(values.min()), 0.0), float(values.max())
    ranges = (1.0, 255.0, 65535.0) if image.mode == "F" else (255.0, 65535.0)
    white = next((limit for limit in ranges if top <= limit), top)
    return Image.fromarray(((values - low) * (255 / (white - low))).astype(np.uint8))


def _opaque(image: Image.Image) -> NDArray[np.uint8]:
    """Lay a picture on white, or on black if what is visible is itself near white."""
    if not image.has_transparency_data:
        return np.asarray(image.convert("RGB"), np.uint8)
    rgba = np.asarray(image.convert("RGBA"), np.float32)
    colour, alpha = rgba[..., :3], rgba[..., 3:] / 255
    visible = float(alpha.sum())
    brightness = float((colour * alpha).sum()) / (3 * visible) if visible else 0.0
    ground = 0.0 if brightness > 215 and float(alpha.min()) < 0.5 else 255.0
    return np.rint(colour * alpha + ground * (1 - alpha)).astype(np.uint8)
