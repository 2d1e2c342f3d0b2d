"""Types of arrays, pixels as bytes and as brightness, and arrays read from files."""

import io
import math
import re
import zipfile
from typing import Any

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Floats = NDArray[np.floating]  # float32 wherever it matters; NumPy may widen on the way
Int64 = NDArray[np.int64]
UInt8 = NDArray[np.uint8]
Bool = NDArray[np.bool_]
Mask = Bool


def scale(pixels: UInt8) -> Float32:
    """Pixels divided by 255: float32 in [0, 1], same shape."""
    return pixels.astype(np.float32) / np.float32(255)


def as_bytes(level: Floats) -> UInt8:
    """Brightness in [0, 1] as uint8, rounded, same shape."""
    return np.rint(level * 255).astype(np.uint8)


# Reading -------------------------------------------------------------------------------------

# NumPy itself takes such a header for Python and asks the parser of Python for its tree. In
# Python 3.11 that fails in one thread if a collection of garbage lets another thread ask as well
# (SystemError, "AST constructor recursion depth mismatch"), which a web server's threads do.
HEADER = re.compile(
    rb"\{'descr': '([<>|][biuf]\d{1,2})', 'fortran_order': (True|False), "
    rb"'shape': \(((?:\d{1,15}, ?)*(?:\d{1,15})?)\), \} *\n"
)
START = b"\x93NUMPY\x01\x00"  # of version 1.0 of the format


def read_npz(content: bytes, limit: int) -> dict[str, NDArray[Any]]:
    """Arrays of plain numbers in an ``.npz``, as `numpy.savez` writes it; never pickles.

    Parameters
    ----------
    limit : what the arrays may take in all, in bytes

    Raises
    ------
    ValueError, zipfile.BadZipFile and, since a flipped bit can make an archive ask for anything,
    nearly every other error: it is damaged, too large, or holds something else.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(item.file_size for item in archive.infolist()) > limit:
            raise ValueError(f"its arrays take more than {limit:,} bytes")
        return {
            name.removesuffix(".npy"): read_npy(archive.read(name)) for name in archive.namelist()
        }


def read_npy(content: bytes) -> NDArray[Any]:
    """An array of plain numbers in an ``.npy``; no header can ask for more than `content` has.

    Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html

    Raises
    ------
    ValueError
        If it is anything else.
    """
    begin = len(START) + 2
    data = begin + int.from_bytes(content[len(START) : begin], "little")
    header = HEADER.fullmatch(content[begin:data])
    if not content.startswith(START) or header is None:
        raise ValueError("it holds no array of plain numbers")
    dtype = np.dtype(header[1].decode())
    shape = tuple(int(size) for size in header[3].split(b",") if size.strip())
    if math.prod(shape) * dtype.itemsize != len(content) - data:
        raise ValueError("it does not hold as many numbers as its header says")
    flat = np.frombuffer(content, dtype, offset=data)
    return flat.reshape(shape, order="F" if header[2] == b"True" else "C").copy()
