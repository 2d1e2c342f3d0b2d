"""Small pictures of every format and mode that is accepted, and of some that are not."""

import io
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import numpy as np
from PIL import Image, ImageCms

from tests.fuzz.structure import joined_png_chunks, png_chunk
from tests.hostile import empty_segments, repeated_scans, tiff_of_one_tile

WIDTH, HEIGHT = 26, 18


def pictures() -> list[bytes]:
    """All pictures of the corpus, about eighty, of some kilobytes together at most."""
    return [*_pngs(), *_jpegs(), *_tiffs(), *_webps(), *_others()]


def drawings() -> list[bytes]:
    """What the drawing canvas sends: PNG pictures of its size."""
    scene = np.zeros((336, 336, 4), np.uint8)
    scene[60:280, 80:250] = 255
    image = Image.fromarray(scene)
    small = image.resize((60, 60))
    pngs = [image, image.convert("RGB"), image.quantize(4), small]
    return [*(_packed(each, "PNG") for each in pngs), _packed(image, "GIF")]


def scene() -> Image.Image:
    """A red item on a pale ground with some noise, RGB."""
    rng = np.random.default_rng(0)
    pixels = np.full((HEIGHT, WIDTH, 3), 230, np.int16) + rng.integers(-20, 20, (HEIGHT, WIDTH, 3))
    pixels[4:14, 6:20] = (180, 30, 40)
    return Image.fromarray(pixels.astype(np.uint8))


