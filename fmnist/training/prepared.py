"""The changed copies of the images, and a teacher's opinions of them: made once, then kept.

Making them takes minutes. The last ones are kept beside the runs, for as long as they fit: the
next run with the same images starts at once, and so does one that is resumed.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fmnist import environment
from fmnist.arrays import Float32, UInt8
from fmnist.classes import CLASS_COUNT, SIDE
from fmnist.dataset import Dataset
from fmnist.recipe import Recipe
from fmnist.synthetic import augment
from fmnist.training import files, teacher

FOLDER = ".prepared"
COPIES, OPINIONS = "copies.npy", "opinions.npy"
LEFT_FREE = 4  # times as many bytes must be free on the disk
COPYING = 0.3  # share of the work that the copies are, when there are opinions too

Tell = Callable[[float], None]


@dataclass(frozen=True)
class Prepared:
    """What a run learns from beside its images.

    Attributes
    ----------
    copies : ndarray of shape (k, n, 28, 28), uint8; the first are the images as they are
    opinions : ndarray of shape (k, n, 10), float32, or None: what the teacher says of each
    """

    copies: UInt8
    opinions: Float32 | None


def prepare(recipe: Recipe, data: Dataset, tell: Tell) -> Prepared:
    """Read what was kept, or make it and keep it; `tell` gets the share that is made."""
    images = data.train_images[: recipe.fitted_images]
    labels = data.train_labels[: recipe.fitted_images]
    taught = recipe.augmentation == "taught"
    place = environment.runs_dir() / FOLDER / _key(images, labels, recipe.seed, taught)
    shape = (len(augment.WEIGHTS), len(images))
    if (kept := _read(place, shape, taught)) is not None:
        return kept
    share = COPYING if taught else 1.0
    copies = augment.variants(images, recipe.seed, labels, lambda done: tell(done * share))
    opinions = None
    if taught:
        flat = teacher.opinions(
            copies.reshape(-1, SIDE, SIDE), lambda done: tell(share + done * (1 - share))
        )
        opinions = flat.reshape(*shape, CLASS_COUNT)
    made = Prepared(copies, opinions)
    with suppress(OSError):  # a full disk, a folder that cannot be written
        _keep(made, place)
    return made


def _key(images: UInt8, labels: UInt8, seed: int, taught: bool) -> str:
    """Changes with all that the copies depend on, the code that makes them included."""
    digest = hashlib.sha256(f"{seed} {taught} {np.__version__}".encode())
    digest.update(images.tobytes())
    digest.update(labels.tobytes())
    for path in sorted(Path(augment.__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    if taught and teacher.PATH.exists():
        digest.update(teacher.PATH.read_bytes())
    return digest.hexdigest()[:32]


def _read(place: Path, shape: tuple[int, int], taught: bool) -> Prepared | None:
    """What is kept there; None if it is not what it should be."""
    try:
        copies = _array(place / COPIES, (*shape, SIDE, SIDE), np.uint8)
        opinions = _array(place / OPINIONS, (*shape, CLASS_COUNT), np.float32) if taught else None
    except (OSError, ValueError, EOFError):
        return None
    return Prepared(copies, opinions)


def _array(path: Path, shape: tuple[int, ...], dtype: type[np.generic]) -> np.ndarray:
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    with files.open_regular(path, limit=size + 1000) as stream:
        value: np.ndarray = np.load(stream, allow_pickle=False)
    if value.shape != shape or value.dtype != dtype:
        raise ValueError(f"{path} holds another array.")
    return value


def _keep(made: Prepared, place: Path) -> None:
    """Write it whole or not at all, in place of what was kept before."""
    parent = place.parent
    parent.mkdir(parents=True, exist_ok=True)
    for old in parent.iterdir():
        shutil.rmtree(old, ignore_errors=True)
    if shutil.disk_usage(parent).free < LEFT_FREE * made.copies.nbytes:
        return
    folder = Path(tempfile.mkdtemp(dir=parent))
    try:
        np.save(folder / COPIES, made.copies)
        if made.opinions is not None:
            np.save(folder / OPINIONS, made.opinions)
        folder.replace(place)
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
