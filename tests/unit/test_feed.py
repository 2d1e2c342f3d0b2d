"""Which images an epoch shows: a function of recipe, seed and epoch alone."""

import numpy as np
import pytest

from fmnist.recipe import Recipe
from fmnist.synthetic import augment
from fmnist.training.feed import labels_to_learn, make_feed


@pytest.mark.slow
@pytest.mark.parametrize("augmentation", ["none", "flip", "pictures"])
def test_an_epoch_shows_every_image_once_in_some_form(data, augmentation):
    recipe = Recipe(training_images=400, augmentation=augmentation, seed=3)
    feed = make_feed(recipe, data)
    rows, mirrored = feed.epoch(5)
    assert rows.shape == mirrored.shape == (340,)
    assert np.array_equal(
        feed.labels[rows].astype(int).sum(), data.train_labels[:340].astype(int).sum()
    )
    if augmentation == "none":
        assert sorted(rows) == list(range(340))
        assert not mirrored.any()
    else:
        assert 100 < mirrored.sum() < 240
    if augmentation == "pictures":
        copy = np.where(rows < 340, 0, (rows - 70_000) // 340 + 1)
        assert len(set(copy)) > 3
        assert sorted(np.where(rows < 340, rows, (rows - 70_000) % 340)) == list(range(340))
        share = np.mean(np.concatenate([feed.epoch(e)[0] for e in range(30)]) < 340)
        assert share == pytest.approx(augment.WEIGHTS[0] / sum(augment.WEIGHTS), abs=0.03)


def test_order_depends_on_seed_and_epoch_alone(data):
    first = make_feed(Recipe(training_images=500, augmentation="flip", seed=1), data)
    again = make_feed(Recipe(training_images=500, augmentation="flip", seed=1), data)
    other = make_feed(Recipe(training_images=500, augmentation="flip", seed=2), data)
    for left, right in zip(first.epoch(7), again.epoch(7), strict=True):
        assert np.array_equal(left, right)
    assert not np.array_equal(first.epoch(7)[0], first.epoch(8)[0])
    assert not np.array_equal(first.epoch(7)[0], other.epoch(7)[0])


def test_splits_are_where_the_feed_says(data):
    feed = make_feed(Recipe(training_images=1000), data)
    start, stop = feed.test
    assert np.array_equal(feed.images[start:stop], data.test_images)
    assert np.array_equal(feed.labels[start:stop], data.test_labels)
    start, stop = feed.validation
    assert (start, stop) == (850, 1000)
    assert np.array_equal(feed.images[start:stop], data.train_images[850:1000])


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 1.0])
def test_shuffled_labels_change_hands_among_the_images_that_are_learnt_from(data, share):
    recipe = Recipe(training_images=1000, shuffled_labels=share, seed=5)
    learnt = labels_to_learn(recipe, data.train_labels)
    fitted = recipe.fitted_images
    assert np.array_equal(learnt[fitted:], data.train_labels[fitted:])  # validation keeps its own
    assert np.array_equal(
        np.bincount(learnt[:fitted], minlength=10), np.bincount(data.train_labels[:fitted])
    )
    changed = np.mean(learnt[:fitted] != data.train_labels[:fitted])
    assert changed == pytest.approx(0.9 * share, abs=0.04)  # one in ten finds its own again
    assert np.array_equal(learnt, labels_to_learn(recipe, data.train_labels))
    feed = make_feed(recipe, data)
    assert np.array_equal(feed.labels[: len(learnt)], learnt)
    start, stop = feed.test
    assert np.array_equal(feed.labels[start:stop], data.test_labels)


def test_other_seeds_mix_up_other_labels(data):
    one, other = (
        labels_to_learn(Recipe(shuffled_labels=0.5, seed=seed), data.train_labels)
        for seed in (1, 2)
    )
    assert not np.array_equal(one, other)
