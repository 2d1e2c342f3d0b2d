"""Changes of bytes that know nothing of a format, and the mixtures for each kind of file."""

import json
import random
import struct
import zipfile
from urllib.parse import parse_qsl, quote, urlencode

from tests.fuzz import structure
from tests.fuzz.corpus_records import split_message

MAX_BYTES = 1 << 20
EDGES = (0, 1, 0x7F, 0x80, 0xFE, 0xFF)
LENGTHS = (0, 1, 2, 0x7F, 0xFF, 0x100, 0x7FFF, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def changed(data: bytes, rng: random.Random, others: list[bytes] = ()) -> bytes:  # type: ignore[assignment]
    """One to six changes, most of them near the beginning, where headers are."""
    out = bytearray(data)
    for _ in range(rng.choice([1, 1, 1, 2, 3, 6])):
        _change(out, rng, others)
    return bytes(out[:MAX_BYTES])


def _change(out: bytearray, rng: random.Random, others: list[bytes]) -> None:
    at = int(len(out) * rng.random() ** rng.choice([1, 2, 4]))
    end = min(len(out), at + rng.choice([1, 2, 4, 8, 16, 64, 256, 4096]))
    action = rng.randrange(9)
    if action == 0 and out:
        out[at] ^= 1 << rng.randrange(8)
    elif action == 1 and out:
        out[at] = rng.choice([*EDGES, rng.randrange(256)])
    elif action == 2:  # a number that may be a length, of 1, 2, 4 or 8 bytes
        form = rng.choice("BHIQ")
        size, order = struct.calcsize(form), rng.choice("<>")
        number = rng.choice([*LENGTHS, len(out), 2**63, 2**64 - 1]) & (256**size - 1)
        out[at : at + size] = struct.pack(order + form, number)
    elif action == 3:
        del out[at:end]
    elif action == 4 and rng.random() < 0.5:
        del out[at:]
    elif action == 5:
        out[at:at] = out[at:end] * rng.choice([1, 1, 2, 50])
    elif action == 6:
        out[at:at] = rng.randbytes(rng.choice([1, 3, 16, 300]))
    elif action == 7 and others:  # a piece of another file
        other = rng.choice(others)
        start = rng.randrange(len(other) + 1)
        piece = other[start : start + rng.choice([4, 32, 500, len(other)])]
        out[at : end if rng.random() < 0.5 else at] = piece
    else:  # two pieces change places
        start = rng.randrange(len(out) + 1)
        first, second = bytes(out[at:end]), bytes(out[start : start + end - at])
        out[start : start + len(second)] = first
        out[at:end] = second


def picture(rng: random.Random, corpus: list[bytes]) -> bytes:
    """A picture with changes in its structure, or in its bytes."""
    data = rng.choice(corpus)

    def change(content: bytes) -> bytes:
        return changed(content, rng, corpus)

    if rng.random() < 0.02:
        return data
    if data.startswith(structure.PNG) and rng.random() < 0.9:
        for _ in range(rng.choice([1, 1, 2, 4])):
            data = structure.changed_png(data, rng, change)
        return data[:MAX_BYTES]
    if data[:2] in (b"II", b"MM") and rng.random() < 0.6:
        for _ in range(rng.choice([1, 1, 2, 4])):
            data = structure.changed_tiff(data, rng)
        return data if rng.random() < 0.7 else change(data)
    if data.startswith(b"\xff\xd8") and rng.random() < 0.5:
        return structure.changed_jpeg(data, rng, change)[:MAX_BYTES]
    return change(data)


def model(rng: random.Random, corpus: list[bytes]) -> bytes:
    """A ``.keras`` archive: itself changed, or one of its members with the right checksum."""
    data = rng.choice(corpus)
    if rng.random() < 0.25:
        return changed(data, rng, corpus) if rng.random() < 0.95 else data
    parts = structure.members(data)
    action = rng.random()
    if action < 0.35:
        config = structure.changed_json(json.loads(parts["config.json"]), rng)
        parts["config.json"] = structure.to_json(config)
    elif action < 0.85:
        weights = parts["model.weights.h5"]
        if action < 0.45:
            weights = structure.with_numbers(weights, rng)
        else:
            weights = structure.changed_hdf5(
                weights, rng, lambda piece: changed(piece, rng, [weights])
            )
        parts["model.weights.h5"] = weights
    elif action < 0.9:
        name = rng.choice(list(parts))
        parts[rng.choice(["../x", "config.json/", name.upper(), "\0", "a" * 500])] = parts.pop(name)
    else:
        name = rng.choice(list(parts))
        parts[name] = changed(parts[name], rng, corpus)
    packings = [zipfile.ZIP_STORED, zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2]
    return structure.zipped(parts, rng.choice(packings))


def kernel(rng: random.Random, corpus: list[bytes]) -> bytes:
    """An ``.npz``: itself changed, or one of its arrays."""
    data = rng.choice(corpus)
    if rng.random() < 0.3:
        return changed(data, rng, corpus)
    parts = structure.members(data)
    name = rng.choice(list(parts))
    parts[name] = changed(parts[name], rng, list(parts.values()))
    return structure.zipped(parts)


def json_file(rng: random.Random, corpus: list[bytes]) -> bytes:
    """A JSON file with other values, or with other bytes."""
    data = rng.choice(corpus)
    if rng.random() < 0.3:
        return changed(data, rng, corpus)
    value = json.loads(data)
    for _ in range(rng.choice([1, 1, 2, 3])):
        value = structure.changed_json(value, rng)
    return structure.to_json(value)


def lines(rng: random.Random, corpus: list[bytes]) -> bytes:
    """Events, one JSON object a line: changed, doubled, moved, removed."""
    data = rng.choice(corpus)
    if rng.random() < 0.2:
        return changed(data, rng, corpus)
    events = data.splitlines(keepends=True)
    for _ in range(rng.choice([1, 2, 4, 12])):
        at = rng.randrange(len(events))
        action = rng.randrange(8)
        if action == 0:
            events.insert(rng.randrange(len(events)), events[at])
        elif action == 1 and len(events) > 1:
            del events[at]
        elif action == 2:
            events[at] = changed(events[at], rng, corpus)
        elif events[at].startswith(b"{"):
            events[at] = _changed_line(events[at], rng)
    return b"".join(events)[:MAX_BYTES]


def _changed_line(line: bytes, rng: random.Random) -> bytes:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return line
    return structure.to_json(structure.changed_json(value, rng)) + b"\n"


def query(rng: random.Random, corpus: list[bytes]) -> bytes:
    """The query of an address: other values, names and bytes."""
    data = rng.choice(corpus)
    if rng.random() < 0.3:
        return changed(data, rng, corpus)
    pairs = parse_qsl(data.decode(), keep_blank_values=True)
    for _ in range(rng.choice([1, 1, 2, 3])):
        at = rng.randrange(len(pairs))
        name, value = pairs[at]
        action = rng.randrange(4)
        if action == 0:
            pairs[at] = name, str(structure.nasty(rng))
        elif action == 1:
            pairs.insert(at, (name, str(structure.nasty(rng))))
        elif action == 2:
            pairs[at] = rng.choice(pairs)[0], value
        else:
            pairs[at] = (
                name,
                changed(value.encode(errors="replace"), rng, corpus).decode(errors="replace"),
            )
    safe = [(name, value.encode(errors="replace").decode()) for name, value in pairs]
    return urlencode(safe, quote_via=quote).encode()


def message(rng: random.Random, corpus: list[bytes]) -> bytes:
    """A message of the sandbox: another header, other bytes behind it, or other lengths."""
    data = rng.choice(corpus)
    if rng.random() < 0.2:
        return changed(data, rng, corpus)
    header, content = split_message(data)
    if rng.random() < 0.8:
        header = structure.to_json(structure.changed_json(json.loads(header), rng))
    if rng.random() < 0.5:
        content = changed(content, rng, corpus)
    return struct.pack(">II", len(header), len(content)) + header + content
