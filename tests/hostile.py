"""Files made to do harm: small to send, and costly to open."""

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import h5py
import numpy as np
from PIL import Image

from fmnist.network import Network
from tests.archives import archive, configuration, weights_file

# archives ------------------------------------------------------------------------------------


def with_kernel(network: Network, add: Callable[[Any], None]) -> bytes:
    """An archive whose first kernel is made by ``add(group)`` instead, as data set "0"."""
    buffer = io.BytesIO(weights_file(network))
    with h5py.File(buffer, "r+") as file:
        group = file["layers/dense/vars"]
        del group["0"]
        add(group)
    return archive(network, weights=buffer.getvalue())


def tiny_chunks(network: Network, side: int = 1000) -> bytes:
    """A kernel in `side`² chunks of one number each, none of them stored."""
    return with_kernel(
        network, lambda group: group.create_dataset("0", (side, side), "f4", chunks=(1, 1))
    )


def huge_chunk(network: Network) -> bytes:
    """A kernel of the right shape in one chunk of 4 GB, packed twice into some kilobytes."""
    shape, side = network.layers[0].kernel.shape, 32_000

    def add(group: Any) -> None:
        kernel = group.create_dataset(
            "0", shape, "f4", chunks=(side, side), maxshape=(None, None), compression="gzip"
        )
        kernel.id.write_direct_chunk((0, 0), packed_zeros(side * side * 4))

    return with_kernel(network, add)


def packed_zeros(size: int) -> bytes:
    """A zlib stream of zero bytes, made without compressing them all; size in whole 64,000s."""
    block = 64_000
    assert size % block == 0
    packer = zlib.compressobj(wbits=-15)
    packed = packer.compress(bytes(block)) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = struct.pack(">HH", size % 65521, 1)  # Adler-32 of nothing but zeros
    return b"\x78\x9c" + packed * (size // block) + packer.flush() + checksum


def many_members(count: int) -> bytes:
    """An archive of nothing but a long table of contents."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("config.json", "{}")
    content = buffer.getvalue()
    at = content.index(b"PK\x01\x02")
    end = content.index(b"PK\x05\x06")
    entry = content[at:end]
    return (
        content[:at]
        + entry * count
        + b"PK\x05\x06"
        + struct.pack("<HHHHIIH", 0, 0, 65535, 65535, len(entry) * count, at, 0)
    )


def long_configuration(network: Network, layers: int) -> bytes:
    """An archive with that many layers that do nothing between first and last."""
    config = configuration(network)
    config["config"]["layers"][2:2] = [{"class_name": "Dropout", "config": {}}] * layers
    return archive(network, config=config)


def deep_brackets(depth: int) -> bytes:
    """An archive whose configuration is nested that deeply."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("config.json", b"[" * depth)
        file.writestr("model.weights.h5", b"")
        file.writestr("metadata.json", json.dumps({}))
    return buffer.getvalue()


# pictures ------------------------------------------------------------------------------------


def noise_jpeg(width: int, height: int, **options: Any) -> bytes:
    """A JPEG with something in each of its blocks, cheap to make."""
    rng = np.random.default_rng(0)
    small = rng.integers(0, 256, (max(1, height // 16), max(1, width // 16), 3), np.uint8)
    image = Image.fromarray(small).resize((width, height), Image.Resampling.NEAREST)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=30, **options)
    return buffer.getvalue()


def progressive_jpeg(width: int = 15_000, height: int = 10_000) -> bytes:
    """150 megapixels, all of whose coefficients a decoder has to keep; grey, so small to send."""
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), (120, 30, 30)).save(
        buffer, "JPEG", progressive=True, subsampling=0
    )
    return buffer.getvalue()


def repeated_scans(width: int, height: int, times: int) -> bytes:
    """A progressive JPEG whose last scan stands there many times."""
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), (120, 30, 30)).save(buffer, "JPEG", progressive=True)
    content = buffer.getvalue()
    last = content.rindex(b"\xff\xda")
    # The scan may need Huffman tables of its own, which stand right before it.
    tables = content.rindex(b"\xff\xc4", 0, last)
    start = tables if not content.count(b"\xff\xda", tables, last) else last
    scan = content[last:-2]
    return content[:start] + content[start:last] + scan * times + b"\xff\xd9"


def webp_header(kind: bytes, width: int, height: int) -> bytes:
    """The beginning of a WebP picture, with its size as each of the three kinds writes it."""
    if kind == b"VP8X":
        body = bytes(4) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    elif kind == b"VP8L":
        body = b"\x2f" + struct.pack("<I", width - 1 | height - 1 << 14)
    else:
        body = b"\x90\x06\x00\x9d\x01\x2a" + struct.pack("<HH", width, height)
    chunk = kind + struct.pack("<I", 300) + body.ljust(300, b"\0")
    return b"RIFF" + struct.pack("<I", len(chunk) + 4) + b"WEBP" + chunk


def tiff_of_one_tile(width: int, height: int, tile: int) -> bytes:
    """A grey TIFF whose only tile is far larger than the picture, LZW-packed."""
    packed = zlib.compress(bytes(1000))
    tags = [
        (256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 8),
        (262, 3, 1, 1), (277, 3, 1, 1), (322, 4, 1, tile), (323, 4, 1, tile),
    ]  # fmt: skip
    offset = 8 + 2 + 12 * (len(tags) + 2) + 4
    tags += [(324, 4, 1, offset), (325, 4, 1, len(packed))]
    body = b"".join(
        struct.pack("<HHI", tag, kind, count)
        + (struct.pack("<HH", value, 0) if kind == 3 else struct.pack("<I", value))
        for tag, kind, count, value in tags
    )
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + body + bytes(4) + packed


def empty_segments(count: int) -> bytes:
    """A JPEG of nothing but empty application data, of which Pillow keeps a list."""
    return b"\xff\xd8" + b"\xff\xe5\x00\x02" * count + b"\xff\xd9"
