from dataclasses import replace

import numpy as np
import pytest

from fmnist import standin
from fmnist.dataset import DatasetError
from fmnist.recipe import Recipe
from fmnist.training.trainer import Trainer
from tests.unit.test_trainer import Silent


@pytest.fixture(scope="module")
def drawn():
    return standin.load()


@pytest.mark.slow
def test_it_has_the_shapes_of_the_data_set(drawn):
    for images, labels, count in (
        (drawn.train_images, drawn.train_labels, 60_000),
        (drawn.test_images, drawn.test_labels, 10_000),
    ):
        assert images.shape == (count, 28, 28)
        assert labels.shape == (count,)
        assert images.dtype == labels.dtype == np.uint8
        assert (np.bincount(labels) == count // 10).all()
        assert not images.flags.writeable
        assert not labels.flags.writeable


def test_it_says_that_it_is_not_the_data_set(drawn):
    assert not drawn.official
    assert "stand-in" in drawn.name


def test_it_is_small_enough():
    assert standin.PATH.stat().st_size <= standin.MAX_BYTES


@pytest.mark.slow
def test_the_same_seed_draws_the_same_images(drawn):
    again = standin.load()
    assert (again.train_images[::97] == drawn.train_images[::97]).all()
    assert (again.test_labels == drawn.test_labels).all()
    other = standin.load(seed=1)
    assert (other.train_images[::97] != drawn.train_images[::97]).any()


def test_splits_differ(drawn):
    assert (drawn.train_images[:500] != drawn.test_images[:500]).any()


def test_classes_look_like_those_of_the_data_set(drawn, real_data):
    # A classifier by nearest class mean, made from the stand-in alone, works on real images.
    means = np.stack(
        [drawn.train_images[drawn.train_labels == k].mean(0).ravel() for k in range(10)]
    )
    real = real_data.test_images[:2000].reshape(2000, -1).astype(np.float64)
    distance = ((real[:, None] - means[None]) ** 2).sum(-1)
    assert (distance.argmin(1) == real_data.test_labels[:2000]).mean() > 0.65


def test_an_mlp_trained_on_it_works_on_real_images(drawn, real_data, tensorflow):
    # The notebook's network and plain SGD, in fewer epochs at a higher rate.
    images, labels = real_data.test_images, real_data.test_labels
    drawn_and_real = replace(drawn, test_images=images, test_labels=labels)
    trainer = Trainer(Recipe(epochs=10, learning_rate=0.05), drawn_and_real)
    trainer.fit(Silent())
    assert trainer.evaluate_test()[1] >= 0.83


def test_building_needs_the_real_data(drawn):
    with pytest.raises(DatasetError, match="not from"):
        standin.build(drawn)


@pytest.mark.slow
def test_saving_keeps_the_model(tmp_path):
    model = standin.read()
    path = tmp_path / "standin.npz"
    assert standin.save(model, path) == path.stat().st_size
    again = standin.read(path)
    assert again.axes == pytest.approx(model.axes, abs=0.01)
    assert again.factors == pytest.approx(model.factors, rel=1e-3)


def test_a_damaged_file_says_what_to_do(tmp_path):
    path = tmp_path / "standin.npz"
    path.write_bytes(b"no archive")
    with pytest.raises(DatasetError, match="build-standin"):
        standin.load(path)


def test_an_odd_count_is_refused():
    with pytest.raises(ValueError, match="multiple of 10"):
        standin.draw(standin.read(), 15, np.random.default_rng(0))
