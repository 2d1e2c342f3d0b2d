"""Learn: each part by its link, every button, and what a link or a model can do wrong."""

import json
import re
from urllib.parse import parse_qsl

import numpy as np
import pytest

from fmnist.classes import CLASS_NAMES
from fmnist.insight import guessing
from fmnist.recipe import Recipe
from fmnist.training import runs
from fmnist.ui.learn.break_it import KINDS
from fmnist.ui.learn.lesson import MOST_UNDOS, Lesson
from tests import archives
from tests.archives import archive, fitted_network, random_network
from tests.components import reported
from tests.pages.test_home import words
from tests.pages.train_runs import Visit, button, finish, labels, make_run, query, tell

LEARN = "pages/learn.py"
PARTS = ("One step", "As it learned", "Break it", "You against it", "Words")


def loss(app) -> float:
    return float(re.search(r"= \*\*([0-9.]+)\*\*", words(app))[1])


@pytest.fixture
def run(runs_dir):
    """A run with whole networks of three epochs."""
    run = make_run(epochs=0, hidden_units=(6, 5))
    rng = np.random.default_rng(0)
    for epoch in (0, 1, 2):
        arrays = []
        for shape in ((784, 6), (6, 5), (5, 10)):
            arrays += [rng.normal(0, 0.1, shape).astype(np.float32), np.zeros(shape[1], np.float32)]
        run.kept.save(epoch, *arrays)
    return run


@pytest.mark.parametrize("model", ["tuned", "notebook"])
@pytest.mark.parametrize("part", PARTS)
def test_every_part_has_a_link(visit: Visit, part: str, model: str) -> None:
    app = visit(LEARN, part=part, model=model)
    assert not app.exception and not app.error
    assert query(app)["model"] == model


# One step -------------------------------------------------------------------------------------


def test_steps_lower_the_loss_and_undo_brings_it_back(visit: Visit) -> None:
    app = visit(LEARN)
    app.toggle(key="untrained").set_value(True).run()
    first = loss(app)
    button(app, "One step").click().run()
    second = loss(app)
    button(app, "Ten steps").click().run()
    third = loss(app)
    assert first > second > third
    button(app, "A mini-batch of 32").click().run()
    for expected in (third, second, first):
        button(app, "Undo").click().run()
        assert loss(app) == pytest.approx(expected, abs=1e-4)
    assert next(item for item in app.button if item.label == "Undo").disabled


def test_one_part_after_the_other(visit: Visit) -> None:
    app = visit(LEARN, model="notebook")
    marks = {"Forward": "adds up**", "Backward": "**Backward: the", "Update": "**Update**"}
    assert all(mark in words(app) for mark in marks.values())
    for shown in ("Forward", "Backward", "Update", "Forward"):
        button(app, "Next part").click().run()
        assert not app.exception and query(app)["shown"] == shown
        assert [name for name, mark in marks.items() if mark in words(app)] == [shown]
    again = visit(LEARN, model="notebook", shown="Update")
    found = re.search(r"the loss goes from ([0-9.]+) to \*\*([0-9.]+)", words(again))
    assert found and float(found[2]) < float(found[1]) == loss(again)
    button(again, "One step").click().run()
    assert loss(again) == float(found[2])


@pytest.mark.slow
def test_too_large_a_step_overshoots_and_breaks_nothing(visit: Visit) -> None:
    app = visit(LEARN)
    app.toggle(key="untrained").set_value(True).run()
    app.select_slider(key="step_rate").set_value(100.0).run()
    for _ in range(4):
        button(app, "A mini-batch of 32").click().run()
        button(app, "Ten steps").click().run()
        assert not app.exception


def test_the_gradient_is_checked_and_the_chain_is_written_out(visit: Visit) -> None:
    app = visit(LEARN, at="0-3")
    assert "what neuron 3 of layer 1 adds up" in words(app)
    button(app, "Check it").click().run()
    digits = int(re.search(r"They agree to (\d+) digits", app.success[0].value)[1])
    assert digits >= 4 or "so no gradient comes through" in words(app)


@pytest.mark.parametrize(("layer", "unit"), [(0, 99), (1, 74), (2, 9)])
def test_a_click_opens_a_neuron(visit: Visit, layer: int, unit: int) -> None:
    app = visit(LEARN, model="notebook")
    (strip,) = (c for c in app.get("bidi_component") if c.key == f"learn-layer-{layer}")
    value = {"curve_number": 0, "point_number": [0, unit], "x": unit, "y": 1, "z": 0,
             "customdata": None}  # fmt: skip
    states = app._tree.get_widget_states()
    states.widgets.extend(reported(strip, "click", value))
    app._run(states)
    assert not app.exception
    assert f"what neuron {unit} of layer {layer + 1} adds up" in words(app)
    assert query(app)["at"] == f"{layer}-{unit}"


