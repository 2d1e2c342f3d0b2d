"""Stage settings in the address: what is said comes back, and nobody's text breaks anything."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fmnist.prediction.options import KindChoice, Options
from fmnist.ui.parts.parameters import STAGES
from fmnist.ui.predict.stage_address import MOST_TAPS, as_text, default_options, from_text

PERCENT = st.integers(0, 100)
KINDS = st.sampled_from(["auto", "photo", "drawing"])


@st.composite
def settings(draw: st.DrawFn, known: KindChoice) -> Options:
    """What a person can set with the controls."""
    (left, right), (top, bottom) = (
        sorted(draw(st.lists(PERCENT, min_size=2, max_size=2, unique=True))) for _ in range(2)
    )
    box = (left / 100, top / 100, right / 100, bottom / 100)
    return Options(
        kind=draw(st.sampled_from(["auto", "photo", "drawing"])) if known == "auto" else known,
        invert=draw(st.sampled_from([None, True, False])),
        fill=draw(st.sampled_from([None, True, False])),
        crop=draw(st.sampled_from([None, box])),
        rotation=float(draw(st.integers(-36, 36)) * 5),
        mirror=draw(st.booleans()),
        threshold=draw(st.sampled_from([None, *(k * 5 / 100 for k in range(1, 20))])),
        box=None if known == "drawing" else draw(st.sampled_from([None, box])),
        taps=()
        if known == "drawing"
        else tuple(
            (x / 100, y / 100)
            for x, y in draw(st.lists(st.tuples(PERCENT, PERCENT), max_size=MOST_TAPS))
        ),
    )


@given(KINDS.flatmap(lambda known: st.tuples(st.just(known), settings(known))))
def test_what_is_said_comes_back(case: tuple[KindChoice, Options]) -> None:
    known, options = case
    text = as_text(options, known)
    assert (text is None) == (options == default_options(known))
    assert text is None or STAGES.parse(text) == text
    assert from_text(text or "", known) == options


@given(st.text() | st.text(alphabet="kindtumrcopbxas:,-0123456789"), KINDS)
@example("turn:" + "9" * 5000, "auto")
@example("\ud800:\0", "drawing")
def test_any_text_gives_settings_that_the_controls_can_show(text: str, known: KindChoice) -> None:
    options = from_text(text, known)
    # What can be said is said in the words of the controls, so it comes back only if they have it.
    assert from_text(as_text(options, known) or "", known) == options


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["kind", "invert", "fill", "turn", "mirror", "threshold", "crop", "box", "taps"]
            ),
            st.sampled_from(["yes", "no", "photo", "auto", "nan", "1e3", "5", "-5", "181", ""])
            | st.lists(st.integers(-9, 109), max_size=5).map(lambda v: "-".join(map(str, v))),
        ),
        max_size=8,
    ),
    KINDS,
)
def test_known_names_with_any_value(parts: list[tuple[str, str]], known: KindChoice) -> None:
    options = from_text(",".join(f"{name}:{value}" for name, value in parts), known)
    assert from_text(as_text(options, known) or "", known) == options


def test_an_address_reads_well() -> None:
    assert as_text(Options(fill=False, rotation=15), known="auto") == "fill:no,turn:15"
    everything = Options("photo", True, True, (0.1, 0, 0.9, 1), -90, True, 0.35)
    assert as_text(everything, known="auto") == (
        "kind:photo,invert:yes,fill:yes,turn:-90,mirror:yes,threshold:35,crop:10-90-0-100"
    )


@pytest.mark.parametrize(
    "text",
    [
        "", ",", ":", "turn", "turn:", "turn:7", "turn:185", "turn:15.0", "turn: 15", "turn:+15",
        "turn:015", "turn:٥", "turn:５", "turn:1_5", "Turn:15", "threshold:0", "threshold:100",
        "threshold:33", "mirror:no", "mirror:1", "fill:auto", "fill:True", "kind:auto", "kind:bag",
        "crop:0-100", "crop:50-50-0-100", "crop:60-50-0-100", "crop:0-101-0-100", "crop:--0-100",
        "crop:0-100-0-100-0", "unknown:yes", "rotation:15", "turn:15" + " " * 100,
    ],
)  # fmt: skip
def test_what_no_control_can_say_is_passed_over(text: str) -> None:
    assert from_text(text, known="auto") == Options()


def test_a_wrong_part_leaves_the_others() -> None:
    assert from_text("turn:7,fill:no,x,mirror:yes:", known="auto") == Options(fill=False)


def test_the_kind_of_a_drawing_is_known() -> None:
    assert from_text("kind:photo,turn:5", known="drawing") == Options("drawing", rotation=5)
    assert as_text(Options("drawing"), known="drawing") is None
    assert as_text(Options("drawing"), known="auto") == "kind:drawing"
