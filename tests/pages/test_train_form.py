"""The form, its address, and Start."""

import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from fmnist.recipe import Recipe
from fmnist.training import runs
from fmnist.ui.server import resources
from fmnist.ui.train import start
from tests.pages.conftest import WaitingLine
from tests.pages.test_home import words
from tests.pages.train_runs import TRAIN, Visit, button, labels, query
from tests.reading import as_read


def test_a_first_visit_shows_the_notebooks_recipe_and_start(visit: Visit) -> None:
    app = visit(TRAIN)
    assert "784–100–75–10 · SGD 0.01 · batch 32 · 50 epochs" in words(app)
    assert "Start" in labels(app)
    assert query(app) == {}


def test_a_link_fills_the_form(visit: Visit) -> None:
    app = visit(TRAIN, epochs="7", optimizer="Adam", hidden_units="64-32-16", l2="0.001")
    assert "784–64–32–16–10 · Adam 0.001 · batch 32 · 7 epochs" in words(app)
    assert app.number_input(key="recipe_epochs").value == 7
    assert Recipe.from_mapping(query(app)) == Recipe(
        epochs=7, optimizer="Adam", learning_rate=0.001, hidden_units=(64, 32, 16), l2=0.001
    )


def test_the_form_fills_the_link(visit: Visit) -> None:
    app = visit(TRAIN)
    app.number_input(key="recipe_epochs").set_value(9).run()
    app.number_input(key="recipe_units_0").set_value(33).run()
    assert query(app) == {"epochs": "9", "hidden_units": "33-75"}


def test_an_optimizer_brings_its_own_rate_and_any_rate_survives_a_reload(visit: Visit) -> None:
    app = visit(TRAIN)
    app.selectbox(key="recipe_optimizer").set_value("Adam").run()
    assert app.number_input(key="recipe_learning_rate").value == 0.001
    app.number_input(key="recipe_learning_rate").set_value(0.01).run()
    again = visit(TRAIN, **query(app))
    assert again.number_input(key="recipe_learning_rate").value == 0.01


def test_a_bad_link_is_explained_and_its_good_part_kept(visit: Visit) -> None:
    app = visit(TRAIN, epochs="-5", learning_rate="abc", batch_size="64", utm_source="mail")
    assert len(app.warning) == 1
    assert "Epochs is '-5'" in as_read(app.warning[0].value)
    assert "Learning rate is 'abc'" in as_read(app.warning[0].value)
    assert query(app) == {"batch_size": "64"}


@pytest.mark.parametrize("name", ["../../etc/passwd", "..", "nothing-here", "a" * 500, ""])
def test_a_bad_run_is_explained_in_one_message(visit: Visit, runs_dir: Path, name: str) -> None:
    app = visit(TRAIN, run=name, epochs="8")
    assert len(app.warning) == 1
    assert app.number_input(key="recipe_epochs").value == 8
    assert "root:" not in words(app)


def test_no_hidden_layer_is_possible(visit: Visit) -> None:
    app = visit(TRAIN, hidden_units="none")
    assert "784–10 ·" in words(app)
    assert "7,850 parameters" in words(app)


def test_a_preset_fills_the_form(visit: Visit) -> None:
    app = visit(TRAIN, epochs="3")
    app.button_group(key="preset").set_value("notebook").run()
    assert query(app) == {}


def test_start_makes_a_run_queues_it_and_opens_it(visit: Visit, line) -> None:
    app = visit(TRAIN, epochs="3", seed="4")
    button(app, "Start").click().run()
    assert not app.exception
    (run,) = runs.list_runs()
    assert run.recipe == Recipe(epochs=3, seed=4)
    assert list(line.runs) == [run.id]
    assert query(app) == {"run": run.id}
    assert "Waiting" in words(app)


def test_start_takes_what_was_typed_in_the_same_moment(visit: Visit, line) -> None:
    app = visit(TRAIN)
    app.number_input(key="recipe_epochs").set_value(7)
    app.number_input(key="recipe_units_0").set_value(33)
    button(app, "Start").click().run()
    (run,) = runs.list_runs()
    assert run.recipe == Recipe(epochs=7, hidden_units=(33, 75))


def test_the_form_starts_one_run_after_another(visit: Visit, line) -> None:
    app = visit(TRAIN, epochs="3")
    for count in (1, 2):
        button(app, "Start").click().run()
        assert len(runs.list_runs()) == count
        button(app, "New run").click().run()


def test_a_folder_that_cannot_be_written_is_explained(
    visit: Visit, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    app = visit(TRAIN)
    monkeypatch.setenv("FMNIST_RUNS_DIR", str(tmp_path / "file" / "runs"))
    button(app, "Start").click().run()
    assert "cannot be written" in app.error[0].value
    assert "Start" in labels(app)
    assert not app.run().error  # said once: another press says it again


def test_the_second_of_two_clicks_brings_the_forms_address_and_changes_nothing(
    visit: Visit, line
) -> None:
    """The browser sends it before it has followed the first, which is served whole by then."""
    app = visit(TRAIN, epochs="3")
    app.button(key="start").click().run()
    (run_id,) = line.runs
    for _ in range(2):
        app.query_params.clear()
        app.query_params["epochs"] = "3"
        app.run()
        assert query(app) == {"run": run_id}
        assert "Start" not in labels(app)
    assert list(line.runs) == [run_id]


def test_two_clicks_served_at_the_same_time_make_one_run(
    runs_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Streamlit serves the second in another thread of the same session."""
    line = WaitingLine()
    both = threading.Barrier(2)

    def form_recipe() -> Recipe:
        both.wait(60)
        return Recipe()

    state: dict[str, object] = {start.STARTED: start.LastStart()}
    monkeypatch.setattr(start, "st", SimpleNamespace(session_state=state))
    monkeypatch.setattr(start, "form_recipe", form_recipe)
    monkeypatch.setattr(resources, "job_queue", lambda: line)
    threads = [threading.Thread(target=start._start) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(line.runs) == 1
    for run_id in list(line.runs):
        line.withdraw(run_id)


def test_a_start_is_followed_however_late_and_then_only_once(visit: Visit, line) -> None:
    """A busy server: what the first click's page should have done was overtaken by the second."""
    app = visit(TRAIN)
    run = runs.create(Recipe())
    app.session_state[start.STARTED] = start.LastStart({"run": run.id})
    button(app, "Start").click().run()
    assert query(app) == {"run": run.id}
    assert not line.runs  # that press was the second of two
    last = app.session_state[start.STARTED]
    assert last.is_recent()
    last.followed -= start.SECOND_CLICK_SECONDS
    assert not last.is_recent()


def test_a_press_is_the_second_of_two_until_the_form_was_drawn_anew(visit: Visit, line) -> None:
    app = visit(TRAIN)
    button(app, "Start").click().run()
    assert len(line.runs) == 1
    last = app.session_state[start.STARTED]
    last.followed -= 10 * start.SECOND_CLICK_SECONDS  # so slow was the page of the run
    last.drawn = last.followed - 1
    assert last.is_second_click()
    del app.query_params["run"]
    app.run()  # back to the form, after a while
    assert app.session_state[start.STARTED].drawn > last.followed
    assert not last.is_second_click()
    button(app, "Start").click().run()
    assert len(line.runs) == 2
    for run_id in list(line.runs):
        line.withdraw(run_id)
