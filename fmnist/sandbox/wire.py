"""Messages between us and a process that opens files: a JSON object, and bytes behind it.

A file may have taken over the process that opened it. Nothing received is therefore executed or
unpickled, and nothing longer than expected is read.
"""

import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

LENGTHS = struct.Struct(">II")  # of the JSON and of what follows it, in bytes
MAX_HEADER_BYTES = 64 * 1024


class WireError(ValueError):
    """The other side ended, or sent no message, or one longer than allowed."""


def send(stream: BinaryIO, header: Mapping[str, Any], parts: Sequence[bytes | memoryview]) -> None:
    """Write one message. Raises OSError if nobody reads it."""
    text = json.dumps(header).encode()
    stream.write(LENGTHS.pack(len(text), sum(len(part) for part in parts)))
    stream.write(text)
    for part in parts:
        stream.write(part)
    stream.flush()


def receive(stream: BinaryIO, most: int) -> tuple[dict[str, Any], bytes]:
    """Read one message with at most `most` bytes behind its header. Raises WireError."""
    header_bytes, size = LENGTHS.unpack(_read(stream, LENGTHS.size))
    if header_bytes > MAX_HEADER_BYTES or size > most:
        raise WireError(f"a message of {header_bytes:,} and {size:,} bytes")
    try:
        header = json.loads(_read(stream, header_bytes))
    except (ValueError, RecursionError) as problem:
        raise WireError("a header that is not JSON") from problem
    if not isinstance(header, dict):
        raise WireError("a header that is not an object")
    return header, _read(stream, size)


def _read(stream: BinaryIO, size: int) -> bytes:
    content = stream.read(size)
    if len(content) != size:
        raise WireError("the end in the middle of a message")
    return content
