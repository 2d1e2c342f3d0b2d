"""Whether a picture shows clothing at all.

The classifier cannot say, because it knows nothing else. A detector of its own can: a small
convolutional network that was trained to tell clothing, as the pipeline delivers it, from
everything else (`fmnist.synthetic.not_clothing`). It says nothing about classes, and is the same
for every model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from fmnist.arrays import Float32

Kind = Literal["data", "photo", "drawing"]
KINDS: tuple[Kind, ...] = ("data", "photo", "drawing")
STRIDES = (2, 2, 1)  # of the convolutions, one after the other; none pads
CHUNK = 500  # pictures handled at a time: the windows of a convolution take 21 kB each


@dataclass(frozen=True)
class Detector:
    """A small convolutional network that tells clothing from everything else.

    Attributes
    ----------
    convolutions : kernel of shape (height, width, channels, filters) and bias of shape (filters,)
        of each, float32; as many as `STRIDES`, each followed by relu
    dense : kernel of shape (inputs, units) and bias of shape (units,) of both dense layers,
        float32; relu between them, and one unit at the end
    thresholds : for each kind of picture, the score above which it counts as no clothing
    """

    convolutions: tuple[tuple[Float32, Float32], ...]
    dense: tuple[tuple[Float32, Float32], ...]
    thresholds: Mapping[Kind, float]

    def scores(self, images: Float32) -> Float32:
        """Log-odds that pictures show no clothing: (n,), float32.

        Parameters
        ----------
        images : ndarray of shape (n, 28, 28), float32 in [0, 1]
        """
        images = np.asarray(images, np.float32)
        result = np.empty(len(images), np.float32)
        for start in range(0, len(images), CHUNK):
            part = slice(start, start + CHUNK)
            result[part] = self._scores(images[part])
        return result

    def _scores(self, images: Float32) -> Float32:
        x = images[..., None]  # (n, 28, 28, 1)
        for (kernel, bias), stride in zip(self.convolutions, STRIDES, strict=True):
            x = np.maximum(convolved(x, kernel, stride) + bias, 0)  # (n, 13, 13, f), ...
        (hidden, hidden_bias), (output, output_bias) = self.dense
        x = np.maximum(x.reshape(len(x), -1) @ hidden + hidden_bias, 0)
        return np.asarray((x @ output + output_bias)[:, 0], np.float32)

    def is_strange(self, image: Float32, kind: Kind) -> bool:
        """Whether one picture of shape (28, 28) counts as no clothing."""
        return bool(self.scores(image[None])[0] > self.thresholds[kind])

    def arrays(self) -> dict[str, Any]:
        """What is stored of it, weights as half-precision numbers."""
        stored: dict[str, Any] = {
            f"{name}_{number}_{part}": array.astype(np.float16)
            for name, layers in (("convolution", self.convolutions), ("dense", self.dense))
            for number, layer in enumerate(layers)
            for part, array in zip(("kernel", "bias"), layer, strict=True)
        }
        stored["thresholds"] = np.array([self.thresholds[kind] for kind in KINDS], np.float32)
        return stored

    @classmethod
    def from_arrays(cls, stored: Mapping[str, Any]) -> Detector:
        """What `arrays` gave. Raises KeyError or ValueError if it is something else."""

        def layer(name: str) -> tuple[Float32, Float32]:
            kernel, bias = (stored[f"{name}_{part}"] for part in ("kernel", "bias"))
            if bias.shape != kernel.shape[-1:]:
                raise ValueError(f"{name} has arrays of shape {kernel.shape} and {bias.shape}")
            return kernel.astype(np.float32), bias.astype(np.float32)

        return cls(
            tuple(layer(f"convolution_{number}") for number in range(len(STRIDES))),
            (layer("dense_0"), layer("dense_1")),
            dict(zip(KINDS, map(float, stored["thresholds"]), strict=True)),
        )


def convolved(x: Float32, kernel: Float32, stride: int) -> Float32:
    """Cross-correlation without padding, as Keras's Conv2D.

    Parameters
    ----------
    x : ndarray of shape (n, height, width, channels), float32
    kernel : ndarray of shape (height, width, channels, filters), float32
    """
    windows = sliding_window_view(x, kernel.shape[:2], axis=(1, 2))[:, ::stride, ::stride]
    columns = windows.transpose(0, 1, 2, 4, 5, 3)  # (n, h, w, kernel height, width, channels)
    n, height, width = columns.shape[:3]
    flat = columns.reshape(n * height * width, -1) @ kernel.reshape(-1, kernel.shape[-1])
    return flat.reshape(n, height, width, -1)
