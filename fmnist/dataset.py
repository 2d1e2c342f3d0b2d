"""The four arrays of Fashion-MNIST and where they came from. No TensorFlow.

The files are IDX files, as published (https://github.com/zalandoresearch/fashion-mnist), packed
with gzip or not. They are looked for in ``$FMNIST_DATA_DIR``, then in Keras's own cache.
"""

import gzip
import hashlib
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fmnist import environment
from fmnist.arrays import UInt8
from fmnist.classes import CLASS_COUNT

CHUNK = 1 << 20  # bytes that are unpacked at a time

# File name without ".gz" -> (shape, SHA-256 of the unpacked file).
OFFICIAL_FILES: dict[str, tuple[tuple[int, ...], str]] = {
    "train-images-idx3-ubyte": (
        (60_000, 28, 28),
        "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    ),
    "train-labels-idx1-ubyte": (
        (60_000,),
        "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    ),
    "t10k-images-idx3-ubyte": (
        (10_000, 28, 28),
        "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    ),
    "t10k-labels-idx1-ubyte": (
        (10_000,),
        "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    ),
}


class DatasetError(ValueError):
    """A data file is missing, damaged or not what it should be."""


class DatasetMissing(DatasetError):  # noqa: N818 - reads as a state, like FileNotFound
    """No place has any of the data files."""


@dataclass(frozen=True)
class Dataset:
    """The official split, read-only.

    Attributes
    ----------
    train_images : ndarray of shape (60000, 28, 28), uint8
    train_labels : ndarray of shape (60000,), uint8 in 0..9
    test_images : ndarray of shape (10000, 28, 28), uint8
    test_labels : ndarray of shape (10000,), uint8 in 0..9
    name : what the data is, in words for people
    source : folder that the files were read from
    official : whether the content is Fashion-MNIST's, byte for byte
    """

    train_images: UInt8
    train_labels: UInt8
    test_images: UInt8
    test_labels: UInt8
    name: str
    source: str
    official: bool


def find() -> Path | None:
    """The folder to read from, or None.

    ``$FMNIST_DATA_DIR`` counts as soon as it has one of the four files, so that a missing one is
    noticed. Keras's cache counts when it has all four: less is a download that was cut short.
    """
    folder, cache = environment.data_dir(), environment.keras_cache_dir()
    if folder is not None and any(_path(folder, name) for name in OFFICIAL_FILES):
        return folder
    return cache if all(_path(cache, name) for name in OFFICIAL_FILES) else None


def load(folder: Path | None = None) -> Dataset:
    """Read and check the four files.

    Parameters
    ----------
    folder : where the files are; None looks in the documented places

    Raises
    ------
    DatasetMissing
        If no place has any of the files.
    DatasetError
        If a file is missing, unreadable, truncated, damaged or not Fashion-MNIST's.
    """
    folder = folder or find()
    if folder is None:
        raise DatasetMissing(
            "Fashion-MNIST was not found: neither FMNIST_DATA_DIR nor Keras's cache "
            f"({environment.keras_cache_dir()}) has it. Connect to the network to download it, "
            "or put the four files there."
        )
    arrays = {}
    official = True
    for name, (shape, digest) in OFFICIAL_FILES.items():
        content = _unpacked(folder, name)
        same = hashlib.sha256(content).hexdigest() == digest
        if not same and not environment.allow_other_data():
            raise DatasetError(_what_is_wrong(folder, name, content))
        official = official and same
        arrays[name] = _array(folder / name, content, shape)
    return Dataset(
        train_images=arrays["train-images-idx3-ubyte"],
        train_labels=arrays["train-labels-idx1-ubyte"],
        test_images=arrays["t10k-images-idx3-ubyte"],
        test_labels=arrays["t10k-labels-idx1-ubyte"],
        name="Fashion-MNIST" if official else "data that is not Fashion-MNIST",
        source=str(folder),
        official=official,
    )


def _path(folder: Path, name: str) -> Path | None:
    """The packed or unpacked file, whichever is there."""
    return next((path for path in (folder / f"{name}.gz", folder / name) if path.is_file()), None)


def _unpacked(folder: Path, name: str) -> memoryview:
    """A file's content, unpacked piece by piece, so that it is in memory once, not three times."""
    path = _path(folder, name)
    if path is None:
        raise DatasetError(
            f"{folder / name}.gz is missing though other files of the data set are there. "
            "Delete the folder's files to download them again, or add the missing one."
        )
    content = bytearray()
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            while piece := file.read(CHUNK):
                content += piece
    except (OSError, EOFError, zlib.error) as problem:
        raise DatasetError(
            f"{path} cannot be read ({problem}); it is damaged or cut short. "
            "Delete it so that it is downloaded again."
        ) from problem
    return memoryview(content).toreadonly()


def _what_is_wrong(folder: Path, name: str, content: memoryview) -> str:
    shape, digest = OFFICIAL_FILES[name]
    expected = _header_size(shape) + int(np.prod(shape))
    found = f"SHA-256 {hashlib.sha256(content).hexdigest()[:12]}…, {len(content):,} bytes"
    return (
        f"{_path(folder, name)} is not the file of Fashion-MNIST: unpacked it has {found}; "
        f"expected are SHA-256 {digest[:12]}…, {expected:,} bytes. "
        "Delete it so that it is downloaded again, or put the right file there."
    )


def _header_size(shape: tuple[int, ...]) -> int:
    return 4 + 4 * len(shape)


def _array(path: Path, content: memoryview, shape: tuple[int, ...]) -> UInt8:
    """Array of an IDX file: magic (0, 0, 8 = unsigned byte, dimensions), big-endian sizes, data."""
    header = struct.pack(f">BBBB{len(shape)}I", 0, 0, 8, len(shape), *shape)
    expected = len(header) + int(np.prod(shape))
    if content[: len(header)] != header or len(content) != expected:
        raise DatasetError(
            f"{path} is not an IDX file of shape {shape}: it has {len(content):,} bytes where "
            f"{expected:,} are expected, or another header. Put a file of that shape there."
        )
    array = np.frombuffer(content, np.uint8, offset=len(header)).reshape(shape)  # read-only
    if len(shape) == 1 and array.max() >= CLASS_COUNT:
        raise DatasetError(f"{path} has the label {array.max()}; labels are 0 to 9.")
    return array
