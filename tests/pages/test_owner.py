"""Who may do what with a run: its owner everything, whoever has the link may watch and copy."""

import pytest

from fmnist.recipe import Recipe
from fmnist.training import runs
from fmnist.training.runs import Control
from tests.pages.test_home import words
from tests.pages.train_runs import TRAIN, Visit, button, labels, lock_run, make_run

SOMEBODY = "0f" * 16


@pytest.fixture(params=["class", "public"])
def shared(request, monkeypatch):
    """A server that others use too."""
    monkeypatch.setenv("FMNIST_MODE", request.param)


def test_a_stranger_watches_and_controls_nothing(visit: Visit, shared, request) -> None:
    run = runs.create(Recipe(epochs=5), SOMEBODY)
    lock_run(run, "worker", request)
    app = visit(TRAIN, run=run.id)
    assert "You are watching" in words(app)
    assert {"Pause", "Step", "Stop", "Resume"}.isdisjoint(labels(app))
    assert not app.number_input
    button(app, "New run").click().run()  # copying the recipe is open to all
    assert not app.exception and app.query_params["epochs"] == "5"
    assert run.control() == Control()


def test_who_starts_a_run_controls_it(visit: Visit, shared, line) -> None:
    app = visit(TRAIN)
    button(app, "Start").click().run()
    (run_id,) = line.runs
    assert runs.open_run(run_id).owner
    assert "You are watching" not in words(app)
    stranger = visit(TRAIN, run=run_id)
    assert "You are watching" in words(stranger)
    button(app, "Stop").click().run()
    assert not line.runs


def test_a_run_of_nobody_is_everybody_s_to_watch(visit: Visit, shared) -> None:
    assert "You are watching" in words(visit(TRAIN, run=make_run().id))


def test_for_one_person_every_run_is_theirs(visit: Visit, request) -> None:
    run = runs.create(Recipe(), SOMEBODY)
    lock_run(run, "worker", request)
    assert "Stop" in labels(visit(TRAIN, run=run.id))


def test_lists_show_nobody_s_runs_but_one_s_own(visit: Visit, shared, line) -> None:
    others = make_run(seed=5)
    app = visit(TRAIN)
    button(app, "Start").click().run()
    own = next(iter(line.runs))
    app = visit(TRAIN)
    assert others.id not in str(app.main)
    assert own not in str(app.main)  # another session, another person
    weights = visit("pages/weights.py", model=others.id)  # by its link all the same
    assert weights.selectbox(key="model-picker").value == others.id
