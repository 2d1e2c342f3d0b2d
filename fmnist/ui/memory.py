"""Keeps the server's memory small, where the C library is glibc."""

import ctypes
import platform

# Parameters of mallopt, as <malloc.h> numbers them.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
_ARENAS = 2
_BYTES = 128 * 1024


def return_freed_memory() -> None:
    """Have freed memory go back to the system at once; nothing to do elsewhere than on glibc.

    Left alone, glibc gives every thread an arena of its own, up to eight for each core, and raises
    its thresholds with the largest block that was ever freed. Each keeps memory that Python has
    freed: 60 MB after some visits. See the page mallopt(3) of the Linux manual.
    """
    if platform.libc_ver()[0] != "glibc":
        return
    library = ctypes.CDLL(None)
    library.mallopt(_ARENA_MAX, _ARENAS)
    library.mallopt(_TRIM_THRESHOLD, _BYTES)
    library.mallopt(_MMAP_THRESHOLD, _BYTES)
