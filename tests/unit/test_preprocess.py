"""From a picture to 28×28: every stage, and what must hold for any picture."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image, ImageDraw
from scipy import ndimage

from fmnist.prediction import preprocess as module
from fmnist.prediction.options import Options
from fmnist.prediction.preprocess import preprocess
from fmnist.prediction.result import Result


def canvas(size: tuple[int, int] = (280, 280), ground: object = "white") -> Image.Image:
    return Image.new("RGB", size, ground)


def array(image: Image.Image) -> np.ndarray:
    return np.array(image, np.uint8)


SHIRT = [(80, 60), (120, 40), (160, 40), (200, 60), (230, 110), (200, 125), (190, 100),
         (190, 230), (90, 230), (90, 100), (80, 125), (50, 110)]  # fmt: skip


def product(ground: object = "white", cloth: object = (40, 60, 120)) -> np.ndarray:
    image = canvas((400, 500), ground)
    ImageDraw.Draw(image).polygon([(x + 90, y + 150) for x, y in SHIRT], fill=cloth)
    return array(image)


def drawing(ground: str = "white", ink: str = "black", gap: int = 0, width: int = 6) -> np.ndarray:
    image = canvas(ground=ground)
    draw = ImageDraw.Draw(image)
    draw.line([*SHIRT, SHIRT[0]], fill=ink, width=width, joint="curve")
    if gap:
        draw.rectangle((140 - gap, 220, 140 + gap, 240), fill=ground)
    return array(image)


def shirt_28() -> np.ndarray:
    """The silhouette, straight from the polygon: trimmed, longest edge to 28, centred."""
    image = Image.new("L", (280, 280))
    ImageDraw.Draw(image).polygon(SHIRT, fill=255)
    image = image.crop(image.getbbox())
    scale = 28 / max(image.size)
    image = image.resize((round(image.width * scale), round(image.height * scale)), 4)
    result = np.zeros((28, 28))
    top, left = (28 - image.height) // 2, (28 - image.width) // 2
    result[top : top + image.height, left : left + image.width] = np.asarray(image) / 255
    return result


def overlap(image: np.ndarray, truth: np.ndarray) -> float:
    """Intersection over union of what is bright."""
    a, b = image > 0.3, truth > 0.5
    return float((a & b).sum() / (a | b).sum())


def check(result: Result) -> None:
    assert result.image.shape == (28, 28)
    assert result.image.dtype == np.float32
    assert np.isfinite(result.image).all()
    assert result.image.min() >= 0 and result.image.max() <= 1
    assert result.kind in ("photo", "drawing")
    assert result.stages
    for stage in result.stages:
        assert stage.picture.dtype == np.uint8 and stage.picture.size
        assert stage.caption.endswith(".")
        assert stage.image28.shape == (28, 28) and stage.image28.dtype == np.float32
        assert stage.image28.min() >= 0 and stage.image28.max() <= 1
    left, top, right, bottom = result.crop
    assert 0 <= left < right <= 1 and 0 <= top < bottom <= 1
    if result.blank:
        assert not result.image.any()


# --- photos ---------------------------------------------------------------------------------


@pytest.mark.parametrize("ground", ["white", "#dddddd", "#e0c090", "#3060c0"])
@pytest.mark.parametrize("cloth", [(20, 20, 20), (200, 40, 40), (245, 245, 120)])
def test_a_product_photo_becomes_the_item_trimmed_and_centred(
    ground: str, cloth: tuple[int, int, int]
) -> None:
    result = preprocess(product(ground, cloth), Options(kind="photo"))
    check(result)
    assert overlap(result.image, shirt_28()) > 0.88


def test_a_photo_with_texture_and_uneven_light() -> None:
    rng = np.random.default_rng(0)
    light = np.linspace(0.75, 1, 400)[None, :, None] * np.linspace(0.8, 1, 500)[:, None, None]
    noisy = product("#d8c8a8") * light + rng.normal(0, 6, (500, 400, 3))
    result = preprocess(np.uint8(np.clip(noisy, 0, 255)))
    assert result.kind == "photo"
    assert overlap(result.image, shirt_28()) > 0.85


@pytest.mark.parametrize("cloth", ["black", "#808080", "#eeeeee"])
def test_the_item_is_bright_on_black_whatever_its_colour(cloth: str) -> None:
    image = preprocess(product("#b0a080", cloth), Options(kind="photo")).image
    inside = shirt_28() > 0.9
    assert image[inside].mean() > 0.4
    assert image[shirt_28() == 0].mean() < 0.05


@pytest.mark.parametrize("seed", range(5))
def test_a_photo_of_nothing_in_particular_has_no_item(seed: int) -> None:
    rng = np.random.default_rng(seed)
    noise = rng.uniform(0, 255, (150, 200, 3)).astype(np.uint8)
    slope = (np.linspace(0, 1, 200)[:, None] * rng.uniform(99, 255, 3)).astype(np.uint8)
    for picture in (noise, np.tile(slope, (150, 1, 1))):
        result = preprocess(picture)
        assert not result.found
        assert "No item stands out" in result.notes[0]
        assert preprocess(picture, Options(crop=(0.2, 0.2, 0.7, 0.7))).found  # a person says so


@pytest.mark.parametrize("width", [3, 5])
def test_a_cloud_among_clouds_does_not_stand_out_clearly(width: int) -> None:
    rng = np.random.default_rng(width)
    clouds = ndimage.gaussian_filter(rng.normal(0, 1, (150, 200, 3)), (width, width, 0))
    picture = ((clouds - clouds.min()) / np.ptp(clouds) * 255).astype(np.uint8)
    assert not preprocess(picture).clear
    assert preprocess(product("#d8c8a8")).clear


@pytest.mark.parametrize("ground", ["black", "white", "#d8c8b0"])
def test_an_item_that_fills_its_box_is_found(ground: str) -> None:
    image = canvas((200, 200), ground)
    ImageDraw.Draw(image).rectangle((12, 12, 187, 187), fill=(90, 30, 120))
    result = preprocess(array(image))
    assert result.found
    assert result.notes == ()


def test_a_fashion_mnist_image_comes_back_as_it_was() -> None:
    """White on black, as in the data: nothing is to be negated."""
    ramp = np.linspace(120, 250, 20).astype(np.uint8)
    image = np.zeros((28, 28), np.uint8)
    image[:, 4:24] = ramp
    image[4:10, 4:8] = 0
    big = array(Image.fromarray(image).resize((280, 280), 0).convert("RGB"))
    small = preprocess(np.pad(big, ((20, 20), (20, 20), (0, 0)))).image
    assert np.corrcoef(small.ravel(), image.ravel())[0, 1] > 0.95


def test_a_dark_part_comes_out_bright_and_a_bright_part_dark() -> None:
    picture = product("#c0d0e0", "#303030")
    picture[330:360, 180:280] = (230, 160, 60)
    image = preprocess(picture, Options(kind="photo")).image
    assert image[8, 14] > image[22:24, 12:16].max()


# --- drawings -------------------------------------------------------------------------------


@pytest.mark.parametrize("gap", [0, 6, 20, 40])
@pytest.mark.parametrize(("ground", "ink"), [("white", "black"), ("black", "white"),
                                             ("#ffffcc", "#2020c0")])  # fmt: skip
def test_an_outline_is_found_closed_and_filled(ground: str, ink: str, gap: int) -> None:
    result = preprocess(drawing(ground, ink, gap))
    check(result)
    assert result.kind == "drawing"
    assert overlap(result.image, shirt_28()) > 0.85


@pytest.mark.parametrize("width", [2, 5, 10, 16])
def test_pens_of_any_width(width: int) -> None:
    result = preprocess(drawing(width=width))
    assert result.kind == "drawing"
    assert overlap(result.image, shirt_28()) > 0.8


def test_two_gaps_at_once() -> None:
    picture = drawing()
    picture[150:175, 180:200] = 255
    picture[150:175, 80:100] = 255
    assert overlap(preprocess(picture).image, shirt_28()) > 0.85


def test_lines_inside_a_drawing_stay_visible() -> None:
    plain, lined = drawing(), drawing()
    lined[80:200, 138:144] = 0
    difference = preprocess(plain).image - preprocess(lined).image
    assert difference[:, 13:15].max() > 0.15
    assert abs(difference[:, :10]).max() < 0.02


# --- overrides ------------------------------------------------------------------------------


def test_kind_fill_and_invert_do_what_they_say() -> None:
    assert preprocess(drawing(), Options(kind="photo")).kind == "photo"
    assert preprocess(product(), Options(kind="drawing")).kind == "drawing"
    hollow = preprocess(drawing(), Options(fill=False)).image
    assert hollow.mean() < 0.6 * preprocess(drawing()).image.mean()
    picture = product("#c0d0e0", "#303030")
    picture[330:360, 180:280] = (230, 160, 60)
    one, other = (preprocess(picture, Options(invert=v)).image for v in (True, False))
    inside = ndimage.binary_erosion(shirt_28() > 0.95, iterations=2)  # edges are bright in both
    assert np.corrcoef(one[inside], other[inside])[0, 1] < -0.3


def test_mirror_mirrors() -> None:
    picture = product()
    picture[300:380, 180:220] = (220, 200, 40)
    plain = preprocess(picture[:, ::-1].copy()).image
    mirrored = preprocess(picture, Options(mirror=True)).image
    assert np.abs(mirrored - plain).mean() < 0.01  # the item is found before it is mirrored
    assert np.abs(mirrored - preprocess(picture).image).mean() > 0.02


@pytest.mark.parametrize("quarter", [1, 2, 3])
def test_quarter_turns_turn_counter_clockwise(quarter: int) -> None:
    picture = drawing()
    turned = preprocess(picture, Options(rotation=90 * quarter)).image
    np.testing.assert_allclose(
        turned, preprocess(np.rot90(picture, quarter).copy()).image, atol=0.02
    )


def test_a_full_turn_changes_nothing() -> None:
    np.testing.assert_array_equal(
        preprocess(drawing(), Options(rotation=360)).image, preprocess(drawing()).image
    )


def test_a_crop_box_is_used_as_given() -> None:
    picture = np.concatenate([drawing(), drawing()], axis=1)
    box = (0.0, 0.1, 0.5, 0.9)
    result = preprocess(picture, Options(crop=box))
    check(result)
    assert result.crop == box


def test_a_threshold_decides_what_is_ink() -> None:
    faint = drawing()
    faint[faint == 0] = 130
    faint[100:180, 110:130] = 0
    low, high = (preprocess(faint, Options(kind="drawing", threshold=t)).image for t in (0.2, 0.8))
    assert low.sum() > 2 * high.sum()


@pytest.mark.parametrize(
    ("wrong", "word"),
    [({"kind": "sculpture"}, "sculpture"), ({"threshold": 1.5}, "1.5"),
     ({"crop": (0.5, 0, 0.2, 1)}, "0.2")],
)  # fmt: skip
def test_options_name_the_value_and_the_remedy(wrong: dict[str, object], word: str) -> None:
    with pytest.raises(ValueError, match=word) as caught:
        Options(**wrong)
    assert "use" in str(caught.value)


@pytest.mark.parametrize("shape", [(5, 5), (5, 5, 4), (0, 5, 3)])
def test_refuses_what_is_not_rgb(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="uint8"):
        preprocess(np.zeros(shape, np.uint8))


# --- blank, and anything at all -------------------------------------------------------------


@pytest.mark.parametrize("level", [0, 128, 255])
@pytest.mark.parametrize("kind", ["auto", "photo", "drawing"])
def test_an_empty_canvas_is_blank(level: int, kind: module.KindChoice) -> None:
    result = preprocess(np.full((280, 280, 3), level, np.uint8), Options(kind=kind))
    check(result)
    assert result.blank


def test_one_stroke_is_not_blank() -> None:
    picture = np.zeros((280, 280, 3), np.uint8)
    picture[100:180, 100:110] = 255
    assert not preprocess(picture).blank


def test_stages_come_in_order_and_end_with_the_result() -> None:
    names = {
        "photo": ["decode", "find", "crop", "grey", "resize", "sharpen", "centre"],
        "drawing": ["decode", "find", "crop", "grey", "fill", "resize", "centre"],
    }
    for picture in (product(), drawing()):
        result = preprocess(picture)
        assert [stage.name for stage in result.stages] == names[result.kind]
        np.testing.assert_array_equal(result.stages[-1].image28, result.image)


options = st.builds(
    Options,
    kind=st.sampled_from(["auto", "photo", "drawing"]),
    invert=st.sampled_from([None, True, False]),
    fill=st.sampled_from([None, True, False]),
    crop=st.sampled_from(
        [None, (0.0, 0.0, 1.0, 1.0), (0.3, 0.2, 0.31, 0.9), (0.99, 0.0, 1.0, 0.01)]
    ),
    rotation=st.sampled_from([0.0, 90.0, 180.0, 33.3, -720.5]),
    mirror=st.booleans(),
    threshold=st.sampled_from([None, 0.01, 0.5, 0.99]),
)
side = st.integers(1, 40)


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(st.data(), options)
def test_any_picture_with_any_options_gives_28_by_28(data: st.DataObject, option: Options) -> None:
    shape = (data.draw(side), data.draw(side), 3)
    check(preprocess(data.draw(arrays(np.uint8, shape)), option))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([2, 5, 60]), st.tuples(side, side), options)
def test_noise_stripes_and_blobs(
    seed: int, tones: int, size: tuple[int, int], option: Options
) -> None:
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, tones, (*size, 3)) * (255 // (tones - 1))
    zoomed = Image.fromarray(coarse.astype(np.uint8)).resize((size[1] * 5, size[0] * 5), 2)
    check(preprocess(array(zoomed), option))


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1), (2, 3), (700, 40), (1024, 1024)])
def test_odd_shapes(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(1)
    check(preprocess(rng.integers(0, 256, (*shape, 3)).astype(np.uint8)))


def test_the_input_is_not_changed() -> None:
    picture = product()
    before = picture.copy()
    preprocess(picture)
    np.testing.assert_array_equal(picture, before)


def test_the_same_picture_gives_the_same_result() -> None:
    one, two = (preprocess(product("#c09070")).image for _ in range(2))
    np.testing.assert_array_equal(one, two)


def test_options_and_results_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Options().kind = "photo"  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        preprocess(product()).kind = "photo"  # type: ignore[misc]
