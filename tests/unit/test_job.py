"""One run from its folder to its end, and the faults on the way."""

import json
import shutil
import subprocess
from dataclasses import replace

import numpy as np
import pytest

from fmnist import environment
from fmnist.arrays import scale
from fmnist.dataset import DatasetError
from fmnist.network import read_network
from fmnist.recipe import Recipe
from fmnist.training import progress, runs
from fmnist.training.job import train_run
from fmnist.training.progress import Follower
from fmnist.training.runs import Control, RunError
from fmnist.training.trainer import Trainer

# Keras's saving and NumPy 2 do not agree on `__array__`; nothing of ours is involved.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

SMALL = Recipe(
    epochs=4,
    training_images=1000,
    hidden_units=(16, 8),
    dropout=0.1,
    optimizer="Adam",
    learning_rate=0.003,
)


@pytest.fixture(autouse=True)
def _started(tensorflow, runs_dir):
    pass


def seen(run):
    return Follower(run).poll()


def history(run):
    """All figures that do not depend on the clock."""
    return [replace(epoch, seconds=0.0) for epoch in seen(run).epochs]


def names(run):
    return [event["event"] for event in runs.read_events(run)[0]]


def copied(run):
    """A copy of a run in the folder of this test."""
    folder = environment.runs_dir() / run.id
    shutil.copytree(run.folder, folder)
    return runs.open_run(run.id)


