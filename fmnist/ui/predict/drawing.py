"""What the canvas reports, as a picture. It comes from a browser, so it can be anything."""

import base64
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fmnist.ui.predict.outlines import SIZE

MAX_CHARACTERS = 4 * SIZE * SIZE  # of the address that holds the PNG; a drawing takes some 20,000


def picture_of(drawing: object) -> NDArray[np.uint8] | None:
    """The strokes, white on black.

    Parameters
    ----------
    drawing : as the canvas has it: ``raw`` with the objects drawn, ``data`` with their PNG's URL

    Returns
    -------
    ndarray of shape (SIZE, SIZE, 3), uint8, or None
        None while nothing is drawn, if nothing white is left, or if this is no drawing.
    """
    raw = drawing.get("raw") if isinstance(drawing, dict) else None
    if not isinstance(drawing, dict) or not isinstance(raw, dict) or not raw.get("objects"):
        return None
    url = drawing.get("data")
    if not isinstance(url, str) or len(url) > MAX_CHARACTERS:
        return None
    try:
        rgba = _decoded(base64.b64decode(url.partition(",")[2]))
    except Exception:  # Pillow raises almost anything on damaged data
        return None
    picture = (rgba[..., :3] * rgba[..., 3:] // 255).astype(np.uint8)
    return picture if picture.shape == (SIZE, SIZE, 3) and picture.max() > 128 else None


def _decoded(content: bytes) -> NDArray[np.uint16]:
    """RGBA of a PNG of the canvas's size."""
    image = Image.open(io.BytesIO(content), formats=("PNG",))
    if image.size != (SIZE, SIZE):  # before any pixel is decoded
        raise ValueError("a picture of another size")
    return np.asarray(image.convert("RGBA")).astype(np.uint16)
