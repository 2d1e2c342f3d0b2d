"""Keeps the memory of the web process small."""

import ctypes
import mmap
import platform
import tempfile

import numpy as np

from fmnist.arrays import UInt8

# Parameters of mallopt, as <malloc.h> numbers them.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
_ARENAS = 2
_BYTES = 128 * 1024


def return_freed_memory() -> None:
    """Have freed memory go back to the system at once; nothing to do elsewhere than on glibc.

    Left alone, glibc gives threads arenas of their own, up to eight for each core, and raises its
    thresholds with the largest block that was ever freed. Each arena keeps memory that Python has
    freed: 60 MB after some visits. See the page mallopt(3) of the Linux manual.
    """
    if platform.libc_ver()[0] != "glibc":
        return
    library = ctypes.CDLL(None)
    library.mallopt(_ARENA_MAX, _ARENAS)
    library.mallopt(_TRIM_THRESHOLD, _BYTES)
    library.mallopt(_MMAP_THRESHOLD, _BYTES)


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
