"""Make ``assets/confidence.npz``: train the clothing detector, choose its thresholds.

Needs the real data and scikit-learn, a development package.
"""

from __future__ import annotations

import numpy as np

from fmnist.arrays import UInt8, scale
from fmnist.classes import SIDE
from fmnist.dataset import Dataset, DatasetError
from fmnist.prediction.confidence import JUDGED, KINDS, Detector, Kind, Reference
from fmnist.prediction.trust import NO_TRUST
from fmnist.synthetic import augment, not_clothing

FITTED = 51_000  # training images; the rest of the 60,000 are for validation, as everywhere
VARIED = 7_000  # training images that variants are made of
STRANGE = 36_000  # pictures that show no clothing; their mirror images are added
CALIBRATED = 500  # validation pictures of each kind that are kept for calibration
# Share of validation pictures of each kind that the detector may take for no clothing. Photos are
# cut out imprecisely, so more of them are odd.
FALSE_ALARMS: dict[Kind, float] = {"data": 0.01, "photo": 0.03, "drawing": 0.02}
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
    detector = Detector(
        fitted.hidden, fitted.hidden_bias, fitted.output, fitted.output_bias, thresholds
    )
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
    from sklearn.neural_network import MLPClassifier  # type: ignore[import-untyped]

    some = slice(None, None, len(images) // VARIED)
    varied = augment.variants(images[some], seed, labels[some])[1:]
    clothing = scale(np.concatenate([images[::2], varied.reshape(-1, SIDE, SIDE)]))
    strange = not_clothing.make(STRANGE, images, seed)
    rng = np.random.default_rng(seed)
    mirrored = rng.random(len(clothing)) < 0.5
    clothing[mirrored] = clothing[mirrored, :, ::-1]
    pictures = np.concatenate([clothing, strange, strange[:, :, ::-1]])
    classifier = MLPClassifier(
        (80,), alpha=0.03, batch_size=512, learning_rate_init=0.002, max_iter=24,
        n_iter_no_change=24, random_state=seed,
    )  # fmt: skip
    is_strange = np.arange(len(pictures)) >= len(clothing)
    # scikit-learn warns when training ends before convergence; ending early is meant.
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        classifier.fit(pictures.reshape(len(pictures), -1), is_strange)
    hidden, output = (kernel.astype(np.float32) for kernel in classifier.coefs_)
    hidden_bias, output_bias = (bias.astype(np.float32) for bias in classifier.intercepts_)
    # Stored as half-precision numbers; rounded here, so that thresholds fit what is stored.
    hidden = hidden.astype(np.float16).astype(np.float32)
    return Detector(hidden, hidden_bias, output[:, 0], float(output_bias[0]), {})
