"""Changes that formats cannot tell from sound files: checksums and lengths are right again."""

import copy
import io
import json
import random
import re
import struct
import zipfile
import zlib
from contextlib import suppress
from typing import Any

PNG = b"\x89PNG\r\n\x1a\n"
DATE = (2000, 1, 1, 0, 0, 0)  # of all members of archives, so that a seed gives the same bytes
NASTY: list[Any] = [
    None, True, False, 0, -1, 1, 0.5, 1e308, -1e308, 1e-320, 2**31, 2**63, -(2**63), 10**400,
    float("nan"), float("inf"), "", " ", "²", "٣", "1e999", "nan", "1_0", "\0", "\ud800",
    "a" * 3000, "![a](http://x.test/p)", "<script>", "💥", "-", ",", [], {}, [[]], {"a": 1},
    [0] * 500, [None],
]  # fmt: skip


# PNG -----------------------------------------------------------------------------------------


def png_chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk with its right length and checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def joined_png_chunks(chunks: list[bytes]) -> bytes:
    """A PNG of these chunks."""
    return PNG + b"".join(chunks)


def split_png(data: bytes) -> list[tuple[bytes, bytes]]:
    """Kind and content of each whole chunk."""
    found, at = [], len(PNG)
    while at + 12 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        found.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + size]))
        at += 12 + size
    return found


def changed_png(data: bytes, rng: random.Random, change: Any) -> bytes:
    """One chunk changed, doubled, moved, removed or packed anew."""
    chunks = split_png(data)
    if not chunks:
        return data
    at = rng.randrange(len(chunks))
    kind, content = chunks[at]
    action = rng.randrange(6)
    if action == 0:
        chunks.insert(rng.randrange(len(chunks)), chunks[at])
    elif action == 1:
        del chunks[at]
    elif action == 2 and kind == b"IDAT":
        try:
            pixels = zlib.decompress(content)
        except zlib.error:
            pixels = content
        chunks[at] = kind, zlib.compress(change(pixels))
    elif action == 3:
        kinds = (b"tRNS", b"PLTE", b"iCCP", b"eXIf", b"acTL", b"fcTL", b"fdAT", b"iTXt", b"zTXt")
        chunks.insert(at, (rng.choice(kinds), change(content)))
    else:
        chunks[at] = kind, change(content)
    return joined_png_chunks([png_chunk(kind, content) for kind, content in chunks])


# TIFF and EXIF -------------------------------------------------------------------------------


def changed_tiff(data: bytes, rng: random.Random) -> bytes:
    """One entry of a directory of tags has another tag, type, count or value."""
    order = "<" if data[:2] == b"II" else ">"
    out = bytearray(data)
    try:
        (start,) = struct.unpack_from(f"{order}I", data, 4)
        (count,) = struct.unpack_from(f"{order}H", data, start)
        at = start + 2 + 12 * rng.randrange(max(count, 1))
        tag, kind, many, value = struct.unpack_from(f"{order}HHII", data, at)
        other = rng.choice([0, 1, 2, 3, 8, 16, 255, 65535, 2**31, 2**32 - 1, value + 1, value * 2])
        where = rng.randrange(4)
        if where == 0:
            tag = rng.choice([256, 257, 258, 259, 262, 273, 277, 278, 279, 284, 317, 322, 323, 339])
        elif where == 1:
            kind = rng.choice([0, 1, 2, 3, 4, 5, 9, 11, 12, 13, 16, 65535])
        elif where == 2:
            many = other
        else:
            value = other
        struct.pack_into(f"{order}HHII", out, at, tag, kind, many & 0xFFFFFFFF, value & 0xFFFFFFFF)
    except struct.error:  # a directory outside the file
        return data
    return bytes(out)


# JPEG ----------------------------------------------------------------------------------------


