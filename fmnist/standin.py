"""A stand-in for Fashion-MNIST, for machines that have neither the data nor a network.

A small statistical model of each class: its images are projected on their first principal
components, and a mixture of Gaussians describes where they lie there. Images drawn from it look
like garments. They are good enough to learn from, but they are not the data set, and every
figure measured on them is about the stand-in alone.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fmnist.arrays import Float32, UInt8, read_npz
from fmnist.classes import CLASS_COUNT, PIXELS, SIDE
from fmnist.dataset import Dataset, DatasetError, DatasetMissing
from fmnist.dataset import load as load_dataset

PATH = Path(__file__).parent.parent / "assets" / "standin.npz"
NAME = "a stand-in for Fashion-MNIST"
COMPONENTS = 60  # principal components of a class
GAUSSIANS = 16  # of the mixture in their space
TRAIN_IMAGES, TEST_IMAGES = 60_000, 10_000
MAX_BYTES = 2_000_000


@dataclass(frozen=True)
class StandIn:
    """What the images of every class look like, as float32.

    Attributes
    ----------
    mean : ndarray of shape (10, 784), in [0, 255]
    axes : ndarray of shape (10, COMPONENTS, 784), principal axes of unit length
    weights : ndarray of shape (10, GAUSSIANS), sum to 1 for each class
    centres : ndarray of shape (10, GAUSSIANS, COMPONENTS)
    factors : ndarray of shape (10, GAUSSIANS, COMPONENTS, COMPONENTS)
        Lower Cholesky factors of the covariances.
    """

    mean: Float32
    axes: Float32
    weights: Float32
    centres: Float32
    factors: Float32


def build(dataset: Dataset, seed: int = 0) -> StandIn:
    """Fit the model to the training images. Needs scikit-learn, a development package.

    Parameters
    ----------
    dataset : the real one; fitting a stand-in to a stand-in is refused
    seed : of the mixtures' starting points
    """
    if not dataset.official:
        raise DatasetError(
            f"The stand-in is built from Fashion-MNIST itself, not from {dataset.name}. "
            "Set FMNIST_DATA_DIR to the folder with the real files."
        )
    from sklearn.mixture import GaussianMixture  # type: ignore[import-untyped]

    parts = []
    for label in range(CLASS_COUNT):
        images = dataset.train_images[dataset.train_labels == label].reshape(-1, PIXELS)
        pixels = images.astype(np.float32)
        mean = pixels.mean(axis=0)
        axes = np.linalg.eigh(np.cov(pixels.T))[1][:, ::-1][:, :COMPONENTS].T
        mixture = GaussianMixture(GAUSSIANS, reg_covar=1.0, random_state=seed, max_iter=60)
        mixture.fit((pixels - mean) @ axes.T)
        factors = np.linalg.cholesky(mixture.covariances_)
        parts.append((mean, axes, mixture.weights_, mixture.means_, factors))
    return StandIn(*(np.stack(part).astype(np.float32) for part in zip(*parts, strict=True)))


def save(model: StandIn, path: Path = PATH) -> int:
    """Write the model as half-precision numbers; the file's size in bytes.

    Axes are stored as bytes with one scale each, factors as their lower triangles.
    """
    scale = np.abs(model.axes).max(axis=2, keepdims=True) / 127
    rows, columns = np.tril_indices(COMPONENTS)
    np.savez_compressed(
        path,
        mean=np.rint(model.mean).astype(np.uint8),
        axes=np.rint(model.axes / scale).astype(np.int8),
        scale=scale.astype(np.float32),
        weights=model.weights,
        centres=model.centres.astype(np.float16),
        factors=model.factors[:, :, rows, columns].astype(np.float16),
    )
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise DatasetError(f"{path} has {size:,} bytes; at most {MAX_BYTES:,} are allowed.")
    return size


def read(path: Path = PATH) -> StandIn:
    """Read the model. Raises DatasetError if the file is missing or damaged."""
    try:
        stored = read_npz(path.read_bytes(), 4 * MAX_BYTES)
        triangles = stored["factors"].astype(np.float32)
        factors = np.zeros((CLASS_COUNT, GAUSSIANS, COMPONENTS, COMPONENTS), np.float32)
        rows, columns = np.tril_indices(COMPONENTS)
        factors[:, :, rows, columns] = triangles
        return StandIn(
            mean=stored["mean"].astype(np.float32),
            axes=stored["axes"].astype(np.float32) * stored["scale"],
            weights=stored["weights"],
            centres=stored["centres"].astype(np.float32),
            factors=factors,
        )
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as problem:
        raise DatasetError(
            f"The stand-in data {path} cannot be read ({problem}). Restore the file, or write it "
            "again from the real data with: python -m fmnist build-standin"
        ) from problem


def load(path: Path = PATH, seed: int = 0) -> Dataset:
    """Draw a whole data set, the same one every time for a seed.

    Returns
    -------
    Dataset
        60,000 and 10,000 images in Fashion-MNIST's shapes, classes balanced, ``official=False``.
    """
    model = read(path)
    train = draw(model, TRAIN_IMAGES, np.random.default_rng([seed, 0]))
    test = draw(model, TEST_IMAGES, np.random.default_rng([seed, 1]))
    for array in (*train, *test):
        array.flags.writeable = False
    return Dataset(*train, *test, name=NAME, source=str(path), official=False)


def load_data() -> Dataset:
    """Fashion-MNIST if it is there, else the stand-in. Raises DatasetError on damaged files."""
    try:
        return load_dataset()
    except DatasetMissing:
        return load()


def draw(model: StandIn, count: int, rng: np.random.Generator) -> tuple[UInt8, UInt8]:
    """Draw images of all classes in equal numbers and in random order.

    Parameters
    ----------
    count : a multiple of ten

    Returns
    -------
    images : ndarray of shape (count, 28, 28), uint8
    labels : ndarray of shape (count,), uint8
    """
    if count % CLASS_COUNT:
        raise ValueError(f"count is {count}; it takes a multiple of {CLASS_COUNT}.")
    images = np.empty((count, PIXELS), np.uint8)
    labels = rng.permutation(np.arange(count) % CLASS_COUNT).astype(np.uint8)
    for label in range(CLASS_COUNT):
        images[labels == label] = _draw_class(model, label, count // CLASS_COUNT, rng)
    return images.reshape(count, SIDE, SIDE), labels


def _draw_class(model: StandIn, label: int, count: int, rng: np.random.Generator) -> UInt8:
    """Choose a Gaussian, a point in it, and the picture at that point; (count, 784)."""
    points = rng.standard_normal((count, COMPONENTS), np.float32)
    weights = model.weights[label].astype(np.float64)
    chosen = rng.choice(GAUSSIANS, count, p=weights / weights.sum())
    for k in range(GAUSSIANS):
        here = chosen == k
        points[here] = points[here] @ model.factors[label, k].T + model.centres[label, k]
    pixels = points @ model.axes[label] + model.mean[label]  # (count, 784)
    np.clip(pixels, 0, 255, out=pixels)
    rounded: UInt8 = np.rint(pixels).astype(np.uint8)
    return rounded
