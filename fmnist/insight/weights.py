"""First-layer weights as pictures, layers as histograms, all weights as one download."""

import io
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmnist.arrays import Float32, Float64
from fmnist.classes import SIDE
from fmnist.network import Network


def kernel_images(kernel: Float32) -> Float32:
    """Kernel (784, units) as one picture for each neuron: (units, 28, 28)."""
    return kernel.T.reshape(kernel.shape[1], SIDE, SIDE)


def colour_limit(*kernels: Float32, quantile: float = 0.999) -> float:
    """The weight at which colours saturate, shared by all neurons of all kernels.

    It is a high quantile of the absolute weights and not their maximum, so that a handful of
    extreme weights does not make all others pale. At least 1e-6, so that a scale always exists.
    """
    limits = [float(np.quantile(np.abs(kernel), quantile)) for kernel in kernels]
    return max([1e-6, *limits])


def norms(kernel: Float32) -> Float32:
    """Euclidean length of each neuron's weights, shape (units,)."""
    return np.asarray(np.sqrt(np.square(kernel).sum(axis=0)), np.float32)


@dataclass(frozen=True)
class Histogram:
    """Counts of values in bins of equal width.

    Attributes
    ----------
    edges : ndarray of shape (bins + 1,)
    count : ndarray of shape (bins,)
    """

    edges: Float64
    count: Float64


def histogram(values: Float32, limit: float | None = None, bins: int = 41) -> Histogram:
    """Histogram symmetric about zero, from ``-limit`` to ``limit``; an odd number of bins, so
    that zero has a bin of its own. Values beyond the limit count in the outermost bins.
    """
    limit = limit or max(float(np.abs(values).max(initial=0.0)), 1e-6)
    edges = np.linspace(-limit, limit, bins + 1)
    count, _ = np.histogram(np.clip(values, -limit, limit), edges)
    return Histogram(edges, count.astype(np.float64))


def glorot_limit(inputs: int, units: int) -> float:
    """Bound of Glorot's uniform distribution, from which Keras draws a dense layer's kernel.

    Source: Glorot and Bengio (2010), "Understanding the difficulty of training deep feedforward
    neural networks", AISTATS, equation 16: ``sqrt(6 / (inputs + units))``.
    """
    return math.sqrt(6.0 / (inputs + units))


def glorot_histogram(inputs: int, units: int, edges: Float64) -> Histogram:
    """Expected counts of a freshly drawn kernel in the given bins."""
    limit = glorot_limit(inputs, units)
    covered = np.clip(edges, -limit, limit)
    return Histogram(edges, np.diff(covered) / (2 * limit) * inputs * units)


def to_npz(network: Network) -> bytes:
    """Kernels and biases as the bytes of an ``.npz``: ``kernel_0``, ``bias_0``, ``kernel_1``…"""
    arrays = {}
    for position, layer in enumerate(network.layers):
        arrays[f"kernel_{position}"] = layer.kernel
        arrays[f"bias_{position}"] = layer.bias
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def grid_columns(units: int) -> int:
    """Columns of a grid of that many tiles: a little wider than high, few tiles left empty.

    Small grids are wide and have room for four tiles at least, so that no tile gets huge.
    """
    shape = 2.5 if units <= 16 else 1.2
    ideal = max(4, round(math.sqrt(units * shape)))
    nearby = range(max(4, ideal - 1 - ideal // 5), ideal + 2 + ideal // 5)
    return min(nearby, key=lambda columns: (-units % columns) / units + abs(columns / ideal - 1))


@dataclass(frozen=True)
class Mosaic:
    """Tiles of equal size side by side, row by row, in one array.

    Attributes
    ----------
    picture : ndarray of shape (rows * pitch height + gap, columns * pitch width + gap), int8
    rows, columns : tiles down and across
    pitch : height and width from one tile to the next, in pixels, gap included
    gap : pixels between tiles
    """

    picture: NDArray[np.int8]
    rows: int
    columns: int
    pitch: tuple[int, int]
    gap: int


GAP = -128  # what a gap holds; weights are -127 to 127
BIAS_ROWS = 3


def neuron_mosaic(
    kernel: Float32, bias: Float32, limits: Float32, bias_limit: float, columns: int
) -> Mosaic:
    """All neurons as tiles of 28×28 weights above a bar that shows the bias.

    Weights are rounded to whole steps of 1/127 of the limit, which the eye cannot tell from the
    exact colour and which makes 512 neurons small enough to be sent in a moment.

    Parameters
    ----------
    kernel : ndarray of shape (784, units)
    bias : ndarray of shape (units,)
    limits : ndarray of shape (units,), above 0: the weight that takes the end colour
    bias_limit : above 0: the bias that takes the end colour
    columns : tiles across
    """
    units = kernel.shape[1]
    tiles = np.full((units, SIDE + 1 + BIAS_ROWS, SIDE), GAP, np.int8)
    tiles[:, :SIDE] = _steps(kernel_images(kernel), limits[:, None, None])
    tiles[:, 29:] = _steps(bias, np.float32(bias_limit))[:, None, None]
    gap, rows = 2, -(-units // columns)
    height, width = tiles.shape[1] + gap, tiles.shape[2] + gap
    padded = np.full((rows * columns, height, width), GAP, np.int8)
    padded[:units, gap:, gap:] = tiles
    body = padded.reshape(rows, columns, height, width).swapaxes(1, 2)
    picture = np.full((rows * height + gap, columns * width + gap), GAP, np.int8)
    picture[:-gap, :-gap] = body.reshape(rows * height, columns * width)
    return Mosaic(picture, rows, columns, (height, width), gap)


def _steps(values: Float32, limit: Float32 | np.float32) -> NDArray[np.int8]:
    return np.asarray((np.clip(values / limit, -1, 1) * 127).round(), np.int8)
