"""The page Class: for who is in no class, for learners, and for the teacher."""

import pytest

from fmnist.recipe import PRESETS, Recipe
from fmnist.training import classroom, runs
from fmnist.ui.classroom.teacher import read_recipe
from fmnist.ui.server import owner
from tests.pages.test_home import words
from tests.pages.train_runs import TRAIN, Visit, button, labels, lock_run, table, tell

CLASS = "pages/class.py"
SOMEBODY = "0f" * 16


@pytest.fixture
def in_class(monkeypatch):
    monkeypatch.setenv("FMNIST_MODE", "class")
    monkeypatch.setenv("FMNIST_TEACHER_KEY", "k" * 20)


@pytest.fixture
def teacher(in_class, monkeypatch):
    """Whoever opens a page now has shown the key."""
    real = owner._sent
    monkeypatch.setattr(
        owner, "_sent", lambda name: "k" * 20 if name == owner.TEACHER_COOKIE else real(name)
    )


@pytest.mark.parametrize("mode", ["personal", "public"])
def test_where_there_is_no_class_the_page_says_so(visit: Visit, monkeypatch, mode: str) -> None:
    monkeypatch.setenv("FMNIST_MODE", mode)
    app = visit(CLASS)
    assert "not set up for a class" in words(app)
    menu = [link.proto.label for link in app.sidebar.get("page_link")]
    assert "Class" not in menu


def test_a_learner_joins_changes_the_name_and_sees_the_board(visit: Visit, in_class) -> None:
    app = visit(CLASS)
    assert "Class" in [link.proto.label for link in app.sidebar.get("page_link")]
    app.text_input(key="nickname").set_value("<b>Ada</b> | *x*").run()
    button(app, "Join").click().run()
    assert "You are in the class as **<b>Ada</b> | *x***" in words(app)
    (person,) = classroom.people()
    assert "No round has begun" in words(app)
    classroom.begin_round(5)
    run = runs.create(Recipe(epochs=3), person)
    tell(run, "epoch_end", epoch=1, loss=0.5, accuracy=0.8, val_loss=0.5, val_accuracy=0.8,
         learning_rate=0.01, seconds=1.0, elapsed=1.0)  # fmt: skip
    app.run()
    assert "(you) | 80.00% | 1 |" in words(app) and "Test accuracy" not in words(app)
    app.text_input(key="nickname").set_value("a" * 10_000).run()
    button(app, "Change").click().run()
    assert "this one has 10,000" in words(app)
    assert "Begin a round" not in labels(app)
    classroom.end_round()
    app.run()
    assert "The round is over" in words(app) and "Test accuracy" in words(app)


def test_the_teacher_starts_one_recipe_for_all(visit: Visit, teacher, line) -> None:
    people = [f"{number:032x}" for number in range(3)]
    for number, person in enumerate(people):
        classroom.join(person, f"learner {number}")
    app = visit(CLASS)
    app.number_input(key="class-budget").set_value(4).run()
    button(app, "Begin a round").click().run()
    assert classroom.current_round().budget == 4
    app.text_input(key="class-recipe-link").set_value("http://x/train?epochs=4&seed=7").run()
    button(app, "Start it for all").click().run()
    assert not app.exception
    made = [runs.open_run(name) for name in line.runs]
    assert {run.owner for run in made} == set(people)
    assert sorted(run.recipe.seed for run in made) == [7, 8, 9]
    assert {run.group for run in made} == {classroom.current_round().id}
    assert {row["who"] for row in table(app)} == {"learner 0", "learner 1", "learner 2"}
    button(app, "Stop all").click().run()
    assert not line.runs


def test_the_teacher_pauses_and_stops_anybody(visit: Visit, teacher, request) -> None:
    run = runs.create(Recipe(), SOMEBODY)
    tell(run, "train_begin", data_name="x", data_official=True, learning_rate=0.01)
    lock_run(run, "worker", request)
    app = visit(CLASS)
    button(app, "Pause all").click().run()
    assert run.control().state == "pause"
    tell(run, "pause")
    button(app, "Resume all").click().run()
    assert run.control().state == "run"
    button(visit(TRAIN, run=run.id), "Stop").click().run()
    assert run.control().state == "stop"


def test_somebody_is_taken_out(visit: Visit, teacher) -> None:
    classroom.join(SOMEBODY, "Eve")
    app = visit(CLASS)
    app.selectbox(key="class-remove").set_value(SOMEBODY).run()
    button(app, "Take out").click().run()
    assert classroom.people() == {} and not app.exception


@pytest.mark.parametrize("link", ["", "x", "?epochs=0", "?sky=1", "a" * 10_000, "?epochs=²"])
def test_a_recipe_of_garbage_starts_nothing(visit: Visit, teacher, line, link: str) -> None:
    classroom.join(SOMEBODY, "Eve")
    app = visit(CLASS)
    app.text_input(key="class-recipe-link").set_value(link).run()
    button(app, "Start it for all").click().run()
    assert len(app.error) == 1 and not app.exception
    assert not line.runs


def test_recipes_are_read_from_links_and_presets():
    assert read_recipe(" Tuned ") == PRESETS["tuned"]
    assert read_recipe("http://h:1/train") == Recipe()
    assert read_recipe("http://h:1/train?optimizer=Adam") == Recipe.from_mapping(
        {"optimizer": "Adam"}
    )