@pytest.fixture(scope="module")
def finished(tensorflow, data, tmp_path_factory):
    """One run from start to end, undisturbed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FMNIST_RUNS_DIR", str(tmp_path_factory.mktemp("runs")))
        run = runs.create(SMALL)
        train_run(run, lambda: data)
    return run


def test_the_model_is_keras_own_and_as_good_as_told(finished, data):
    import keras

    model = keras.models.load_model(finished.model_path)
    loss, accuracy = model.evaluate(scale(data.test_images), data.test_labels, verbose=0)
    told = seen(finished).test
    assert told is not None
    assert told.accuracy == pytest.approx(accuracy, abs=1e-6)
    assert told.loss == pytest.approx(loss, rel=1e-4)
    assert type(model.optimizer).__name__ == "Adam"


def test_the_numpy_reader_gives_the_same_probabilities(finished, data):
    import keras

    model = keras.models.load_model(finished.model_path)
    images = scale(data.test_images[:500])
    ours = read_network(finished.model_path).probabilities(images)
    np.testing.assert_allclose(ours, model.predict(images, verbose=0), atol=1e-6)


def test_the_three_samples_are_the_first_test_images(finished, data):
    told = seen(finished).test
    assert told is not None
    expected = read_network(finished.model_path).probabilities(scale(data.test_images[:3]))
    assert [sample.index for sample in told.samples] == [0, 1, 2]
    assert [sample.true_class for sample in told.samples] == data.test_labels[:3].tolist()
    assert [sample.predicted_class for sample in told.samples] == expected.argmax(1).tolist()
    for sample, row in zip(told.samples, expected, strict=True):
        assert sample.probabilities == pytest.approx(row, abs=2e-6)


def test_the_test_split_is_evaluated_once_at_the_end(finished):
    assert names(finished).count("test_end") == 1
    assert names(finished)[-2:] == ["test_end", "train_end"]


def test_a_finished_run_leaves_what_is_documented(finished):
    assert {path.name for path in finished.folder.iterdir()} == {
        "recipe.json",
        "events.jsonl",
        "kernels",
        "state.npz",
        "model.keras",
        "worker.lock",
        "reserve",
    }
    assert not finished.is_locked("worker")
    assert Follower(finished).state() == progress.FINISHED


def test_stop_keeps_the_last_complete_epoch_and_resume_goes_on(data, finished):
    run = runs.create(SMALL)
    run.ask(Control("run"))
    original = Trainer.state

    def stop_after_two(trainer, epoch):
        if epoch == 2:
            run.ask(Control("stop"))
        return original(trainer, epoch)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Trainer, "state", stop_after_two)
        train_run(run, lambda: data)
    assert Follower(run).state() == progress.STOPPED
    assert history(run) == history(finished)[:2]
    assert seen(run).test is None
    kernel = read_network(run.model_path).layers[0].kernel
    np.testing.assert_allclose(kernel, run.kept.first_layer(2)[0], rtol=1e-3, atol=1e-4)

    run.ask(Control())
    train_run(run, lambda: data)
    assert Follower(run).state() == progress.FINISHED
    assert history(run) == history(finished)
    assert seen(run).test == seen(finished).test
    positions = [point.position for point in seen(run).points]
    assert positions == sorted(set(positions)) and positions[-1] == SMALL.epochs
    for mine, other in zip(
        read_network(run.model_path).layers, read_network(finished.model_path).layers, strict=True
    ):
        np.testing.assert_array_equal(mine.kernel, other.kernel)
        np.testing.assert_array_equal(mine.bias, other.bias)


def test_stop_is_told_before_the_model_is_written(data, monkeypatch):
    """Whoever pressed Stop does not wait for the archive, and a slow disk changes nothing."""
    run = runs.create(SMALL)
    original, state = Trainer.save, Trainer.state
    told_before = []

    def save(trainer, path):
        told_before.append((names(run)[-1], Follower(run).state(), run.is_locked("worker")))
        original(trainer, path)

    def stop_after_one(trainer, epoch):
        run.ask(Control("stop"))
        return state(trainer, epoch)

    monkeypatch.setattr(Trainer, "save", save)
    monkeypatch.setattr(Trainer, "state", stop_after_one)
    train_run(run, lambda: data)
    assert told_before == [("train_end", progress.STOPPED, True)]
    assert run.has_model() and not run.is_locked("worker")


def test_a_model_of_an_earlier_end_does_not_outlive_new_epochs(data, finished):
    run = copied(finished)
    before = run.model_path.read_bytes()
    found = []

    def load():
        found.append(run.model_path.read_bytes())
        return data

    def fit(*_arguments, **_options):
        found.append(run.has_model())
        raise MemoryError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Trainer, "fit", fit)
        train_run(run, load)
    assert found == [before, False]
    assert seen(run).phase == progress.FAILED and not run.has_model()


def test_a_diverged_run_keeps_the_model_of_its_last_epoch_and_goes_on_at_a_smaller_rate(data):
    recipe = replace(SMALL, optimizer="SGD", learning_rate=0.01)
    run = runs.create(recipe)
    run.ask(Control("run", pause_after=None))
    state = Trainer.state

    def too_big_after_two(trainer, epoch):
        if epoch == 2:
            run.ask(Control(learning_rate=1e30))
        return state(trainer, epoch)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Trainer, "state", too_big_after_two)
        train_run(run, lambda: data)
    assert seen(run).phase == progress.FAILED
    assert "Set a smaller one and resume" in seen(run).message
    kernel = read_network(run.model_path).layers[0].kernel
    np.testing.assert_allclose(kernel, run.kept.first_layer(2)[0], rtol=1e-3, atol=1e-4)
    run.ask(Control(learning_rate=0.005))
    train_run(run, lambda: data)
    assert seen(run).phase == progress.FINISHED
    assert [change.learning_rate for change in seen(run).rate_changes] == [0.005]
    assert [epoch.learning_rate for epoch in seen(run).epochs] == [0.01, 0.01, 0.005, 0.005]


def test_killed_between_telling_and_keeping_an_epoch(data, finished):
    """The third epoch is told, its state is not kept: it is trained again, to the same figures."""
    run = runs.create(SMALL)
    original = Trainer.state

    def die_at_three(trainer, epoch):
        if epoch == 3:
            raise KeyboardInterrupt
        return original(trainer, epoch)

    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Trainer, "state", die_at_three)
        train_run(run, lambda: data)
    assert Follower(run).state() == progress.INTERRUPTED
    assert seen(run).completed == 3
    with run.events_path.open("ab") as file:
        file.write(b'{"event": "epoch_e')  # and a torn line on top
    train_run(run, lambda: data)
    assert names(run).count("epoch_end") == 5
    assert history(run) == history(finished)
    assert seen(run).elapsed == pytest.approx(sum(item.seconds for item in seen(run).epochs))


def test_a_finished_run_that_is_handed_over_again_stays_as_it_is(data, finished):
    run = copied(finished)
    train_run(run, lambda: data)
    assert history(run) == history(finished)
    assert seen(run).test == seen(finished).test
    assert Follower(run).state() == progress.FINISHED


# Faults --------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"", b"PK garbage", b"half"])
def test_a_damaged_state_fails_in_plain_words(data, finished, content):
    run = copied(finished)
    state = run.folder / "state.npz"
    state.write_bytes(state.read_bytes()[:5000] if content == b"half" else content)
    train_run(run, lambda: data)
    assert Follower(run).state() == progress.FAILED
    assert seen(run).message.startswith("state.npz cannot be read")


def test_the_state_of_another_recipe_fails_in_plain_words(data, finished):
    run = runs.create(replace(SMALL, hidden_units=(5,)))
    shutil.copy(finished.folder / "state.npz", run.folder)
    train_run(run, lambda: data)
    assert "belongs to another recipe; start a new run" in seen(run).message
    assert seen(run).phase == progress.FAILED


def test_a_fault_of_the_data_is_told_in_the_run():
    def load():
        raise DatasetError("train-images-idx3-ubyte.gz is damaged.")

    run = runs.create(SMALL)
    train_run(run, load)
    assert seen(run).phase == progress.FAILED
    assert seen(run).message == "train-images-idx3-ubyte.gz is damaged."
    assert names(run) == ["worker_begin", "failed"]


def test_lack_of_memory_is_told_in_plain_words():
    def load():
        raise MemoryError

    run = runs.create(SMALL)
    train_run(run, load)
    assert seen(run).message.startswith("There was not enough memory for this recipe.")


def test_what_nobody_foresaw_keeps_its_type():
    def load():
        raise ZeroDivisionError("division by zero")

    run = runs.create(SMALL)
    train_run(run, load)
    assert seen(run).message == "Training failed: ZeroDivisionError: division by zero"


def test_a_run_at_work_elsewhere_is_refused_and_left_alone(data):
    run = runs.create(SMALL)
    lock = run.acquire("worker")
    with pytest.raises(RunError, match="already at work"):
        train_run(run, lambda: data)
    assert names(run) == []
    lock.release()


def test_a_deleted_folder_is_told(data):
    run = runs.create(SMALL)
    shutil.rmtree(run.folder)
    with pytest.raises(RunError, match=f"Run {run.id} cannot be written"):
        train_run(run, lambda: data)


def test_a_folder_where_the_events_should_be_is_told(data):
    run = runs.create(SMALL)
    run.events_path.mkdir()
    with pytest.raises(RunError, match=f"Run {run.id} cannot be written"):
        train_run(run, lambda: data)
    assert not run.is_locked("worker")


def test_begun_is_told_once_the_run_is_locked(data):
    run = runs.create(SMALL)
    told = []

    def load():
        raise DatasetError("No data.")

    train_run(run, load, begun=lambda: told.append((run.is_locked("worker"), names(run))))
    assert told == [(True, ["worker_begin"])]


def test_a_full_disk_fails_one_run_which_can_go_on_later(data, small_disk):
    recipe = Recipe(epochs=12, training_images=500, hidden_units=(10,))
    other, run = runs.create(SMALL), runs.create(recipe)
    train_run(run, lambda: data)
    assert Follower(run).state() == progress.FAILED
    assert seen(run).message.startswith("The disk is full, so Run ")
    done = seen(run).completed
    assert 1 <= done < 12
    assert run.events_path.read_bytes().endswith(b"}\n")
    for line in run.events_path.read_bytes().splitlines():
        json.loads(line)
    assert not list(run.folder.rglob(".*"))
    assert other.recipe == SMALL
    for epoch in run.kept.epochs():
        run.kept.first_layer(epoch)

    subprocess.run(["mount", "-o", "remount,size=8m", str(small_disk)], check=True)
    train_run(run, lambda: data)
    assert Follower(run).state() == progress.FINISHED
    assert [item.epoch for item in seen(run).epochs] == list(range(1, 13))
    whole = runs.create(recipe)
    train_run(whole, lambda: data)
    assert history(run) == history(whole)
