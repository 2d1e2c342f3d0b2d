"""Runs that a person's own program trains, on every page."""

import json

import pytest

from fmnist.recipe import Recipe
from fmnist.training import runs
from fmnist.training.foreign import Foreign
from tests.pages.test_home import words
from tests.pages.train_runs import TRAIN, Visit, act, labels, lock_run, make_run, table, tell

OWN = Foreign(
    "<b>my</b> *idea* | x", ("Conv2D (None, 6, 6, 3)", "Dense (None, 1)"), 4711, "Adam", 3
)


@pytest.fixture
def run(runs_dir):
    """A run without validation and accuracy, and without a layer that can be shown."""
    run = runs.create(Recipe(), foreign=OWN)
    tell(run, "worker_begin", epoch=0)
    tell(run, "train_begin", data_name="my *data*", data_official=False, learning_rate=0.001)
    for epoch in (1, 2):
        tell(run, "batch_end", position=epoch - 0.5, loss=3.0, elapsed=epoch, images_per_second=0.0)
        tell(run, "epoch_end", epoch=epoch, loss=2.0 / epoch, learning_rate=0.001, seconds=1.0,
             elapsed=float(epoch))  # fmt: skip
    return run


def test_it_is_shown_live_and_says_what_cannot_be_shown(visit: Visit, run, request) -> None:
    lock_run(run, "worker", request)
    app = visit(TRAIN, run=run.id)
    text = words(app)
    assert "Epoch 3 of 3" in text and "images/s" not in text
    assert "<b>my</b> *idea* | x" in text and "4,711 parameters" in text
    for missing in ("no validation", "no accuracy", "no first-layer pictures"):
        assert missing in text
    assert {"Pause", "Stop"} <= set(labels(app))
    plots = [item for item in app.get("bidi_component") if item.key in ("loss", "accuracy")]
    assert len([json.loads(json.loads(item.proto.json)["figure"]) for item in plots]) == 2


def test_an_ended_one_offers_no_recipe_and_no_resume(visit: Visit, run) -> None:
    tell(run, "train_end", state="stopped", message="")
    app = visit(TRAIN, run=run.id)
    assert "Resume" not in labels(app)
    assert "call `fit` there once more" in words(app)
    downloads = [item.proto.label for item in app.get("download_button")]
    assert downloads == ["History (.csv)"]
    assert "Conv2D" in words(app)


def test_it_stands_in_the_table_and_is_compared(visit: Visit, run) -> None:
    other = make_run()
    first, second = table(visit(TRAIN))
    assert (first["id"], second["id"]) == (other.id, run.id)
    assert (second["best"], second["last"], second["epochs"]) == (None, None, 3)
    assert second["what"] == f"your own: {OWN.title}"
    app = act(visit(TRAIN), {"do": "compare", "runs": [run.id, other.id]})
    assert not app.exception
    act(app, {"do": "compare", "runs": [other.id, run.id]})
    assert not app.exception


@pytest.mark.parametrize("page", ["predict", "weights", "evaluate"])
def test_other_pages_bear_it(visit: Visit, run, page: str) -> None:
    app = visit(f"pages/{page}.py", model=run.id)
    assert not app.exception