def _packed(image: Image.Image, form: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def _exif(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = "a description"
    return exif


def _see_through() -> Image.Image:
    rgba = np.dstack([np.asarray(scene()), np.full((HEIGHT, WIDTH), 255, np.uint8)])
    rgba[:3, :, 3], rgba[3, :, 3] = 0, 128
    return Image.fromarray(rgba)


def _sixteen_bit() -> Image.Image:
    return Image.fromarray(np.asarray(scene().convert("L")).astype(np.uint16) * 257)


def _frames() -> list[Image.Image]:
    return [scene().rotate(angle) for angle in (10, 20)]


def _icc() -> bytes:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile[:24] + bytes(12) + profile[36:]  # without the date at which it was made


def _pngs() -> Iterator[bytes]:
    rgb = scene()
    for mode in ("1", "L", "P", "RGB", "RGBA", "LA"):
        yield _packed(rgb.convert(mode), "PNG")
    yield _packed(_see_through(), "PNG")
    yield _packed(_sixteen_bit(), "PNG")
    for bits in (1, 2, 4):
        yield _packed(rgb.quantize(2**bits), "PNG", bits=bits)
    yield _packed(rgb.quantize(8), "PNG", transparency=0)
    yield _packed(rgb.quantize(8), "PNG", transparency=bytes([0, 128, 255]))
    yield _packed(rgb.convert("L"), "PNG", transparency=7)
    yield _packed(rgb, "PNG", transparency=(1, 2, 3), dpi=(300, 300), icc_profile=_icc())
    yield _packed(rgb, "PNG", save_all=True, append_images=_frames())  # animated
    for orientation in (0, 5, 9):
        yield _packed(rgb, "PNG", exif=_exif(orientation))
    for depth, colour, size in ((16, 2, 6), (16, 6, 8), (16, 4, 4), (16, 0, 2), (8, 4, 2)):
        yield _raw_png(depth, colour, size)
    yield _raw_png(8, 2, 3, interlace=1)


def _raw_png(depth: int, colour: int, bytes_a_pixel: int, interlace: int = 0) -> bytes:
    """A PNG of a kind that Pillow does not write."""
    header = WIDTH.to_bytes(4, "big") + HEIGHT.to_bytes(4, "big")
    header += bytes([depth, colour, 0, 0, interlace])
    # Of numbers that filters of rows have as well, so that rows may begin anywhere.
    size = (1 + WIDTH * bytes_a_pixel) * HEIGHT * (1 + interlace)
    pixels = np.random.default_rng(colour).integers(0, 5, size, np.uint8).tobytes()
    text = png_chunk(b"tEXt", b"Comment\0text") + png_chunk(b"zTXt", b"C\0\0" + zlib.compress(b"x"))
    chunks = [png_chunk(b"IHDR", header), text, png_chunk(b"IDAT", zlib.compress(pixels))]
    return joined_png_chunks([*chunks, png_chunk(b"IEND", b"")])


def _jpegs() -> Iterator[bytes]:
    rgb = scene()
    for mode in ("L", "RGB", "CMYK"):
        for progressive in (False, True):
            yield _packed(rgb.convert(mode), "JPEG", progressive=progressive)
    for sampling in (0, 1, 2):
        yield _packed(rgb, "JPEG", subsampling=sampling, optimize=True)
    for orientation in range(1, 9):
        yield _packed(rgb, "JPEG", exif=_exif(orientation), quality=30)
    yield _packed(rgb, "JPEG", icc_profile=_icc(), comment=b"a comment", dpi=(72, 72))
    yield _packed(rgb, "JPEG", restart_marker_blocks=1)
    yield _packed(rgb.convert("YCbCr"), "JPEG", keep_rgb=False)
    yield _packed(rgb, "MPO", save_all=True, append_images=_frames(), exif=_exif(6))


def _tiffs() -> Iterator[bytes]:
    rgb = scene()
    for mode in ("1", "L", "P", "RGB", "RGBA", "CMYK", "LA", "YCbCr", "LAB"):
        yield _packed(rgb.convert("L").convert("LA") if mode == "LA" else _in_mode(mode), "TIFF")
    for mode in ("I", "F"):
        yield _packed(rgb.convert("L").convert(mode), "TIFF")
    yield _packed(_sixteen_bit(), "TIFF")
    nan = np.asarray(rgb.convert("L"), np.float32) / 255
    nan[0, :3] = np.nan, np.inf, -np.inf
    yield _packed(Image.fromarray(nan), "TIFF")
    for packing in ("tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg", "lzma", "zstd"):
        with suppress(OSError):  # not every libtiff has all of them
            yield _packed(rgb, "TIFF", compression=packing)
    for packing in ("group3", "group4", "tiff_ccitt"):
        yield _packed(rgb.convert("1"), "TIFF", compression=packing)
    yield _packed(rgb, "TIFF", save_all=True, append_images=_frames())
    yield _packed(rgb, "TIFF", exif=_exif(8), icc_profile=_icc(), dpi=(300, 300))
    yield _packed(rgb, "TIFF", big_tiff=True)


def _in_mode(mode: str) -> Image.Image:
    if mode != "LAB":
        return scene().convert(mode)
    lab = ImageCms.createProfile("LAB", 5000)
    image = ImageCms.profileToProfile(
        scene(), ImageCms.createProfile("sRGB"), lab, outputMode="LAB"
    )
    del image.info["icc_profile"]  # it has the date at which it was made
    return image


def _webps() -> Iterator[bytes]:
    rgb = scene()
    for image in (rgb, _see_through()):
        for lossless in (False, True):
            yield _packed(image, "WEBP", lossless=lossless)
    yield _packed(rgb, "WEBP", save_all=True, append_images=_frames(), duration=40)
    yield _packed(rgb, "WEBP", exif=_exif(3), icc_profile=_icc(), xmp=b"<x/>")


def _others() -> Iterator[bytes]:
    rgb = scene()
    yield _packed(rgb.quantize(16), "GIF", interlace=True, transparency=0, comment=b"a comment")
    yield _packed(rgb, "GIF", save_all=True, append_images=_frames(), duration=40, disposal=2)
    for mode in ("1", "L", "P", "RGB", "RGBA"):
        yield _packed(rgb.convert(mode), "BMP")
    yield tiff_of_one_tile(64, 64, 60_000)
    yield repeated_scans(64, 64, 60)
    yield empty_segments(200)
    yield b'<svg xmlns="http://www.w3.org/2000/svg"/>'
    yield _packed(rgb, "PPM") + b"text"
    yield _packed(rgb, "ICO")
