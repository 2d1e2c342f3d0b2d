import numpy as np
from hypothesis import given, settings
from hypothesis.extra.numpy import arrays
from scipy import ndimage

from fmnist.prediction import strokes


def test_a_cross_encloses_nothing() -> None:
    ink = np.zeros((60, 60), bool)
    ink[28:32, 5:55] = True
    ink[5:55, 28:32] = True
    np.testing.assert_array_equal(strokes.fill(ink) & ~ink, False)


@settings(max_examples=60, deadline=None)
@given(arrays(bool, (24, 31)))
def test_fill_only_ever_adds(ink: np.ndarray) -> None:
    body = strokes.fill(ink)
    assert body.shape == ink.shape
    assert (body | ~ink).all()


@settings(max_examples=40, deadline=None)
@given(arrays(bool, (20, 20)))
def test_a_skeleton_is_a_subset_that_keeps_the_parts(ink: np.ndarray) -> None:
    ink = ndimage.binary_dilation(ink & (np.indices((20, 20)).sum(0) % 7 == 0))
    thin = strokes.skeleton(ink)
    assert not (thin & ~ink).any()
    count = ndimage.label(ink, strokes.EIGHT)[1]
    assert ndimage.label(thin, strokes.EIGHT)[1] == count


def test_the_loose_ends_of_a_line_are_its_ends() -> None:
    ink = np.zeros((20, 40), bool)
    ink[9:12, 5:35] = True
    ends = sorted(strokes.loose_ends(ink)[:, 1].tolist())
    assert len(ends) == 2
    assert ends[0] <= 8 and ends[1] >= 31
