import io

import numpy as np
import pytest
from PIL import Image

from fmnist.ui.parts.tiles import png


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 3)])
def test_png_holds_exactly_the_pixels(shape: tuple[int, ...]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    assert np.array_equal(np.array(Image.open(io.BytesIO(png(pixels)))), pixels)
