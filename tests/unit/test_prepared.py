"""Changed copies, and a teacher's opinions of them, are made once and kept for the next run."""

import os

import numpy as np
import pytest

from fmnist.arrays import scale
from fmnist.keras_model import build_optimizer, build_sequential
from fmnist.recipe import Recipe
from fmnist.synthetic import augment
from fmnist.training import prepared, teacher
from fmnist.training.feed import make_feed
from fmnist.training.prepared import COPIES, FOLDER, OPINIONS, prepare
from fmnist.training.trainer import Trainer

pytestmark = pytest.mark.slow
SMALL = Recipe(training_images=200, epochs=1, hidden_units=(12,), augmentation="pictures")
TAUGHT = Recipe(training_images=200, epochs=1, hidden_units=(12,), augmentation="taught")


def quietly(_share: float) -> None:
    """Nobody wants to know."""


def nothing_is_made(*_arguments: object) -> None:
    raise AssertionError("made again")


def kept(runs_dir):
    return sorted(path.name for path in (runs_dir / FOLDER).iterdir())


def test_the_second_time_they_are_read(data, runs_dir, monkeypatch):
    first = prepare(SMALL, data, quietly)
    assert first.copies.shape == (len(augment.WEIGHTS), SMALL.fitted_images, 28, 28)
    assert first.opinions is None
    monkeypatch.setattr(augment, "variants", nothing_is_made)
    assert np.array_equal(prepare(SMALL, data, quietly).copies, first.copies)
    # what the recipe says beside seed and number of images does not matter
    other = Recipe(training_images=200, hidden_units=(), augmentation="pictures")
    assert np.array_equal(prepare(other, data, quietly).copies, first.copies)


def test_only_the_last_ones_are_kept(data, runs_dir):
    prepare(SMALL, data, quietly)
    before = kept(runs_dir)
    other = Recipe(training_images=200, seed=3, augmentation="pictures")
    assert not np.array_equal(
        prepare(other, data, quietly).copies[1:], prepare(SMALL, data, quietly).copies[1:]
    )
    prepare(other, data, quietly)
    assert len(kept(runs_dir)) == 1
    assert kept(runs_dir) != before


@pytest.mark.parametrize("damage", ["cut", "text", "another array", "objects", "fifo"])
def test_what_is_damaged_is_made_again(data, runs_dir, damage):
    made = prepare(SMALL, data, quietly).copies
    path = runs_dir / FOLDER / kept(runs_dir)[0] / COPIES
    content = path.read_bytes()
    path.unlink()
    if damage == "cut":
        path.write_bytes(content[:-5])
    elif damage == "text":
        path.write_text("no array")
    elif damage == "another array":
        np.save(path, made[:3])
    elif damage == "objects":
        np.save(path, np.array([{"a": 1}], object), allow_pickle=True)
    else:
        os.mkfifo(path)
    assert np.array_equal(prepare(SMALL, data, quietly).copies, made)
    assert np.array_equal(np.load(path), made)


def test_a_place_that_cannot_be_written_costs_nothing_but_the_time(data, runs_dir):
    runs_dir.mkdir(exist_ok=True)
    (runs_dir / FOLDER).write_text("in the way")
    assert prepare(SMALL, data, quietly).copies.shape[1] == SMALL.fitted_images


def test_a_full_disk_is_left_alone(data, runs_dir, monkeypatch):
    monkeypatch.setattr(prepared, "LEFT_FREE", 1e15)
    prepare(SMALL, data, quietly)
    assert kept(runs_dir) == []


def test_the_teacher_s_opinions_are_probabilities_of_what_is_shown(tensorflow, data, runs_dir):
    told: list[float] = []
    feed = make_feed(TAUGHT, data, told.append)
    assert told == sorted(told)
    assert feed.targets is not None
    rows, _ = feed.epoch(0)
    shown = feed.targets[rows]
    np.testing.assert_allclose(shown.sum(axis=1), 1, atol=1e-5)
    said = teacher.opinions(feed.images[rows])
    is_copy = (rows >= feed.copies_start)[:, None]
    assert 20 < is_copy.sum() < len(rows) - 20
    share = teacher.LABEL_SHARE
    originals = share * np.eye(10)[feed.labels[rows]] + (1 - share) * said
    np.testing.assert_allclose(shown, np.where(is_copy, said, originals), atol=1e-5)
    right = shown.argmax(axis=1) == feed.labels[rows]
    assert right.mean() > 0.4  # of the stand-in, its drawings and photos
    again = make_feed(TAUGHT, data)
    assert np.array_equal(again.targets, feed.targets)
    path = runs_dir / FOLDER / kept(runs_dir)[0] / OPINIONS
    assert np.load(path).shape == (len(augment.WEIGHTS), TAUGHT.fitted_images, 10)


def test_the_engine_learns_opinions_as_plain_keras_does(tensorflow, data, runs_dir):
    trainer = Trainer(TAUGHT, data)
    plain = build_sequential(TAUGHT)
    plain.compile(optimizer=build_optimizer(TAUGHT), loss="categorical_crossentropy")
    trainer.fit(Silent())
    rows, mirrored = trainer.feed.epoch(0)
    images = scale(trainer.feed.images[rows])
    images[mirrored] = images[mirrored, :, ::-1]
    for start in range(0, len(rows), TAUGHT.batch_size):
        part = slice(start, start + TAUGHT.batch_size)
        plain.train_on_batch(images[part], trainer.feed.targets[rows[part]])
    for ours, theirs in zip(trainer.network.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=2e-5)


class Silent:
    """An observer that tells nobody."""

    def on_train_begin(self) -> None: ...

    def on_epoch_begin(self) -> None: ...

    def on_train_batch_end(self, batch: int, logs: dict[str, float]) -> None: ...

    def on_epoch_end(self, logs: dict[str, float]) -> None: ...
