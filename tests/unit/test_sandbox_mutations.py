"""Hundreds of files changed at random: each is opened, or refused with a sentence."""

import io
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PIL import Image

from fmnist.network import ModelError, read_network
from fmnist.prediction.decode import LONGEST_EDGE, PictureError
from fmnist.sandbox.opener import Opener
from tests.archives import archive, random_network, weights_file

pytestmark = pytest.mark.slow

NETWORK = random_network()
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "MPO")


@pytest.fixture(scope="module")
def opener() -> Iterator[Opener]:
    with Opener() as opener:
        yield opener


def mutated(content: bytes, rng: np.random.Generator) -> bytes:
    """Bytes changed, a piece doubled, removed or cut off; most changes are near the beginning."""
    data = bytearray(content)
    for _ in range(rng.integers(1, 9)):
        at = int(len(data) * rng.random() ** 2)
        data[at] = rng.choice([0, 1, 0x7F, 0x80, 0xFE, 0xFF, rng.integers(256)])
    start = int(rng.integers(len(data)))
    end = start + int(rng.integers(1, 400))
    kind = rng.random()
    if kind < 0.1:
        data[start:start] = data[start:end]
    elif kind < 0.2:
        del data[start:end]
    elif kind < 0.25:
        del data[start:]
    return bytes(data)


def inside(rng: np.random.Generator) -> bytes:
    """An archive with mutated weights, and the right checksums of them."""
    return archive(NETWORK, weights=mutated(weights_file(NETWORK), rng))


def outside(rng: np.random.Generator) -> bytes:
    """An archive that is itself mutated."""
    return mutated(archive(NETWORK), rng)


def test_mutated_archives(opener: Opener) -> None:
    rng, opened = np.random.default_rng(20), 0
    for number in range(250):
        for content in (inside(rng), outside(rng)):
            try:
                network = opener.network(content, f"{number}.keras")
            except ModelError as problem:
                assert str(problem).startswith(f"{number}.keras")
                continue
            opened += 1
            assert network.probabilities(np.zeros((1, 28, 28), np.float32)).shape == (1, 10)
    assert opened > 20, "the changes were too coarse to get far"


@pytest.mark.parametrize("spoil", [inside, outside])
def test_mutated_archives_raise_nothing_else(spoil: Callable[..., bytes]) -> None:
    """In this process, as models of runs are read: a damaged one gives a sentence as well."""
    rng = np.random.default_rng(20)
    for _ in range(600):
        try:
            read_network(spoil(rng), "the model")
        except ModelError as problem:
            assert str(problem).startswith("the model")


@pytest.mark.parametrize("form", FORMATS)
def test_mutated_pictures(opener: Opener, form: str) -> None:
    rng, opened = np.random.default_rng(FORMATS.index(form)), 0
    image = Image.fromarray(rng.integers(0, 256, (40, 60, 3), np.uint8))
    options = {"save_all": True, "append_images": [image]} if form == "MPO" else {}
    for number in range(80):
        buffer = io.BytesIO()
        image.save(buffer, form, **options)
        try:
            rgb = opener.picture(mutated(buffer.getvalue(), rng), f"{number}.x")
        except PictureError as problem:
            assert str(problem).startswith(f"{number}.x ")
            continue
        opened += 1
        assert rgb.dtype == np.uint8 and rgb.shape[2] == 3 and max(rgb.shape) <= LONGEST_EDGE
    assert opened > 0 or form == "PNG"  # whose every part has a checksum
