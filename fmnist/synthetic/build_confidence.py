"""Make ``assets/confidence.npz``: train the clothing detector, choose its thresholds.

Needs the real data. TensorFlow is imported inside the functions.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from fmnist.arrays import Float32, UInt8, scale
from fmnist.classes import SIDE
from fmnist.dataset import Dataset, DatasetError
from fmnist.prediction.confidence import JUDGED, Reference
from fmnist.prediction.detector import KINDS, STRIDES, Detector, Kind
from fmnist.prediction.trust import NO_TRUST
from fmnist.synthetic import augment, not_clothing

if TYPE_CHECKING:
    import keras

FITTED = 51_000  # training images; the rest of the 60,000 are for validation, as everywhere
VARIED = 7_000  # training images that variants are made of
STRANGE = 56_700  # pictures that show no clothing
CALIBRATED = 500  # validation pictures of each kind that are kept for calibration
# Share of validation pictures of each kind that the detector may take for no clothing. Of real
# photos and drawings it takes several times as many, since real ones are odder.
FALSE_ALARMS: dict[Kind, float] = {"data": 0.005, "photo": 0.015, "drawing": 0.003}
# How it is trained.
FILTERS, SIZES, UNITS, DROPOUT = (16, 32, 64), (4, 3, 3), 32, 0.3
EPOCHS, BATCH, RATE, DECAY = 14, 256, 0.002, 0.01
# Variants that imitate photos; the rest are drawings.
PHOTOS = {"plain", "product", "photo", "laid_out"}


def build(dataset: Dataset, seed: int = 0) -> Reference:
    """Train on the training images, choose thresholds and pictures on the validation images.

    Raises
    ------
    DatasetError
        If the data is not Fashion-MNIST itself.
    """
    if not dataset.official:
        raise DatasetError(
            f"The detector is trained on Fashion-MNIST itself, not on {dataset.name}. "
            "Set FMNIST_DATA_DIR to the folder with the real files."
        )
    images, labels = _pictures(
        dataset.train_images[FITTED:][::3], dataset.train_labels[FITTED:][::3], seed + 1
    )
    fitted = _fit(dataset.train_images[:FITTED], dataset.train_labels[:FITTED], seed)
    thresholds = {
        kind: float(np.quantile(fitted.scores(scale(images[kind])), 1 - FALSE_ALARMS[kind]))
        for kind in KINDS
    }
    detector = replace(fitted, thresholds=thresholds)
    rng = np.random.default_rng(seed)
    kept = {kind: rng.permutation(len(labels[kind]))[:CALIBRATED] for kind in KINDS}
    return Reference(
        detector,
        {kind: images[kind][kept[kind]] for kind in KINDS},
        {kind: labels[kind][kept[kind]] for kind in KINDS},
        dict.fromkeys(JUDGED, NO_TRUST),
        dict.fromkeys(JUDGED, np.zeros((0, 2), np.float32)),
    )


def _pictures(
    images: UInt8, labels: UInt8, seed: int
) -> tuple[dict[Kind, UInt8], dict[Kind, UInt8]]:
    """Images as they are, and what photos and drawings of them become."""
    variants = augment.variants(images, seed, labels)  # (1 + makers, n, 28, 28)
    is_photo = np.array([make.__name__ in PHOTOS for make, _ in augment.MAKERS])
    photos, drawings = variants[1:][is_photo], variants[1:][~is_photo]
    pictures: dict[Kind, UInt8] = {
        "data": images,
        "photo": photos.reshape(-1, SIDE, SIDE),
        "drawing": drawings.reshape(-1, SIDE, SIDE),
    }
    classes: dict[Kind, UInt8] = {
        "data": labels,
        "photo": np.tile(labels, len(photos)),
        "drawing": np.tile(labels, len(drawings)),
    }
    return pictures, classes


def _fit(images: UInt8, labels: UInt8, seed: int) -> Detector:
    """A detector without thresholds yet."""
    import keras

    some = slice(None, None, len(images) // VARIED)
    varied = augment.variants(images[some], seed, labels[some])[1:]
    clothing = scale(np.concatenate([images[::2], varied.reshape(-1, SIDE, SIDE)]))
    pictures = np.concatenate([clothing, not_clothing.make(STRANGE, images, seed)])
    is_strange = (np.arange(len(pictures)) >= len(clothing)).astype(np.float32)
    keras.utils.set_random_seed(seed)
    network = _untrained()
    schedule = keras.optimizers.schedules.CosineDecay(RATE, EPOCHS * (len(pictures) // BATCH))
    network.compile(
        keras.optimizers.AdamW(schedule, weight_decay=DECAY),
        keras.losses.BinaryCrossentropy(from_logits=True),
    )
    rng = np.random.default_rng(seed)
    for _ in range(EPOCHS):
        mirrored = rng.random(len(pictures)) < 0.5
        pictures[mirrored] = pictures[mirrored, :, ::-1]
        network.fit(pictures[..., None], is_strange, batch_size=BATCH, verbose=0)
    return _rounded(network.get_weights())


def _untrained() -> keras.Model:
    """(n, 28, 28, 1), float32 in [0, 1] → log-odds (n, 1)."""
    import keras

    layers = keras.layers
    x = image = keras.Input((SIDE, SIDE, 1))
    for filters, size, stride in zip(FILTERS, SIZES, STRIDES, strict=True):
        x = layers.Conv2D(filters, size, strides=stride, activation="relu")(x)
    x = layers.Dropout(DROPOUT)(layers.Flatten()(x))
    x = layers.Dense(UNITS, activation="relu")(x)
    return keras.Model(image, layers.Dense(1)(x))


def _rounded(weights: list[Float32]) -> Detector:
    """The detector with weights as they are stored, so that thresholds fit those."""
    layers = list(zip(weights[::2], weights[1::2], strict=True))
    unrounded = Detector(
        tuple(layers[: len(STRIDES)]), tuple(layers[len(STRIDES) :]), dict.fromkeys(KINDS, 0.0)
    )
    return Detector.from_arrays(unrounded.arrays())
