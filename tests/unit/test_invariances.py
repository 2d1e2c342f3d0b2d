"""What must not matter to the pipeline: colours, place, size and border, compression, mirrors."""

import io
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from fmnist import standin
from fmnist.arrays import UInt8
from fmnist.prediction.options import Options
from fmnist.prediction.pixels import shrunk
from fmnist.prediction.preprocess import PHOTO_EDGE, preprocess
from fmnist.synthetic.recoloured import COLOURS, photo

pytestmark = pytest.mark.slow
PHOTO = Options(kind="photo")
EVEN = ("white", "grey", "black")
LABELS = (0, 1, 7, 8, 9)
CLOSE = 0.06  # mean difference of two 28×28 images that show the same


@cache
def images() -> list[UInt8]:
    """The first stand-in image of each of the classes; drawn when the first test asks."""
    data = standin.load()
    return [data.test_images[int((data.test_labels == label).argmax())] for label in LABELS]


def seen(rgb: UInt8) -> np.ndarray:
    result = preprocess(rgb, PHOTO)
    assert result.found
    return result.image


def difference(one: UInt8, other: UInt8) -> float:
    return float(np.abs(seen(one) - seen(other)).mean())


def plain() -> UInt8:
    return photo(images()[0], "black", "grey", np.random.default_rng(0)).rgb


@pytest.mark.parametrize("ground", EVEN)
@pytest.mark.parametrize("colour", COLOURS)
def test_the_item_is_found_whatever_its_colour_and_that_of_the_ground(colour: str, ground: str):
    overlaps = []
    for number, image in enumerate(images()):
        made = photo(image, colour, ground, np.random.default_rng(number))
        mask = preprocess(made.rgb, PHOTO).mask
        layer = np.repeat(made.mask[..., None] * np.uint8(255), 3, axis=2)
        true = shrunk(layer, PHOTO_EDGE)[..., 0] > 127
        overlaps.append((mask & true).sum() / (mask | true).sum())
    assert np.median(overlaps) >= 0.85, overlaps


@pytest.mark.parametrize("angle", [-6, 6])
def test_a_small_turn_brings_in_no_corners(angle: int):
    """The item is found before the turn, so that the corners cannot pass for its ground."""
    for image in images():
        rgb = photo(image, "white", "textured", np.random.default_rng(1)).rgb
        upright = preprocess(rgb, PHOTO).image
        turned = preprocess(rgb, Options(kind="photo", rotation=angle)).image
        assert np.corrcoef(upright.ravel(), turned.ravel())[0, 1] > 0.6


@given(across=st.integers(-24, 24), down=st.integers(-24, 24))
@settings(deadline=None, max_examples=12)
def test_its_place_in_the_picture_does_not_matter(across: int, down: int):
    rgb = plain()
    assert difference(rgb, np.roll(rgb, (down, across), (0, 1))) < CLOSE


@given(st.sampled_from([0.6, 0.8, 1.3, 1.9, 3.0]))
@settings(deadline=None, max_examples=5)
def test_its_size_does_not_matter(factor: float):
    image = Image.fromarray(plain())
    side = round(factor * image.width)
    larger = np.asarray(image.resize((side, side), Image.Resampling.LANCZOS))
    assert difference(np.asarray(image), larger) < CLOSE


@given(st.integers(1, 80))
@settings(deadline=None, max_examples=8)
def test_a_border_of_the_ground_does_not_matter(width: int):
    rgb = plain()
    wide = np.pad(rgb, ((width, width), (width, width), (0, 0)), mode="edge")
    assert difference(rgb, wide) < CLOSE


@given(st.integers(40, 95))
@settings(deadline=None, max_examples=8)
def test_recompression_does_not_matter(quality: int):
    rgb, stored = plain(), io.BytesIO()
    Image.fromarray(rgb).save(stored, "JPEG", quality=quality)
    assert difference(rgb, np.asarray(Image.open(stored).convert("RGB"))) < CLOSE


@pytest.mark.parametrize("number", range(len(LABELS)))
def test_a_mirrored_picture_is_seen_mirrored(number: int):
    rgb = photo(images()[number], "grey", "white", np.random.default_rng(number), shadow=True).rgb
    mirrored = seen(np.ascontiguousarray(rgb[:, ::-1]))[:, ::-1]
    # An item of odd width cannot stand in the middle of 28 pixels.
    shifted = (np.roll(mirrored, step, axis=1) for step in (-1, 0, 1))
    assert min(np.abs(image - seen(rgb)).mean() for image in shifted) < CLOSE
