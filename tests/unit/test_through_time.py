"""Networks through the epochs of a run, and the pictures of the game."""

import shutil

import numpy as np
import pytest

from fmnist import catalogue
from fmnist.insight import guessing, through_time
from fmnist.insight.backpropagation import network_of, untrained
from fmnist.insight.through_time import Answers
from fmnist.network import read_network
from fmnist.recipe import Recipe
from fmnist.training import files, runs
from fmnist.training.files import RunError
from fmnist.training.job import train_run
from fmnist.training.kept import KeptWeights

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture(scope="module")
def trained(tensorflow, data, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FMNIST_RUNS_DIR", str(tmp_path_factory.mktemp("runs")))
        made = []
        for units in ((9, 8, 7), ()):
            run = runs.create(Recipe(epochs=3, training_images=1000, hidden_units=units))
            train_run(run, lambda: data)
            made.append(run)
        yield made


def test_every_kept_epoch_is_a_whole_network(trained, data):
    for run in trained:
        assert run.kept.epochs() == [0, 1, 2, 3]
        last, model = run.kept.network(3), read_network(run.model_path, "it")
        for ours, theirs in zip(last.layers, model.layers, strict=True):
            assert np.abs(ours.kernel - theirs.kernel).max() < 1e-3  # float16
            assert ours.activation == theirs.activation
        assert np.array_equal(run.kept.first_layer(2)[0], run.kept.network(2).layers[0].kernel)
        assert run.kept.network(0).layers[0].bias.max() == 0


def test_a_run_of_an_earlier_version_says_so(runs_dir):
    run = runs.create(Recipe(hidden_units=(10,)))
    run.kept.save(1, np.ones((784, 10), np.float32), np.zeros(10, np.float32))
    with pytest.raises(RunError, match="first layer alone"):
        run.kept.network(1)
    assert run.kept.first_layer(1)[0].shape == (784, 10)
    with pytest.raises(RunError):
        run.kept.network(2)


@pytest.mark.parametrize("fault", ["shape", "nan", "units"])
def test_damaged_weights_are_told(runs_dir, fault):
    run = runs.create(Recipe(hidden_units=(10,)))
    arrays = {"kernel": np.ones((784, 10)), "bias": np.zeros(10),
              "kernel_1": np.ones((10, 10)), "bias_1": np.zeros(10)}  # fmt: skip
    if fault == "shape":
        arrays["kernel_1"] = np.ones((9, 10))
    elif fault == "nan":
        arrays["bias_1"][3] = np.nan
    else:
        arrays |= {"kernel": np.ones((784, 11)), "bias": np.zeros(11)}
    (run.folder / "kernels").mkdir()
    files.save_arrays(run.folder / "kernels" / "0001.npz", arrays)
    with pytest.raises(RunError, match="cannot be read"):
        run.kept.network(1)


def test_networks_that_cannot_be_read_are_left_out(trained, tmp_path):
    copied = KeptWeights(tmp_path / "kept", (9, 8, 7))
    shutil.copytree(trained[0].kept.folder, copied.folder)
    assert list(copied.networks()) == [0, 1, 2, 3]
    (copied.folder / "0001.npz").write_bytes(b"nothing")
    assert list(copied.networks()) == [0, 2, 3]
    assert KeptWeights(tmp_path / "nothing", ()).networks() == {}


def test_answers_are_those_of_each_network(trained, data):
    run = trained[0]
    image = data.test_images[0] / np.float32(255)
    found = through_time.answers({epoch: run.kept.network(epoch) for epoch in (0, 1, 3)}, image)
    assert found.epochs.tolist() == [0, 1, 3]
    for epoch, row in zip((0, 1, 3), found.probabilities, strict=True):
        assert np.array_equal(row, run.kept.network(epoch).probabilities(image[None])[0])


@pytest.mark.parametrize(
    ("answers", "turned"), [([3, 3, 3], None), ([1, 3, 3], 10), ([3, 1, 3], 20), ([0], None)]
)
def test_the_epoch_is_named_at_which_the_answer_came_to_stay(answers, turned):
    epochs = np.arange(len(answers)) * 10
    assert Answers(epochs, np.eye(10, dtype=np.float32)[answers]).turned_at == turned


def test_class_accuracies_are_a_plain_count(trained, data):
    run, part = trained[0], slice(0, 300)
    matrices = through_time.confusion_matrices(
        {epoch: run.kept.network(epoch) for epoch in (0, 3)},
        data.test_images[part],
        data.test_labels[part],
    )
    shares = through_time.class_accuracies(matrices)
    said = run.kept.network(3).probabilities(
        (data.test_images[part] / np.float32(255)).astype(np.float32)
    ).argmax(axis=1)  # fmt: skip
    for label in range(10):
        mine = data.test_labels[part] == label
        assert shares[1, label] == pytest.approx((said[mine] == label).mean())
        for other in range(10):
            assert matrices[1, label, other] == (said[mine] == other).sum()


def test_mistakes_come_by_how_often_they_are_made_at_any_epoch_but_the_first():
    matrices = np.zeros((3, 10, 10), np.int64)
    matrices[0, 1, 2] = 90  # before training
    matrices[:, 4, 4] = 80  # no mistake
    matrices[1, 6, 0], matrices[2, 6, 0] = 30, 5
    matrices[2, 7, 9] = 12
    first, second = through_time.mistakes(matrices, 2)
    assert (first.label, first.predicted, first.counts) == (6, 0, (0, 30, 5))
    assert first.worst == 30
    assert (second.label, second.predicted, second.counts) == (7, 9, (0, 0, 12))


def test_the_most_changeable_pictures_of_a_class_come_first():
    answers = np.array([[1, 2, 3, 2, 2], [2, 2, 1, 2, 3], [1, 2, 2, 2, 3]])
    labels = np.array([2, 2, 2, 7, 2], np.uint8)
    # Twice changed but wrong in the end: after those that are right.
    assert through_time.changeable(answers, labels, 2).tolist() == [2, 1, 0, 4]
    assert through_time.changeable(answers, labels, 5).tolist() == [0]


def test_the_notebook_model_comes_with_its_epochs(data):
    kept = catalogue.kept_weights("notebook")
    epochs = kept.whole_epochs()
    assert epochs[0] == 0 and epochs[-1] == 50 and len(epochs) >= 15
    model = catalogue.open_model("notebook").network
    for ours, theirs in zip(kept.network(50).layers, model.layers, strict=True):
        assert np.abs(ours.kernel - theirs.kernel).max() < 1e-3  # float16
    matrices = through_time.confusion_matrices(
        {epoch: kept.network(epoch) for epoch in (0, 1, 50)},
        data.test_images[:1000],
        data.test_labels[:1000],
    )
    right = [int(np.trace(matrix)) for matrix in matrices]
    assert right[0] < 250 < right[1] < right[2]
    assert catalogue.kept_weights("tuned") is None


# The game ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", guessing.LEVELS)
def test_twenty_different_pictures_the_same_for_the_same_number(level):
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet(np.ones(10), 1000).astype(np.float32)
    labels = rng.integers(0, 10, 1000).astype(np.uint8)
    chosen = guessing.pictures(probabilities, labels, level, 3)
    assert len(set(chosen.tolist())) == 20
    assert np.array_equal(chosen, guessing.pictures(probabilities, labels, level, 3))
    assert not np.array_equal(chosen, guessing.pictures(probabilities, labels, level, 4))
    chance = probabilities[np.arange(1000), labels]
    if level == "Hard":
        assert chance[chosen].max() <= np.quantile(chance, 0.11)
    if level == "Easy":
        assert chance[chosen].min() >= np.quantile(chance, 0.49)
    with pytest.raises(ValueError, match="no level"):
        guessing.pictures(probabilities, labels, "Impossible", 0)


@pytest.mark.parametrize("level", guessing.LEVELS)
def test_no_picture_comes_twice_in_a_sitting(level):
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet(np.ones(10), 1000).astype(np.float32)
    labels = rng.integers(0, 10, 1000).astype(np.uint8)
    turns = {"Mixed": 50, "Easy": 25, "Hard": 5}[level]
    shown = [int(n) for seed in range(turns)
             for n in guessing.pictures(probabilities, labels, level, seed)]  # fmt: skip
    assert len(shown) == len(set(shown)) == 20 * turns
    assert len(guessing.pictures(probabilities, labels, level, 999_999_999)) == 20


def test_the_score_is_a_recount():
    rng = np.random.default_rng(1)
    yours, network, labels = (rng.integers(0, 3, 20).tolist() for _ in range(3))
    told = guessing.score(yours, network, labels)
    assert told.yours == sum(a == b for a, b in zip(yours, labels, strict=True))
    assert told.network == sum(a == b for a, b in zip(network, labels, strict=True))
    assert told.disagreed == tuple(n for n in range(20) if yours[n] != network[n])
    assert guessing.score([], network, labels) == guessing.Score(0, 0, 0, ())
    assert guessing.score(yours[:7], network, labels).asked == 7


def test_a_small_network_is_enough_for_every_part():
    assert network_of(untrained((1,), 0)).layers[0].units == 1
