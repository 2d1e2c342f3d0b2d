"""The table of runs: what it shows, and what is pressed in it, by its owner and by a stranger."""

import json
import shutil

import pytest

from fmnist.recipe import Recipe
from fmnist.training import label, runs
from fmnist.training.label import Label
from tests.pages.test_home import words
from tests.pages.train_runs import TRAIN, Visit, act, button, finish, lock_run, make_run, table

HOME = "streamlit_app.py"
PAGES = [HOME, TRAIN]


@pytest.mark.parametrize("page", PAGES)
def test_the_table_shows_every_run_newest_first(visit: Visit, page: str, request) -> None:
    usual, other, training = make_run(), make_run(optimizer="Adam", learning_rate=0.003), make_run()
    finish(usual)
    lock_run(training, "worker", request)
    first, second, third = table(visit(page))
    assert [first["id"], second["id"], third["id"]] == [training.id, other.id, usual.id]
    assert (third["state"], third["test"], third["best"]) == ("finished", 0.8773, 0.79)
    assert (second["what"], second["state"]) == ("Adam, learning rate 0.003", "interrupted")
    assert (third["what"], first["what"]) == ("", "")
    assert (first["live"], first["completed"], first["epochs"]) == (True, 2, 5)
    assert (third["seconds"], third["data"]) == (2.0, "")


@pytest.mark.parametrize("page", PAGES)
def test_open_leads_to_the_run(visit: Visit, page: str) -> None:
    run = make_run()
    app = act(visit(page), {"do": "open", "run": run.id})
    assert not app.exception
    if page == TRAIN:
        assert app.query_params["run"] == run.id


def test_chosen_runs_are_laid_over_each_other_with_what_differs(visit: Visit) -> None:
    made = [make_run(seed=seed, batch_size=32 + 32 * seed) for seed in range(3)]
    app = act(visit(TRAIN), {"do": "compare", "runs": [run.id for run in made]})
    assert not app.exception
    assert app.query_params["run"] == made[0].id
    assert app.query_params["compare"] == ",".join(run.id for run in made[1:])
    text = words(app)
    assert "| Run | Batch size | Seed |" in text
    assert "| 96 | 2 |" in text


def test_from_run_to_run_the_curves_are_drawn_as_before(visit: Visit) -> None:
    """The widgets stay on the page, so the address must go on saying what they say."""
    first, second = make_run(seed=0), make_run(seed=1)
    app = visit(TRAIN, run=first.id, smoothing="0.45")
    act(app, {"do": "open", "run": second.id})
    assert app.query_params["run"] == second.id
    assert app.query_params["smoothing"] == str(app.slider(key="smoothing").value) == "0.45"


def test_a_name_a_note_and_a_pin_are_kept(visit: Visit) -> None:
    run = make_run()
    app = visit(TRAIN)
    name, note = "<img src=x onerror=alert(1)> | **bold**", "two\nlines"
    act(app, {"do": "label", "run": run.id, "name": name, "note": note})
    act(app, {"do": "pin", "run": run.id, "pinned": True})
    assert label.read(run) == Label(name, note, True)
    (row,) = table(visit(TRAIN))
    assert (row["name"], row["note"], row["pinned"]) == (name, note, True)
    act(app, {"do": "pin", "run": run.id, "pinned": False})
    act(app, {"do": "label", "run": run.id, "name": " ", "note": ""})
    assert not (run.folder / label.FILE).exists()


@pytest.mark.parametrize("field", ["name", "note"])
def test_too_long_a_text_is_told(visit: Visit, field: str) -> None:
    run = make_run()
    app = act(visit(TRAIN), {"do": "label", "run": run.id, field: "a" * 10_000})
    assert "this one has 10,000. Shorten it" in words(app)
    assert label.read(run) == Label()


@pytest.mark.parametrize("page", PAGES)
def test_delete_can_be_undone(visit: Visit, page: str) -> None:
    run, other = make_run(), make_run()
    app = act(visit(page), {"do": "delete", "run": run.id})
    assert [row["id"] for row in table(app)] == [other.id]
    button(app, "Undo").click().run()
    assert [row["id"] for row in table(app)] == [other.id, run.id]
    assert "was deleted" not in words(app)
    assert runs.open_run(run.id) == run


def test_deleting_the_open_run_leads_back_to_the_form(visit: Visit) -> None:
    run = make_run()
    app = act(visit(TRAIN, run=run.id), {"do": "delete", "run": run.id})
    assert "run" not in app.query_params
    assert not app.exception and not app.warning


def test_a_run_at_work_is_not_deleted(visit: Visit, request) -> None:
    run = make_run()
    lock_run(run, "worker", request)
    assert "is at work. Stop it first" in words(act(visit(), {"do": "delete", "run": run.id}))
    assert runs.open_run(run.id) == run


def test_a_run_that_vanished_is_told(visit: Visit) -> None:
    run, _other = make_run(), make_run()
    app = visit(TRAIN)
    shutil.rmtree(run.folder)
    for action in ({"do": "pin", "pinned": True}, {"do": "delete"}, {"do": "label", "name": "x"}):
        assert "There is no run" in words(act(app, action | {"run": run.id}))
        assert not app.exception


@pytest.mark.parametrize(
    "garbage",
    ["", "{", "null", "[]", "7", '{"do": []}', '{"do": "delete"}', "[" * 9000, " " * 30_000,
     '{"do": "delete", "run": "../.."}', '{"do": "compare", "runs": []}',
     json.dumps({"do": "compare", "runs": ["a"] * 99}), '{"do": "open", "run": "<b>"}'],
)  # fmt: skip
def test_garbage_from_a_browser_does_nothing(visit: Visit, garbage: str) -> None:
    run = make_run()
    app = act(visit(TRAIN), garbage)
    assert not app.exception and len(app.error) == 1
    assert runs.open_run(run.id) == run


@pytest.mark.parametrize("mode", ["class", "public"])
def test_a_stranger_changes_nothing(visit: Visit, monkeypatch, line, mode: str) -> None:
    monkeypatch.setenv("FMNIST_MODE", mode)
    run = runs.create(Recipe(), "0f" * 16)
    app = visit(TRAIN)
    button(app, "Start").click().run()
    assert [row["id"] for row in table(app)] == list(line.runs)  # one's own alone
    for action in ({"do": "pin", "pinned": True}, {"do": "delete"}, {"do": "label", "name": "x"}):
        assert "somebody else's" in words(act(app, action | {"run": run.id}))
    assert runs.open_run(run.id) == run
    assert label.read(run) == Label()
