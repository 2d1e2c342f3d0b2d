"""Keeps large arrays on disk, so that the web process stays small."""

import mmap
import tempfile

import numpy as np

from fmnist.arrays import UInt8


def on_disk(array: UInt8) -> UInt8:
    """A read-only copy in a temporary file; what is looked at is read from there.

    The file has no name and goes with the array. Without room for it the array itself is returned.
    """
    try:
        with tempfile.TemporaryFile() as file:
            file.write(array.data)
            file.flush()
            mapping = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError:
        return array
    return np.ndarray(array.shape, array.dtype, buffer=mapping)


def release(array: UInt8) -> None:
    """Give back the memory of an array from `on_disk`; it is read again when it is looked at."""
    if isinstance(array.base, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        array.base.madvise(mmap.MADV_DONTNEED)
