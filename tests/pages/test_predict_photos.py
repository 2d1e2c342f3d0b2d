"""The bundled photos, corrections on a photo, teaching back, and what certainty costs."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from fmnist.classes import CLASS_COUNT, CLASS_NAMES
from fmnist.prediction import confidence, examples
from tests.pages.test_predict import PREDICT, Visit, text

pytestmark = pytest.mark.slow


def button(app: AppTest, label: str) -> object:
    return next(item for item in app.button if item.label == label)


def stages(app: AppTest) -> str:
    return "".join(app.query_params.get("stages", []))


@pytest.mark.parametrize("label", range(CLASS_COUNT))
def test_a_link_to_a_bundled_photo_is_answered_at_once(visit: Visit, label: int) -> None:
    app = visit(PREDICT, image=str(label), model="tuned")
    assert not app.exception
    assert not app.warning
    assert app.segmented_control(key="source").value == "photo"
    assert "<h2>" in text(app)
    assert examples.read(label).ndim == 3


@pytest.mark.parametrize("wrong", ["10", "-1", "shirt", "", "٣"])
def test_a_link_to_no_photo_says_so(visit: Visit, wrong: str) -> None:
    app = visit(PREDICT, image=wrong)
    assert not app.exception
    assert app.segmented_control(key="source").value == "draw"
    assert len(app.warning) == 1


def test_another_photo_is_chosen_and_stands_in_the_address(visit: Visit) -> None:
    app = visit(PREDICT, image="3", model="tuned")
    app = app.selectbox(key="example-photo").select(8).run()
    assert app.query_params["image"] == "8"
    app = app.segmented_control(key="source").set_value("draw").run()
    assert "image" not in app.query_params


def test_corrections_of_a_link_are_taken_back_one_by_one(visit: Visit) -> None:
    app = visit(PREDICT, image="8", model="tuned", stages="box:10-90-10-90,taps:40-50-60-50")
    assert not app.exception
    assert "Your changes moved" in text(app)
    assert not button(app, "Undo").disabled
    app = button(app, "Undo").click().run()
    assert stages(app) == "box:10-90-10-90,taps:40-50"
    app = button(app, "Undo").click().run()
    app = button(app, "Undo").click().run()
    assert stages(app) == ""
    assert button(app, "Undo").disabled
    assert "Your changes" not in text(app)


def test_turn_and_mirror_beside_the_photo_move_the_controls(visit: Visit) -> None:
    app = visit(PREDICT, image="7", model="tuned")
    for angle in (90, -180, -90, 0):
        app = button(app, "Turn").click().run()
        assert next(item for item in app.slider if item.label.startswith("Turn")).value == angle
    app = button(app, "Mirror").click().run()
    assert stages(app) == "mirror:yes"
    assert not app.exception


def test_another_photo_starts_without_the_corrections_of_the_last(visit: Visit) -> None:
    app = visit(PREDICT, image="8", model="tuned", stages="box:10-90-10-90")
    app = app.selectbox(key="example-photo").select(7).run()
    assert stages(app) == ""
    assert button(app, "Undo").disabled


def test_a_person_says_what_it_is_and_it_is_counted(visit: Visit) -> None:
    app = visit(PREDICT, image="0", model="tuned")

    def teach(name: str | None) -> None:
        box = next(item for item in app.selectbox if item.label.startswith("What is it"))
        box.set_value(name).run()

    explained = next(item for item in app.selectbox if item.label == "Explain the class")
    answer = explained.options[0].removeprefix("The answer: ")
    teach(answer)
    assert "Photos: 1 of 1 right." in text(app)
    assert [item.label for item in app.get("download_button")] == ["Pictures and labels as zip"]
    teach(next(name for name in CLASS_NAMES if name != answer))
    assert "Photos: 0 of 1 right." in text(app)
    app = app.selectbox(key="example-photo").select(7).run()
    assert "Photos: 0 of 1 right." in text(app)  # what was said stays said
    teach("Sneaker")
    assert "of 2 right." in text(app)
    teach(None)
    assert "Photos: 0 of 1 right." in text(app)
    assert not app.exception


def test_what_certainty_costs_is_told_beside_the_slider(visit: Visit) -> None:
    app = visit(PREDICT, image="0", model="tuned", certainty="50")
    measured = confidence.read().measured
    for kind, words in (("photo", "photos"), ("drawing", "drawings and icons")):
        answered = int((measured[kind][:, 0] >= 0.5).sum())
        said = f"Of {len(measured[kind])} real {words} {answered} get a sure answer"
        assert said in text(app)
    before = text(app)
    app = app.slider(key="certainty").set_value(99).run()
    assert text(app) != before
    assert not app.exception