def test_another_picture_keeps_what_was_learnt(visit: Visit) -> None:
    app = visit(LEARN, picture="7")
    button(app, "One step").click().run()
    app.number_input(key="learn-picture").set_value(8).run()
    assert query(app)["picture"] == "8" and not app.exception
    assert not next(item for item in app.button if item.label == "Undo").disabled
    button(app, "Another").click().run()
    assert not app.exception


@pytest.mark.slow
def test_a_picture_of_ones_own_comes_along_from_predict(visit: Visit) -> None:
    app = visit("pages/predict.py", source="sample", index="11", model="notebook")
    button(app, "Take this picture to Learn").click().run()
    app.switch_page(LEARN).run()
    assert not app.exception
    assert app.toggle(key="learn-mine").value
    first = loss(app)
    button(app, "Ten steps").click().run()
    assert loss(app) < first
    app.selectbox(key="learn-mine-is").set_value(3).run()  # another class, another loss
    assert not app.exception
    for part in ("As it learned", "Break it", "One step"):
        app.get("button_group")[0].set_value(part).run()
        assert not app.exception
    app.toggle(key="learn-mine").set_value(False).run()
    assert app.number_input(key="learn-picture").value == 0 and not app.exception


# Through time ---------------------------------------------------------------------------------


def test_a_run_is_seen_through_its_epochs(visit: Visit, run) -> None:
    (run.folder / "model.keras").unlink(missing_ok=True)
    app = visit(LEARN, model="tuned", part="As it learned")
    assert "This takes a model whose epochs are kept" in words(app)


def test_an_epoch_of_a_run_stands_in_the_link(visit: Visit, run) -> None:
    run.model_path.write_bytes(archive(random_network((6, 5))))
    app = visit(LEARN, model=run.id, epoch="1")
    assert app.select_slider(key="learn-epoch").value == 1
    app.select_slider(key="learn-epoch").set_value(0).run()
    assert query(app)["epoch"] == "0" and not app.exception
    answers = visit(LEARN, model=run.id, part="As it learned")
    assert "The answer is" in words(answers)


# Break it -------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_everything_can_be_broken(visit: Visit, kind: str) -> None:
    app = visit(LEARN, part="Break it", model="notebook", **{"break": kind})
    assert not app.exception and not app.error
    if kind == KINDS[-1]:
        assert "of 255" in words(app)
        return
    assert app.metric[0].value.endswith("%")
    for slider in app.slider:
        for value in (slider.proto.min, slider.proto.max):
            whole = isinstance(slider.value, int)
            slider.set_value(int(value) if whole else value).run()
            assert not app.exception, (kind, value)
    for radio in app.radio:
        for option in radio.options:
            radio.set_value(option).run()
            assert not app.exception, (kind, option)
    if app.toggle:
        app.toggle(key="curve").set_value(True).run()
        assert not app.exception


# You against it -------------------------------------------------------------------------------


@pytest.mark.parametrize(("which", "key"), [("The most important", "off"), ("One", "one")])
def test_what_was_chosen_for_a_wide_network_fits_a_narrow_one(
    visit: Visit, data, which: str, key: str
) -> None:
    wide, narrow = (archives.make_run(fitted_network(data, (units, 4))) for units in (40, 6))
    link = {"part": "Break it", "break": KINDS[0], "which": which, key: "33"}
    app = visit("pages/learn.py", model=wide.id, **link)
    app.selectbox(key="model-picker").set_value(narrow.id).run()
    most = 6 if key == "off" else 5
    assert app.session_state[key] == most
    assert not app.exception


def test_what_nobody_chose_is_what_is_usual_for_the_network(visit: Visit, data) -> None:
    narrow, wide = (archives.make_run(fitted_network(data, (units, 4))) for units in (6, 40))
    app = visit(LEARN, model=narrow.id, part="Break it", **{"break": KINDS[0]})
    assert app.session_state["off"] == 6
    app.selectbox(key="model-picker").set_value(wide.id).run()
    assert app.session_state["off"] == 20
    app.slider(key="off").set_value(3).run()
    app.selectbox(key="model-picker").set_value(narrow.id).run()
    assert app.session_state["off"] == 3
    assert not app.exception


def test_a_step_back_to_as_many_neurons_as_a_narrow_network_has_is_kept(visit: Visit, data) -> None:
    narrow, wide = (archives.make_run(fitted_network(data, (units, 4))) for units in (6, 40))
    app = visit(LEARN, model=narrow.id, part="Break it", **{"break": KINDS[0]})
    app.query_params["model"], app.query_params["off"] = wide.id, "6"
    app.session_state["off"] = 6  # as the browser sends it
    app.run()
    assert app.selectbox(key="model-picker").value == wide.id
    assert app.session_state["off"] == 6
    assert not app.exception


