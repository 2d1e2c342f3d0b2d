"""What a person corrects on a photo: a box around the item, taps on parts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fmnist.prediction.correction import find_in_box, pixels_of, tapped
from fmnist.prediction.options import Options
from fmnist.prediction.preprocess import preprocess
from fmnist.ui.predict.photo import EDGE, Gesture, as_gesture, outline

ITEM, OTHER = (60, 90, 160), (190, 60, 50)
EDGES = st.tuples(*[st.floats(0, 1)] * 2).filter(lambda edges: edges[0] < edges[1])


def two_things() -> np.ndarray:
    """A blue item left and a red one right, on white: (80, 120, 3)."""
    rgb = np.full((80, 120, 3), 250, np.uint8)
    rgb[20:60, 15:45] = ITEM
    rgb[25:55, 75:105] = OTHER
    return rgb


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    return float((one & other).sum() / (one | other).sum())


def test_only_what_is_in_the_box_is_the_item():
    rgb = two_things()
    whole = preprocess(rgb, Options(kind="photo")).mask
    boxed = preprocess(rgb, Options(kind="photo", box=(0.08, 0.15, 0.45, 0.85))).mask
    blue, red = (rgb == ITEM).all(-1), (rgb == OTHER).all(-1)
    assert whole is not None
    assert boxed is not None
    rows = np.linspace(0, 79, boxed.shape[0]).astype(int)
    columns = np.linspace(0, 119, boxed.shape[1]).astype(int)
    blue, red = (mask[np.ix_(rows, columns)] for mask in (blue, red))
    assert overlap(whole, blue | red) > 0.8
    assert overlap(boxed, blue) > 0.8


def test_a_tap_takes_away_a_part_and_a_second_one_brings_it_back():
    rgb = two_things()
    red = (rgb == OTHER).all(-1)
    both = red | (rgb == ITEM).all(-1)
    place = (90 / 120, 40 / 80)
    without = tapped(rgb, both, (place,))
    assert not (without & red).any()
    assert np.array_equal(without, both & ~red)  # the other thing stays whole
    again = tapped(rgb, both, (place, place))
    assert overlap(again, both) > 0.8


def test_a_tap_in_noise_still_does_something():
    rgb = np.random.default_rng(0).integers(0, 256, (60, 60, 3), dtype=np.uint8)
    mask = np.zeros((60, 60), bool)
    added = tapped(rgb, mask, ((0.5, 0.5),))
    assert 10 < added.sum() < 600
    assert added[30, 30]


@pytest.mark.slow
@given(EDGES, EDGES, st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), max_size=8))
@settings(deadline=None, max_examples=40)
def test_any_box_and_any_taps_give_a_picture(x, y, taps):
    options = Options(kind="photo", box=(x[0], y[0], x[1], y[1]), taps=tuple(taps))
    result = preprocess(two_things(), options)
    assert result.image.shape == (28, 28)
    assert result.found
    rows, columns = pixels_of((x[0], y[0], x[1], y[1]), (80, 120))
    assert 0 <= rows.start < rows.stop <= 80
    assert 0 <= columns.start < columns.stop <= 120
    assert find_in_box(two_things(), (x[0], y[0], x[1], y[1]), 0.5).any()


@pytest.mark.parametrize("bad", [{"box": (0.5, 0, 0.5, 1)}, {"taps": ((0.5, 1.2),)}])
def test_what_lies_outside_the_picture_is_refused(bad):
    with pytest.raises(ValueError, match=next(iter(bad))):
        Options(**bad)


@pytest.mark.parametrize(
    ("event", "gesture"),
    [
        ({"tap": [0.25, 0.5]}, Gesture(tap=(0.25, 0.5))),
        ({"box": [[0.9, 0.2], [0.1, 0.8]]}, Gesture(box=(0.1, 0.2, 0.9, 0.8))),
        ({"box": [[0.5, 0.2], [0.5, 0.8]]}, None),
        ({"tap": [0.25, 7]}, None),
        ({"tap": ["0.25", 0.5]}, None),
        ({"tap": [float("nan"), 0.5]}, None),
        ({"box": [[0.1, 0.2]]}, None),
        ({"box": "all"}, None),
        ({}, None),
        (None, None),
        ([], None),
    ],
)
def test_only_what_the_photo_can_report_is_a_gesture(event, gesture):
    assert as_gesture(event) == gesture


def test_the_outline_surrounds_the_item_and_the_rest_is_shaded():
    mask = np.zeros((56, 112), bool)
    mask[14:42, 28:84] = True
    layer = outline(mask, (EDGE, EDGE // 2))
    assert layer.shape == (EDGE // 2, EDGE, 4)
    assert layer[EDGE // 4, EDGE // 2, 3] == 0  # the item is seen as it is
    assert 0 < layer[2, 2, 3] < 255
    ring = layer[..., 3] == 255
    assert ring.any()
    assert not ring[50:110, 100:240].any()
