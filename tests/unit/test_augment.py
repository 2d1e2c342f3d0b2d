"""Variants of the training images: what they keep, and that train and use agree."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image, ImageDraw
from scipy import ndimage

from fmnist.prediction.pixels import polarised, sharpened
from fmnist.prediction.strokes import FILL, SEAM
from fmnist.synthetic import augment, brightness, doodles, warp
from fmnist.synthetic.augment import WEIGHTS, variants

pytestmark = pytest.mark.slow
LABELS = np.arange(10).repeat(3)


def items() -> np.ndarray:
    """Thirty shirts, trousers and shoes of random proportions, textured; (30, 28, 28) uint8."""
    rng = np.random.default_rng(5)
    images = []
    for i in range(30):
        image = Image.new("L", (28, 28))
        draw = ImageDraw.Draw(image)
        level, a = int(rng.integers(90, 255)), int(rng.integers(0, 3))
        if i % 3 == 0:
            draw.polygon(
                [(6, 0), (21, 0), (26, 8), (22, 10), (20, 27), (7, 27), (5, 10), (1, 8)], level
            )
        elif i % 3 == 1:
            draw.polygon(
                [(8, 0), (19, 0), (21 - a, 27), (16, 27), (14, 9), (11, 27), (6 + a, 27)], level
            )
        else:
            draw.polygon([(0, 9), (9, 11), (16, 14), (27, 17), (27, 20), (0, 20)], level)
        texture = rng.integers(-20, 20, (28, 28)) * (np.asarray(image) > 0)
        images.append(np.clip(np.asarray(image, int) + texture, 0, 255).astype(np.uint8))
    return np.stack(images)


@pytest.fixture(scope="module")
def made() -> np.ndarray:
    return variants(items(), 1, LABELS)


def test_shape_dtype_and_the_originals_first(made: np.ndarray) -> None:
    assert made.shape == (len(WEIGHTS), 30, 28, 28)
    assert made.dtype == np.uint8
    np.testing.assert_array_equal(made[0], items())


def test_weights_are_shares_and_the_originals_weigh_most() -> None:
    assert sum(WEIGHTS) == pytest.approx(1)
    assert min(WEIGHTS) > 0
    assert WEIGHTS[0] == max(WEIGHTS)


def test_the_same_seed_gives_the_same_and_another_does_not(made: np.ndarray) -> None:
    np.testing.assert_array_equal(variants(items(), 1, LABELS), made)
    other = variants(items(), 2, LABELS)
    for k in range(1, len(WEIGHTS)):
        assert (other[k] != made[k]).any(), k


def test_no_variant_is_empty_full_or_a_copy(made: np.ndarray) -> None:
    bright = (made > 15).mean((2, 3))
    assert (bright > 0.02).all()
    assert (bright.mean(1) < 0.9).all()
    for k in range(1, len(WEIGHTS)):
        assert (made[k] != made[0]).any()


def test_variants_fill_the_frame_as_the_pipeline_does(made: np.ndarray) -> None:
    lit = made > 25
    height = lit.any(3).sum(2)
    width = lit.any(2).sum(2)
    assert np.median(np.maximum(height, width)[1:], axis=1).min() >= 26


def test_variants_are_centred(made: np.ndarray) -> None:
    rows, columns = (made > 60).any(3), (made > 60).any(2)
    for hit in (rows, columns):
        before, after = hit.argmax(2), hit[..., ::-1].argmax(2)
        assert np.median(np.abs(before - after)[1:], axis=1).max() <= 2


def test_without_labels_the_shape_is_the_same() -> None:
    made = variants(items(), 1)
    assert made.shape == (len(WEIGHTS), 30, 28, 28)
    assert (made[1:] > 15).any((2, 3)).all()


def test_the_input_is_not_changed() -> None:
    images = items()
    variants(images, 3, LABELS)
    np.testing.assert_array_equal(images, items())


def test_no_images_give_no_variants() -> None:
    assert variants(np.zeros((0, 28, 28), np.uint8), 1).shape == (len(WEIGHTS), 0, 28, 28)


def test_chunks_do_not_disturb_each_other() -> None:
    many = np.concatenate([items()] * 9)
    first = variants(many, 1)[:, : augment.CHUNK]
    np.testing.assert_array_equal(first, variants(many[: augment.CHUNK], 1))


@pytest.mark.parametrize(
    "wrong", [np.zeros((3, 28, 28)), np.zeros((28, 28), np.uint8), np.zeros((2, 14, 14), np.uint8)]
)
def test_refuses_other_arrays_by_name(wrong: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"\(n, 28, 28\), uint8") as caught:
        variants(wrong, 1)
    assert str(wrong.dtype) in str(caught.value)


@settings(max_examples=25, deadline=None)
@given(arrays(np.uint8, (3, 28, 28)), st.integers(0, 2**31 - 1))
def test_any_images_at_all(images: np.ndarray, seed: int) -> None:
    made = variants(images, seed, np.array([0, 5, 9]))
    assert made.shape == (len(WEIGHTS), 3, 28, 28)


@pytest.mark.parametrize("level", [0, 255])
def test_black_and_white_images(level: int) -> None:
    made = variants(np.full((2, 28, 28), level, np.uint8), 1, np.array([3, 4]))
    np.testing.assert_array_equal(made[0], level)


# --- train and use agree --------------------------------------------------------------------


def test_contrast_and_sharpening_agree_with_the_pipeline() -> None:
    images = items().astype(np.float32) / 255
    body = images > 0
    many = brightness.stretched(images, body)
    for one, mask, got in zip(images, body, many, strict=True):
        np.testing.assert_allclose(got[mask], polarised(one, mask, False)[mask], atol=0.03)
        np.testing.assert_allclose(brightness.sharpened(one[None])[0], sharpened(one), atol=1e-6)


def test_fill_agrees_with_scipy_image_by_image() -> None:
    rng = np.random.default_rng(2)
    masks = ndimage.binary_dilation(rng.random((20, 28, 28)) < 0.12, np.ones((1, 2, 3), bool))
    for mask, got in zip(masks, augment.filled(masks), strict=True):
        np.testing.assert_array_equal(got, ndimage.binary_fill_holes(mask))


def test_sampling_agrees_with_scipy() -> None:
    image = items()[:1].astype(np.float32)
    rng = np.random.default_rng(4)
    x, y = rng.uniform(-0.9, 0.9, (2, 1, 50, 1)).astype(np.float32)
    (got,) = warp.sampled([image], x, y)
    at = [(v.ravel() + 1) * 14 - 0.5 for v in (y, x)]
    expected = ndimage.map_coordinates(image[0], at, order=1)
    np.testing.assert_allclose(got.ravel(), expected, atol=0.05)


def test_no_warp_only_fits_the_frame() -> None:
    still = warp.Warp(0, 0, 0, 0, 0, 0)
    body = np.zeros((1, 28, 28), bool)
    body[0, 7:21, 10:18] = True
    (cover,) = warp.bent([body.astype(np.float32)], body, still, np.random.default_rng(0))
    lit = cover[0] > 0.5
    assert 26 <= lit.any(1).sum() <= 28
    assert 14 <= lit.any(0).sum() <= 17
    np.testing.assert_array_equal(lit, lit[::-1, ::-1])


# --- drawings from rules of thumb -----------------------------------------------------------


def test_doodles_of_every_class() -> None:
    drawn = doodles.doodles(np.arange(10).repeat(20), 7)
    assert drawn.shape == (200, 28, 28)
    assert drawn.dtype == np.uint8
    lit = drawn > 60
    longest = np.maximum(lit.any(2).sum(1), lit.any(1).sum(1))
    assert longest.min() >= 26
    assert drawn.max() == round(FILL * 255)
    inside = drawn[drawn > 0]
    assert (np.abs(inside.astype(int) - round(SEAM * 255)) <= 1).any()
    for one in drawn.reshape(10, 20, -1):
        assert len(np.unique(one, axis=0)) == 20


def test_doodles_have_the_proportions_of_their_class() -> None:
    def width_over_height(label: int) -> float:
        lit = doodles.doodles(np.full(40, label), 3) > 60
        return float(np.median(lit.any(1).sum(1) / lit.any(2).sum(1)))

    assert width_over_height(7) > 1.5  # a sneaker is long
    assert width_over_height(3) < 1  # a dress is tall
    assert width_over_height(2) > width_over_height(1)  # spread sleeves against trousers


def test_layouts_keep_lines_inside() -> None:
    body, seam = doodles.layouts(np.arange(10).repeat(5), 1)
    assert body.shape == seam.shape == (50, 28, 28)
    assert body.dtype == np.float32
    assert not (seam[body == 0]).any()
    assert (seam > 0).any()


def test_doodles_depend_on_the_seed_alone() -> None:
    labels = np.arange(10)
    np.testing.assert_array_equal(doodles.doodles(labels, 1), doodles.doodles(labels, 1))
    assert (doodles.doodles(labels, 1) != doodles.doodles(labels, 2)).any()
    assert doodles.doodles(np.zeros(0, int), 1).shape == (0, 28, 28)