def changed_jpeg(data: bytes, rng: random.Random, change: Any) -> bytes:
    """One segment before the pixels changed, doubled, moved or removed, its length right."""
    segments, at = [], 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != 0xDA:
        size = int.from_bytes(data[at + 2 : at + 4], "big")
        segments.append((data[at + 1], data[at + 4 : at + 2 + size]))
        at += 2 + size
    if not segments:
        return data
    rest, chosen = data[at:], rng.randrange(len(segments))
    marker, content = segments[chosen]
    action = rng.randrange(4)
    if action == 0:
        segments.insert(rng.randrange(len(segments)), segments[chosen])
    elif action == 1:
        del segments[chosen]
    elif action == 2:
        segments[chosen] = (
            rng.choice([0xC0, 0xC1, 0xC2, 0xC4, 0xDB, 0xDD, 0xE0, 0xE1, 0xEE]),
            content,
        )
    else:
        segments[chosen] = marker, change(content)[:65533]
    body = b"".join(
        bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content
        for marker, content in segments
    )
    return data[:2] + body + rest


# ZIP -----------------------------------------------------------------------------------------


def members(data: bytes) -> dict[str, bytes]:
    """Names and contents of an archive."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return {name: file.read(name) for name in file.namelist()}


def zipped(parts: dict[str, bytes], packing: int = zipfile.ZIP_STORED) -> bytes:
    """An archive with the right checksums and always the same date."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, content in parts.items():
            file.writestr(zipfile.ZipInfo(name, DATE), content, packing)
    return buffer.getvalue()


# JSON ----------------------------------------------------------------------------------------


def changed_json(value: Any, rng: random.Random) -> Any:
    """One place in a tree of JSON values: swapped for a nasty one, removed, doubled or nested."""
    places = list(_places(value))
    if not places:
        return nasty(rng)
    holder, key = rng.choice(places)
    action = rng.randrange(8)
    if action == 0:
        del holder[key]
    elif action == 1:
        holder[key] = [holder[key]] if rng.random() < 0.5 else nested(rng)
    elif action == 2 and isinstance(holder, dict):
        holder[str(nasty(rng))] = holder.pop(key)
    elif action == 3 and type(holder[key]) in (int, float):
        with suppress(OverflowError):
            holder[key] = holder[key] * rng.choice([-1, 2, 10, 1000, 0.5, 1e6])
    elif action == 4:
        other, other_key = rng.choice(places)
        with suppress(RecursionError):
            holder[key] = copy.deepcopy(other[other_key])  # itself it might hold this place
    else:
        holder[key] = nasty(rng)
    return value


def nasty(rng: random.Random) -> Any:
    """A value that code may not be ready for."""
    return copy.deepcopy(rng.choice(NASTY))


def nested(rng: random.Random) -> Any:
    """Lists in lists, as deep as a parser just bears or not at all."""
    value: Any = 1
    for _ in range(rng.choice([3, 90, 900, 980])):
        value = [value]
    return value


def to_json(value: Any) -> bytes:
    """JSON of whatever it is; what cannot be written is left out."""
    try:
        return json.dumps(value).encode()
    except (ValueError, RecursionError):
        return b"[" * 3000


def _places(value: Any) -> Any:
    """Every (holder, key) of a tree."""
    waiting = [value]
    while waiting:
        holder = waiting.pop()
        keys = (
            holder
            if isinstance(holder, dict)
            else range(len(holder))
            if isinstance(holder, list)
            else ()
        )
        for key in keys:
            yield holder, key
            waiting.append(holder[key])


def with_numbers(data: bytes, rng: random.Random) -> bytes:
    """Some 32-bit numbers of the arrays are large ones, or none."""
    out = bytearray(data)
    value = rng.choice([1e10, 1e20, 1e38, -1e38, 3.4e38, 1e-45, float("nan"), float("inf")])
    for _ in range(rng.choice([1, 10, 1000])):
        # Behind the headers, as far as there is something.
        struct.pack_into("<f", out, rng.randrange(min(4096, len(out) - 4), len(out) - 3, 4), value)
    return bytes(out)


# HDF5 ----------------------------------------------------------------------------------------


def changed_hdf5(data: bytes, rng: random.Random, change: Any) -> bytes:
    """A change near something with a meaning: a node of a tree, a heap, a header, a data type."""
    marks = [b"TREE", b"SNOD", b"HEAP", b"OHDR", b"\x89HDF", b"vars", b"\x11\x20", b"\x08\x00\x18"]
    mark = rng.choice(marks)
    places = [found.start() for found in re.finditer(re.escape(mark), data)]
    if not places:
        return bytes(change(data))
    start = rng.choice(places)
    end = min(len(data), start + rng.choice([8, 32, 120]))
    return data[:start] + change(data[start:end]) + data[end:]
