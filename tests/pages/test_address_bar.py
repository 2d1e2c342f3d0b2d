"""Pages follow links and the back button, and neither undoes what a person does."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from fmnist.dataset import Dataset
from fmnist.prediction.confidence import CERTAINTY
from fmnist.recipe import Recipe
from fmnist.ui.parts import address
from fmnist.ui.train import start
from tests.archives import fitted_network, make_run
from tests.pages.test_home import words
from tests.pages.test_links import go, menu
from tests.pages.train_runs import make_run as make_training_run
from tests.pages.train_runs import query

pytestmark = pytest.mark.slow
Visit = Callable[..., AppTest]
TRAIN, PREDICT = "pages/train.py", "pages/predict.py"
WEIGHTS, EVALUATE = "pages/weights.py", "pages/evaluate.py"


@pytest.fixture(scope="module")
def network(data: Dataset):
    return fitted_network(data, (12, 8))


def back(app: AppTest, **query: str) -> AppTest:
    """The same page at an address that it had before."""
    app.query_params.clear()
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def source(app: AppTest):
    return app.segmented_control(key="source")


def test_back_from_upload_leads_to_the_canvas(visit: Visit) -> None:
    app = visit(PREDICT)
    app = source(app).set_value("upload").run()
    assert query(app) == {"source": "upload"}
    app = back(app)
    assert source(app).value == "draw"
    assert query(app) == {}


def test_the_first_sample_has_no_step_of_its_own(visit: Visit) -> None:
    app = visit(PREDICT)
    app = source(app).set_value("sample").run()
    assert query(app) == {"source": "sample"}
    app = app.number_input[0].set_value(5).run()
    assert query(app) == {"source": "sample", "index": "5"}
    app = back(app, source="sample")
    assert app.number_input[0].value == 0
    assert query(app) == {"source": "sample"}


def test_back_in_the_form_undoes_a_change(visit: Visit) -> None:
    app = visit(TRAIN)
    app.number_input(key="recipe_epochs").set_value(7).run()
    assert query(app) == {"epochs": "7"}
    app.number_input(key="recipe_epochs").set_value(9).run()
    app = back(app, epochs="7")
    assert app.number_input(key="recipe_epochs").value == 7
    app = back(app)
    assert app.number_input(key="recipe_epochs").value == Recipe().epochs
    assert query(app) == {}


def test_back_from_a_run_leads_to_the_form(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    app = visit(TRAIN)
    next(item for item in app.button if item.label == "Start").click().run()
    assert "run" in query(app)
    monkeypatch.setattr(start, "SECOND_CLICK_SECONDS", 0)  # until then it may be a second click
    app = back(app)
    assert "Start" in [item.label for item in app.button]


def test_back_to_an_address_without_a_neuron_shows_the_first(
    visit: Visit, network, runs_dir
) -> None:
    run = make_run(network)
    app = visit(WEIGHTS, model=run.id)
    app.number_input[0].set_value(5).run()
    app = back(app, model=run.id)
    assert app.number_input[0].value == 0


def test_back_to_an_address_without_a_model_shows_the_first(
    visit: Visit, network, runs_dir
) -> None:
    run = make_run(network)
    app = visit(PREDICT)
    first = app.selectbox(key="model-picker").value
    app = app.selectbox(key="model-picker").select(run.id).run()
    assert query(app) == {"model": run.id}
    assert back(app).selectbox(key="model-picker").value == first


# A browser sends its address along with each change; of two quick changes, the second comes with
# the address of before the first.


def test_a_late_address_does_not_undo_the_source(visit: Visit) -> None:
    app = visit(PREDICT, source="draw")
    app = source(app).set_value("upload").run()
    app.query_params["source"] = "draw"
    app = source(app).set_value("sample").run()
    assert source(app).value == "sample"
    assert query(app)["source"] == "sample"


def test_a_browser_without_a_choice_gets_the_source_of_the_address(visit: Visit) -> None:
    """It says so when the menu's link to the open page was clicked while a part of it was made."""
    app = visit(PREDICT, source="sample", index="5")
    app = source(app).set_value(None).run()
    assert not app.exception
    assert source(app).value == "sample"
    assert query(app) == {"source": "sample", "index": "5"}


def test_a_late_address_does_not_undo_the_form(visit: Visit) -> None:
    app = visit(TRAIN)
    app.number_input(key="recipe_epochs").set_value(7).run()
    app.query_params.clear()
    app.number_input(key="recipe_seed").set_value(3).run()
    assert query(app) == {"epochs": "7", "seed": "3"}


def test_a_late_address_does_not_undo_the_model(visit: Visit, network, runs_dir) -> None:
    first, second = make_run(network), make_run(network)
    app = visit(EVALUATE, model="tuned")
    app = app.selectbox(key="model-picker").select(first.id).run()
    app.query_params["model"] = "tuned"
    app = app.selectbox(key="model-picker").select(second.id).run()
    assert query(app)["model"] == second.id


# What a link says besides.


