"""Types of arrays, and pixels as bytes and as brightness."""

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
