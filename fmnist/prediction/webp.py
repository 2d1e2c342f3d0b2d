"""The size of a WebP picture from its header alone.

Pillow makes room for all pixels, twice, before it tells a size. A file of some bytes can announce
16,383 × 16,383 pixels, so its header is read first. Layout: RFC 9649, sections 2.5 to 2.7.
"""

import struct


def canvas_size(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels; None if this is no WebP or its header is cut short."""
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP" or len(data) < 30:
        return None
    kind = data[12:16]
    if kind == b"VP8X":  # two numbers of 24 bits, each one less than the side
        width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
        return width, height
    if kind == b"VP8 ":  # two numbers of 14 bits; the two bits above each are a scale
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L":  # two numbers of 14 bits in a row, each one less than the side
        (bits,) = struct.unpack_from("<I", data, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return None