@pytest.mark.slow
def test_a_neuron_s_close_up_leads_to_the_network_without_it(visit: Visit) -> None:
    app = visit("pages/weights.py", model="notebook", neuron="7")
    (link,) = (link for link in app.get("page_link") if "without it" in link.proto.label)
    assert link.proto.page == "learn"
    app = visit(LEARN, **dict(parse_qsl(link.proto.query_string)))
    assert app.number_input(key="one").value == 7
    assert not app.exception and app.metric[0].value.endswith("%")


def test_a_game_to_its_end(visit: Visit, data) -> None:
    app = visit(LEARN, part="You against it", game="3", level="Easy")
    for place in range(20):
        assert f"Picture {place + 1} of 20" in words(app)
        button(app, CLASS_NAMES[place % 10]).click().run()
        assert not app.exception
    assert [metric.label for metric in app.metric][:2] == ["You", "The network"]
    assert "of 20" in app.metric[0].value
    assert "Where you disagreed" in words(app)
    button(app, "Other pictures").click().run()
    assert query(app)["game"] == "4" and "Picture 1 of 20" in words(app)


def test_the_same_link_asks_the_same_pictures(visit: Visit) -> None:
    def picture(app):
        (plot,) = (c for c in app.get("bidi_component") if c.key == "game-picture")
        return json.loads(plot.proto.json)["figure"]

    link = {"part": "You against it", "game": "12"}
    assert picture(visit(LEARN, **link)) == picture(visit(LEARN, **link))
    assert picture(visit(LEARN, **link)) != picture(visit(LEARN, **(link | {"game": "13"})))


# Bad input ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "link",
    [{"part": "x"}, {"picture": "99999"}, {"picture": "-1"}, {"at": "9-9"}, {"at": "0-999999"},
     {"at": "x"}, {"epoch": "77"}, {"game": "x"}, {"game": "999999999"}, {"level": "x"},
     {"model": "nowhere"}, {"shown": "x"}, {"shown": ""}],
)  # fmt: skip
@pytest.mark.parametrize("part", PARTS)
def test_a_link_of_garbage_breaks_no_part(visit: Visit, link: dict[str, str], part: str) -> None:
    assert not visit(LEARN, **({"part": part} | link)).exception


def test_a_run_without_weights_is_told(visit: Visit) -> None:
    run = runs.create(Recipe())
    for part in PARTS:
        assert not visit(LEARN, model=run.id, part=part).exception


def test_the_levels_are_those_of_the_game(visit: Visit) -> None:
    assert guessing.LEVELS[0] == "Mixed"
    assert "T-shirt/top" in labels(visit(LEARN, part="You against it"))


# Experiments ---------------------------------------------------------------------------------


def test_a_guess_comes_before_the_runs(visit: Visit, line) -> None:
    app = visit(LEARN, part="Experiments", experiment="momentum")
    find = next(item for item in app.button if item.label == "Find out")
    assert find.disabled
    app.radio(key="experiment-guess-momentum").set_value(0).run()
    button(app, "Find out").click().run()
    assert not app.exception
    made = [runs.open_run(name) for name in line.runs]
    assert len(made) == 6 and len({run.group for run in made}) == 1
    assert "Your guess" in words(app) and "0 of 6 runs ended" in words(app)
    for run in made:
        line.withdraw(run.id)
        tell(run, "epoch_end", epoch=1, loss=0.5, accuracy=0.8, val_loss=0.5, val_accuracy=0.8,
             learning_rate=0.01, seconds=1.0, elapsed=1.0)  # fmt: skip
        finish(run)
    app.run()
    text = words(app)
    assert "6 of 6 runs ended" in text and "What it showed with us" in text
    assert "80.00 ± 0.00 %" in text
    app.text_area(key="experiment-note-momentum").set_value("<b>aha</b>").run()
    assert "Your lab notebook" in words(app)
    button(app, "Once more, from the guess on").click().run()
    assert next(item for item in app.button if item.label == "Find out")


@pytest.mark.parametrize("name", ["nowhere", "x" * 999, "../..", ""])
def test_an_unknown_experiment_is_the_first(visit: Visit, name: str) -> None:
    app = visit(LEARN, part="Experiments", experiment=name)
    assert not app.exception and "Find out" in labels(app)


@pytest.mark.slow
def test_every_mini_batch_is_another_one(visit: Visit, monkeypatch) -> None:
    """Also after more presses than can be undone."""
    seen = []
    real = Lesson.learn

    def noted(self, images, *rest):
        seen.append(images.tobytes())
        real(self, images, *rest)

    monkeypatch.setattr(Lesson, "learn", noted)
    app = visit(LEARN, model="notebook")
    for _ in range(MOST_UNDOS + 3):
        button(app, "A mini-batch of 32").click().run()
    assert len(set(seen)) == len(seen) == MOST_UNDOS + 3
