"""What a person takes away: history, recipe, and a notebook that repeats the run."""

import ast
import csv
import io
import json
from dataclasses import replace

import nbformat
import pytest

from fmnist.recipe import Recipe
from fmnist.training import exports, pace, runs
from fmnist.training import progress as told
from fmnist.training.progress import Epoch, Follower, Progress, RateChange
from fmnist.training.runs import Control
from tests.notebooks import executed, little, with_check
from tests.unit.test_recorder import Training

# Keras's saving and NumPy 2 do not agree on `__array__`; nothing of ours is involved.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

RECIPE = Recipe(
    epochs=3,
    training_images=2000,
    hidden_units=(32, 16),
    momentum=0.9,
    l2=0.001,
    seed=5,
    batch_size=50,
    validation_split=0.2,
)
CHECK = "import json; print(json.dumps([history, loss, accuracy]))"


def some_progress():
    epochs = [
        Epoch(number, 1 / number, 0.1 * number, 2 / number, 0.09 * number, 0.01, 0.25)
        for number in (1, 2, 3)
    ]
    return Progress(epochs=epochs, data_name="Fashion-MNIST")


def test_the_history_survives_to_the_last_bit():
    rows = list(csv.DictReader(io.StringIO(exports.history_csv(some_progress()))))
    assert [row.pop("data") for row in rows] == ["Fashion-MNIST"] * 3
    for row, epoch in zip(rows, some_progress().epochs, strict=True):
        assert (
            Epoch(**{"epoch": int(row.pop("epoch"))} | {k: float(v) for k, v in row.items()})
            == epoch
        )


def test_an_empty_history_has_its_header():
    (header,) = csv.reader(io.StringIO(exports.history_csv(Progress())))
    assert header[:3] == ["epoch", "loss", "accuracy"]


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe(),
        Recipe(hidden_units=()),
        Recipe(optimizer="AdamW", dropout=0.25, hidden_units=(512, 8, 1), l2=1e-6),
        Recipe(optimizer="RMSprop", momentum=0.5, learning_rate=1e-6),
    ],
    ids=str,
)
def test_every_notebook_is_valid_and_its_code_parses(recipe):
    notebook = nbformat.reads(exports.notebook(recipe, some_progress()), as_version=4)
    nbformat.validate(notebook)
    assert [cell.cell_type for cell in notebook.cells] == ["markdown"] + ["code"] * 6
    for cell in notebook.cells[1:]:
        ast.parse(cell.source)


def test_the_notebook_says_how_the_run_ended():
    progress = some_progress()
    progress.test = told.TestResult(0.3555, 0.8761, ())
    text = nbformat.reads(exports.notebook(Recipe(), progress), as_version=4).cells[0].source
    assert "0.3555" in text and "0.8761" in text and "Fashion-MNIST" in text


def test_rates_set_by_hand_stand_at_their_mini_batch():
    progress = some_progress()
    batches, share = RECIPE.batches_per_epoch, 7 * RECIPE.batch_size / RECIPE.fitted_images
    progress.rate_changes = [
        RateChange(0.0, 0.1, 0),
        RateChange(1 + share, 0.2, 1),
        RateChange(2.0, 0.3, 2),
    ]
    rates = {0: 0.1, batches + 7: 0.2, 2 * batches: 0.3}
    assert f"rates = {rates}" in exports.notebook(RECIPE, progress)


SCHEDULED = replace(
    RECIPE,
    optimizer="AdamW",
    learning_rate_schedule="cosine",
    learning_rate=0.004,
    ema_momentum=0.9,
    weight_decay=0.01,
    momentum=0.0,
    dropout=0.1,
    augmentation="flip",
)


@pytest.fixture
def images(data):
    """As many as the recipes train on, and some for the test."""
    return little(data, RECIPE.training_images, 1000)


@pytest.fixture(params=[RECIPE, SCHEDULED], ids=["constant", "cosine"])
def run(request, tensorflow, images, runs_dir, monkeypatch):
    """A run whose rate somebody changed in the middle of its first epoch, and again later."""
    monkeypatch.setattr(pace, "CHUNK_SECONDS", 1e-9)  # a look at the wishes at each mini-batch
    run = runs.create(request.param)
    rate = request.param.learning_rate
    with Training(run, images) as training:
        training.until(lambda seen: seen.points)
        run.ask(Control("pause"))
        training.until(lambda seen: seen.phase == told.PAUSED)
        run.ask(Control("pause", learning_rate=rate / 2))
        training.until(lambda seen: len(seen.rate_changes) == 1)
        run.ask(Control("run", pause_after=2, learning_rate=rate / 2))
        training.until(lambda seen: seen.completed == 2 and seen.phase == told.PAUSED)
        run.ask(Control("run", learning_rate=rate / 3))
        training.join()
    return run


def test_the_notebook_repeats_the_run(run, images, tmp_path):
    progress = Follower(run).poll()
    first, second = (change.position for change in progress.rate_changes)
    assert 0 < first < 1 and second == 2.0
    notebook = with_check(exports.notebook(run.recipe, progress), CHECK)
    history, loss, accuracy = json.loads(executed([notebook], images, tmp_path)[-1])
    assert [len(values) for values in history.values()] == [3] * 4
    for name, values in history.items():
        expected = [getattr(epoch, name) for epoch in progress.epochs]
        assert values[0] == pytest.approx(expected[0], rel=1e-4), name
        assert values == pytest.approx(expected, rel=1e-2), name
    assert progress.test is not None
    assert loss == pytest.approx(progress.test.loss, rel=1e-2)
    assert accuracy == pytest.approx(progress.test.accuracy, abs=0.01)
