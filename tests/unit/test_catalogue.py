import json
import time
import warnings

import numpy as np
import pytest

from fmnist import catalogue
from fmnist.network import ModelError
from fmnist.recipe import PRESETS, Recipe
from fmnist.training import runs
from fmnist.training.runs import EventLog
from fmnist.training.summaries import Summaries


@pytest.fixture(scope="module")
def archive(tensorflow, tmp_path_factory):
    """A trained-looking model as bytes of a .keras file."""
    from fmnist.keras_model import build_sequential

    path = tmp_path_factory.mktemp("model") / "model.keras"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of NumPy, from inside Keras
        build_sequential(Recipe(hidden_units=(8,), seed=1)).save(path)
    return path.read_bytes()


@pytest.fixture
def bundled(tmp_path, monkeypatch, archive):
    folder = tmp_path / "models"
    folder.mkdir()
    monkeypatch.setattr(catalogue, "MODELS_DIR", folder)
    (folder / "tuned.keras").write_bytes(archive)
    (folder / "notebook.keras").write_bytes(archive)
    return folder


def finished_run(archive, official=True):
    run = runs.create(Recipe(epochs=1, hidden_units=(8,)))
    log = EventLog(run)
    log.append(
        "train_begin",
        data_name="Fashion-MNIST" if official else "a stand-in for Fashion-MNIST",
        data_official=official,
        learning_rate=0.01,
    )
    epoch = {"epoch": 1, "loss": 1.0, "accuracy": 0.5, "val_loss": 1.0, "val_accuracy": 0.5,
             "learning_rate": 0.01, "seconds": 1.0, "elapsed": 1.0}  # fmt: skip
    log.append("epoch_end", **epoch)
    log.append("test_end", loss=0.5, accuracy=0.8123, samples=[])
    log.append("train_end", state="finished")
    log.close()
    run.model_path.write_bytes(archive)
    return run


def test_bundled_models_come_first_then_runs(bundled, runs_dir, archive):
    run = finished_run(archive)
    runs.create(Recipe())  # has no model yet, so it is not offered
    choices = catalogue.model_choices(Summaries().sound())
    assert [choice.ref for choice in choices] == ["tuned", "notebook", run.id]
    assert "1 epoch" in choices[2].label
    assert "81.2% on the test images" in choices[2].label


def test_only_what_is_there_is_offered(bundled, runs_dir):
    (bundled / "tuned.keras").unlink()
    assert [choice.ref for choice in catalogue.model_choices(Summaries().sound())] == ["notebook"]


def test_equal_runs_of_one_minute_have_labels_of_their_own(bundled, runs_dir, archive, monkeypatch):
    monkeypatch.setattr(time, "time", lambda: 1_700_000_000.0)
    first, second = finished_run(archive), finished_run(archive)
    labels = {choice.ref: choice.label for choice in catalogue.model_choices(Summaries().sound())}
    assert len(set(labels.values())) == 4
    assert first.id[-6:] in labels[first.id]
    assert second.id[-6:] in labels[second.id]


def test_open_a_bundled_model(bundled, runs_dir):
    model = catalogue.open_model("notebook")
    assert model.ref == "notebook"
    assert model.recipe == PRESETS["notebook"]
    assert model.network.layers[0].units == 8
    assert model.data_official


def test_open_a_run(bundled, runs_dir, archive):
    run = finished_run(archive)
    model = catalogue.open_model(run.id)
    assert model.recipe == run.recipe
    assert model.network.probabilities(np.zeros((2, 28, 28), np.float32)).shape == (2, 10)
    assert model.data_name == "Fashion-MNIST"


def test_a_run_on_other_data_says_so(bundled, runs_dir, archive):
    run = finished_run(archive, official=False)
    model = catalogue.open_model(run.id)
    assert not model.data_official
    assert "stand-in" in model.data_name
    assert "test images" not in model.label
    assert "stand-in images" in model.label


@pytest.mark.parametrize("ref", ["nonsense", "../../etc/passwd", "", "x" * 500])
def test_an_unknown_name_is_refused_in_plain_words(bundled, runs_dir, ref):
    with pytest.raises(ModelError, match=r"'tuned' or 'notebook'") as problem:
        catalogue.open_model(ref)
    assert len(str(problem.value)) < 250


def test_a_run_that_still_trains_has_no_model(bundled, runs_dir):
    run = runs.create(Recipe())
    with pytest.raises(ModelError, match="no model yet"):
        catalogue.open_model(run.id)


def test_a_damaged_model_is_refused(bundled, runs_dir, archive):
    run = finished_run(archive)
    run.model_path.write_bytes(archive[:-100])
    with pytest.raises(ModelError, match=run.id):
        catalogue.open_model(run.id)
    (bundled / "tuned.keras").unlink()
    with pytest.raises(ModelError, match="tuned"):
        catalogue.open_model("tuned")


def test_version_changes_with_the_file(bundled, runs_dir, archive):
    before = catalogue.version("tuned")
    assert before > 0
    time.sleep(0.02)
    (bundled / "tuned.keras").write_bytes(archive)
    assert catalogue.version("tuned") != before
    assert catalogue.version("nonsense") == 0


def test_version_changes_with_what_the_model_is_called(bundled, runs_dir, archive):
    run = finished_run(archive)
    before = catalogue.version(run.id)
    run.events_path.unlink()
    assert catalogue.version(run.id) != before


def test_a_half_written_run_is_refused(bundled, runs_dir):
    run = runs.create(Recipe())
    (run.folder / "recipe.json").write_text(json.dumps({"recipe": {"epochs": "many"}}))
    with pytest.raises(ModelError, match="half-written"):
        catalogue.open_model(run.id)