def test_a_link_opens_an_epoch(visit: Visit, network, runs_dir) -> None:
    run, other = make_run(network, epochs=4), make_run(network, epochs=3)
    app = visit(WEIGHTS, model=run.id, epoch="2", beside=other.id, beside_epoch="1")
    assert [slider.value for slider in app.select_slider] == [2, 1]
    app.select_slider[0].set_value(3).run()
    assert query(app)["epoch"] == "3"
    assert menu(go(app, PREDICT))["Weights"]["epoch"] == "3"
    app = go(app, WEIGHTS, model=run.id, epoch="3")
    app.select_slider[0].set_value(4).run()
    assert "epoch" not in query(app)  # the newest
    assert app.select_slider[0].value == 4


@pytest.mark.parametrize("epoch", ["9", "x", "", "-1", "٣"])
def test_an_epoch_that_is_not_kept_is_the_newest(
    visit: Visit, network, runs_dir, epoch: str
) -> None:
    app = visit(WEIGHTS, model=make_run(network, epochs=2).id, epoch=epoch)
    assert app.select_slider[0].value == 2
    assert "epoch" not in query(app)


def test_a_playing_grid_leaves_the_address_alone(visit: Visit, network, runs_dir) -> None:
    app = visit(WEIGHTS, model=make_run(network, epochs=4).id, epoch="1")
    next(item for item in app.button if item.label == "Play").click().run()
    assert "epoch" not in query(app)
    shown = app.select_slider[0].value
    next(item for item in app.button if item.label == "Pause").click().run()
    assert query(app)["epoch"] == str(app.select_slider[0].value)
    assert app.select_slider[0].value >= shown


def test_a_link_opens_a_cell_of_the_matrix(visit: Visit, network, runs_dir) -> None:
    run = make_run(network)
    app = visit(EVALUATE, model=run.id, cell="2-4")
    assert "Pullover taken for Coat" in words(app)
    assert "Pullover taken for Coat" not in words(back(app, model=run.id, cell="7-9"))


@pytest.mark.parametrize(
    ("parameter", "text", "said"),
    [
        ("true", "Shirt", "True class"),
        ("predicted", "Bag", "Predicted class"),
    ],
)
def test_a_link_opens_filters(
    visit: Visit, network, runs_dir, parameter: str, text: str, said: str
) -> None:
    app = visit(EVALUATE, model=make_run(network).id, **{parameter: text})
    box = next(item for item in app.selectbox if item.label == said)
    assert box.options[box.index] == text


def test_a_link_opens_runs_to_compare_with(visit: Visit) -> None:
    first, second, third = (make_training_run(seed=seed) for seed in range(3))
    app = visit(TRAIN, run=third.id, compare=f"{first.id},{second.id},nobody")
    assert set(app.multiselect[0].value) == {first.id, second.id}
    app.multiselect[0].set_value([second.id]).run()
    assert query(app)["compare"] == second.id
    app = back(app, run=third.id, compare=first.id)
    assert app.multiselect[0].value == [first.id]
    app = back(app, run=third.id)
    assert app.multiselect[0].value == []


def test_a_link_opens_the_curves_as_they_were_seen(visit: Visit) -> None:
    app = visit(TRAIN, run=make_training_run().id, smoothing="0.5", log_loss="true")
    assert app.slider(key="smoothing").value == 0.5
    assert app.toggle(key="log_loss").value is True


def test_a_link_that_is_not_understood_says_so(visit: Visit) -> None:
    app = visit(PREDICT, source="telepathy", stages="turn the thing")
    (note,) = app.warning
    assert "telepathy" in note.value and "turn the thing" in note.value
    assert not visit(PREDICT, source="sample", index="3", utm_source="mail").warning


def test_the_certainty_of_predict_is_not_the_threshold_of_evaluate(
    visit: Visit, network, runs_dir
) -> None:
    run = make_run(network)
    app = visit(PREDICT, model=run.id)
    app.slider(key="certainty").set_value(90).run()
    app = go(app, EVALUATE, model=run.id, view="Calibration").run()
    assert app.slider[0].value == CERTAINTY


@pytest.mark.parametrize("partial", [True, False])
def test_only_a_run_of_the_whole_page_brings_news(
    visit: Visit, monkeypatch: pytest.MonkeyPatch, partial: bool
) -> None:
    """The clock has a part drawn with the address of before a click."""
    app = visit(EVALUATE, cell="1-1")
    monkeypatch.setattr(address, "is_partial_run", lambda: partial)
    app.query_params.pop("cell")
    app.run()
    still = any("Trouser, recognised" in title.value for title in app.subheader)
    assert still == partial


@pytest.mark.parametrize("history", [True, False])
def test_a_step_back_that_is_cut_short_is_taken_by_the_next_run(
    visit: Visit, monkeypatch: pytest.MonkeyPatch, history: bool
) -> None:
    """The browser still has the widget as it was; a click that crosses another is no step back."""
    app = visit(PREDICT, source="sample")
    monkeypatch.setattr(address, "is_history_run", lambda: history)
    app.query_params.pop("source")
    app.session_state["source in the address"] = None  # all that the run that was cut short did
    app.run()
    assert app.session_state["source"] == ("draw" if history else "sample")
