"""Weights kept epoch by epoch: one small file each, ``0012.npz`` for those after epoch 12.

A run keeps its own in ``kernels/``; the bundled notebook model has its run's beside it.
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fmnist.arrays import Float32
from fmnist.classes import CLASS_COUNT, PIXELS
from fmnist.network import Dense, Network
from fmnist.recipe import MAX_UNITS
from fmnist.training import files
from fmnist.training.files import RunError

MAX_EPOCHS = 100
MAX_BYTES = 4 * 2**20


@dataclass(frozen=True)
class KeptWeights:
    """A folder of weights through time; 0 is before training.

    Attributes
    ----------
    folder : may be missing, as long as nothing is kept
    hidden_units : neurons in each hidden layer; None where no more than the first layer is known
    """

    folder: Path
    hidden_units: tuple[int, ...] | None

    def save(self, epoch: int, kernel: Float32, bias: Float32, *later: Float32) -> None:
        """Keep weights, rounded to float16.

        Parameters
        ----------
        kernel, bias : of the first layer, (784, units) and (units,)
        later : kernel and bias of each later layer, if they are known
        """
        self.folder.mkdir(exist_ok=True)
        arrays = {"kernel": kernel, "bias": bias}
        for number in range(len(later) // 2):
            arrays |= {f"kernel_{number + 1}": later[2 * number],
                       f"bias_{number + 1}": later[2 * number + 1]}  # fmt: skip
        # Beyond what float16 holds a weight would be kept as infinite.
        limit = float(np.finfo(np.float16).max)
        files.save_arrays(
            self._path(epoch),
            {name: np.clip(values, -limit, limit).astype(np.float16)
             for name, values in arrays.items()},
        )  # fmt: skip

    def epochs(self) -> list[int]:
        """Epochs whose first layer is kept, in order."""
        names = files.names_in(self.folder)
        return sorted(int(name[:4]) for name in names if re.fullmatch(r"[0-9]{4}\.npz", name))

    def whole_epochs(self) -> list[int]:
        """Epochs whose whole network is kept; none where it is the first layer alone."""
        epochs = self.epochs()
        try:
            return epochs if epochs and self.network(epochs[-1]) else []
        except RunError:
            return []

    def version(self, epoch: int) -> tuple[str, int, int]:
        """Tells one file of weights from all others. Raises RunError without one."""
        path = self._path(epoch)
        try:
            found = path.lstat()
        except OSError as problem:
            raise RunError(f"{path.name} is gone.") from problem
        return str(path), found.st_mtime_ns, found.st_ino

    def first_layer(self, epoch: int) -> tuple[Float32, Float32]:
        """First-layer kernel (784, units) and bias (units,) after that epoch, float32, finite.

        Raises RunError if it is missing or damaged.
        """
        path = self._path(epoch)
        arrays = files.load_arrays(path, {"kernel", "bias"}, MAX_BYTES)
        kernel, bias = (arrays[name].astype(np.float32) for name in ("kernel", "bias"))
        shapes = kernel.shape == (PIXELS, *bias.shape) and 1 <= bias.size <= MAX_UNITS
        if not (
            shapes and bias.ndim == 1 and np.isfinite(kernel).all() and np.isfinite(bias).all()
        ):
            raise RunError(f"{path.name} cannot be read: it holds no first layer.")
        return kernel, bias

    def network(self, epoch: int) -> Network:
        """The whole network after that epoch.

        Raises RunError if it is missing or damaged, or if the first layer alone is kept.
        """
        path = self._path(epoch)
        arrays = files.load_arrays(path, {"kernel", "bias"}, MAX_BYTES)
        layers: list[Dense] = []
        hidden = self.hidden_units or ()
        for number, units in enumerate((*hidden, CLASS_COUNT)):
            names = [f"{name}_{number}" if number else name for name in ("kernel", "bias")]
            if self.hidden_units is None or not all(name in arrays for name in names):
                raise RunError(
                    "This run keeps its first layer alone: it was made by an earlier version, or "
                    "by a program of somebody's own."
                )
            kernel, bias = (arrays[name].astype(np.float32) for name in names)
            shape = (layers[-1].units if layers else PIXELS, units)
            finite = np.isfinite(kernel).all() and np.isfinite(bias).all()
            if kernel.shape != shape or bias.shape != shape[1:] or not finite:
                raise RunError(f"{path.name} cannot be read: its layers are not the recipe's.")
            activation = "softmax" if number == len(hidden) else "relu"
            layers.append(Dense(f"dense_{number}", kernel, bias, activation))
        return Network(tuple(layers))

    def networks(self) -> dict[int, Network]:
        """Every whole network that can be read, by its epoch, in order."""
        found = {}
        for epoch in self.epochs():
            with suppress(RunError):  # a damaged one does not count
                found[epoch] = self.network(epoch)
        return found

    def _path(self, epoch: int) -> Path:
        return self.folder / f"{epoch:04d}.npz"


def stride(epochs: int) -> int:
    """Keep weights every so many epochs, so that those of about 100 are kept at most."""
    return max(1, -(-epochs // MAX_EPOCHS))
