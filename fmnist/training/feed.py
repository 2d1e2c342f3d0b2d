"""Which images an epoch shows, in which order.

Both depend on recipe, seed and epoch alone, so a resumed run sees the images it would have seen.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmnist.arrays import Float32, UInt8
from fmnist.classes import CLASS_COUNT, SIDE
from fmnist.dataset import Dataset
from fmnist.recipe import Recipe

# Beside a run's seed, where an epoch's order has the epoch's number; no epoch has this one.
SHUFFLES_LABELS = 1000


@dataclass(frozen=True)
class Feed:
    """All images of a run in one array, and what to take from it.

    Attributes
    ----------
    images : ndarray of shape (n, 28, 28), uint8: training images, test images, changed copies
    labels : ndarray of shape (n,), uint8
    validation, test : rows [start, stop) of these splits
    targets : ndarray of shape (n, 10), float32, or None
        Probabilities that a teacher gives, to be learnt in place of the labels.
    """

    images: UInt8
    labels: UInt8
    validation: tuple[int, int]
    test: tuple[int, int]
    recipe: Recipe
    copies_start: int
    copy_weights: tuple[float, ...]  # of the images as they are and of each changed copy
    targets: Float32 | None = None

    def epoch(self, epoch: int) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        """Rows in the order in which an epoch (from 0) shows them, and which are mirrored.

        Returns
        -------
        rows : ndarray of shape (fitted images,), int32
        mirrored : ndarray of shape (fitted images,), bool
        """
        fitted = self.recipe.fitted_images
        rng = np.random.default_rng([self.recipe.seed, epoch])
        rows = rng.permutation(fitted)
        mirrored = np.zeros(fitted, bool)
        if self.recipe.augmentation != "none":
            mirrored = rng.random(fitted) < 0.5
        if len(self.copy_weights) > 1:
            copy = rng.choice(len(self.copy_weights), fitted, p=self.copy_weights)
            rows = np.where(copy, self.copies_start + (copy - 1) * fitted + rows, rows)
        return rows.astype(np.int32), mirrored


def make_feed(
    recipe: Recipe, data: Dataset, tell: Callable[[float], None] = lambda share: None
) -> Feed:
    """Lay out the images of a run, with their changed copies if the recipe shows those.

    Making copies takes minutes; `tell` gets the share that is made, and whatever it raises ends
    the work.
    """
    train_labels = labels_to_learn(recipe, data.train_labels)
    images = [data.train_images, data.test_images]
    labels = [train_labels, data.test_labels]
    weights: tuple[float, ...] = (1.0,)
    fitted = recipe.fitted_images
    opinions = None
    if recipe.augmentation in ("pictures", "taught"):
        from fmnist.synthetic import augment
        from fmnist.training.prepared import prepare

        prepared = prepare(recipe, data, tell)
        copies, opinions = prepared.copies, prepared.opinions
        weights = tuple(weight / sum(augment.WEIGHTS) for weight in augment.WEIGHTS)
        images.append(copies[1:].reshape(-1, SIDE, SIDE))
        labels.append(np.tile(train_labels[:fitted], len(copies) - 1))
    train, test = len(data.train_images), len(data.test_images)
    return Feed(
        images=np.concatenate(images),
        labels=np.concatenate(labels),
        validation=(fitted, recipe.training_images),
        test=(train, train + test),
        recipe=recipe,
        copies_start=train + test,
        copy_weights=weights,
        targets=None
        if opinions is None
        else _targets(opinions, train_labels[:fitted], train + test),
    )


def labels_to_learn(recipe: Recipe, labels: UInt8) -> UInt8:
    """The labels of the training images, a share of those that are learnt from mixed up.

    Which they are depends on the seed alone. A label may come back to its image by chance.

    Parameters
    ----------
    labels : ndarray of shape (n,), uint8

    Returns
    -------
    ndarray of shape (n,), uint8; the same array if nothing is shuffled
    """
    mixed = recipe.shuffled_images
    if not mixed:
        return labels
    rng = np.random.default_rng([recipe.seed, SHUFFLES_LABELS])
    chosen = rng.permutation(recipe.fitted_images)[:mixed]
    learnt = labels.copy()
    learnt[np.sort(chosen)] = labels[chosen]
    return learnt


def _targets(opinions: Float32, labels: UInt8, copies_start: int) -> Float32:
    """What is learnt of each row of a feed: the teacher's opinion, of images mostly the label.

    Rows that no epoch shows have nothing.
    """
    from fmnist.training.teacher import LABEL_SHARE

    certain = np.eye(CLASS_COUNT, dtype=np.float32)[labels]  # (fitted, 10)
    originals = LABEL_SHARE * certain + (1 - LABEL_SHARE) * opinions[0]
    others = np.zeros((copies_start - len(labels), CLASS_COUNT), np.float32)
    copies = opinions[1:].reshape(-1, CLASS_COUNT)
    return np.concatenate([originals, others, copies]).astype(np.float32)
