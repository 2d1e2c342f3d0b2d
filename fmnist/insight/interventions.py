"""What becomes of a network that is damaged, and of pictures that are changed on purpose."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from fmnist.arrays import Float32, UInt8
from fmnist.classes import PIXELS, SIDE
from fmnist.insight.backpropagation import backward, forward, parameters_of
from fmnist.network import Network

# Images at a time whose arrays stay below 128 KiB: larger ones the web process asks the system for,
# and gives back, each time.
FEW = 32
EPSILONS = 64  # steps of FGSM that are tried, of 1/255 each


# The network -----------------------------------------------------------------------------------


def switch_off(network: Network, neurons: Sequence[int]) -> Network:
    """The network without these neurons of its first hidden layer: they give nothing any more."""
    first, *later = network.layers
    if not later:
        raise ValueError("This network has no hidden layer, so there is no neuron to switch off.")
    chosen = np.asarray(list(neurons), np.int64)
    if len(chosen) and not (chosen.min() >= 0 and chosen.max() < first.units):
        raise ValueError(f"There are neurons 0 to {first.units - 1}.")
    kernel = later[0].kernel.copy()
    kernel[chosen] = 0.0
    return Network((first, replace(later[0], kernel=kernel), *later[1:]))


def importance(network: Network, images: UInt8, labels: UInt8) -> Float32:
    """How many of the right answers each first-layer neuron's output carries.

    Mean over the images of the output times how much its loss would make the right class less
    probable, by the first-order term (gradient × output), without the sign: ndarray of shape
    (units,).
    """
    weights = parameters_of(network)
    pixels = images.reshape(-1, PIXELS) / 255.0
    computed = forward(weights, pixels, labels)
    gradients = backward(weights, computed, labels)
    return np.asarray(np.abs(computed.inputs[1] * gradients.of_inputs[1]).sum(axis=0), np.float32)


def prune(network: Network, share: float) -> Network:
    """The network with that share of its weights, the smallest of each layer, set to zero."""
    if not 0.0 <= share <= 1.0:
        raise ValueError(f"The share is {share}; it is 0 to 1.")
    layers = []
    for layer in network.layers:
        kernel = layer.kernel.copy()
        count = round(share * kernel.size)
        smallest = np.argsort(np.abs(kernel), axis=None, kind="stable")[:count]
        kernel.flat[smallest] = 0.0
        layers.append(replace(layer, kernel=kernel))
    return Network(tuple(layers))


def quantise(network: Network, bits: int) -> Network:
    """The network with its weights rounded to k bits: 2^k − 1 levels, evenly spaced around zero.

    Each layer has a scale of its own, from its largest weight. One bit keeps the sign alone, times
    the mean magnitude.
    """
    if not 1 <= bits <= 16:
        raise ValueError(f"bits is {bits}; it is 1 to 16.")
    layers = []
    for layer in network.layers:
        if bits == 1:
            kernel = np.sign(layer.kernel) * np.abs(layer.kernel).mean()
        else:
            levels = 2 ** (bits - 1) - 1
            limit = float(np.abs(layer.kernel).max()) or 1.0
            kernel = np.round(layer.kernel / limit * levels) * (limit / levels)
        layers.append(replace(layer, kernel=kernel.astype(np.float32)))
    return Network(tuple(layers))


# The pictures ------------------------------------------------------------------------------------


def noisy(images: UInt8, amount: float, seed: int = 0) -> UInt8:
    """Pictures with noise: a normal deviation of that share of full brightness in every pixel."""
    noise = np.random.default_rng(seed).standard_normal(images.shape, np.float32)
    return np.clip(images + noise * np.float32(255.0 * amount), 0, 255).astype(np.uint8)


def shifted(images: UInt8, right: int, down: int) -> UInt8:
    """Pictures moved by whole pixels; black comes in from the other side."""
    moved = np.zeros_like(images)
    if abs(right) >= SIDE or abs(down) >= SIDE:
        return moved
    to_rows, from_rows = _ranges(down)
    to_columns, from_columns = _ranges(right)
    moved[:, to_rows, to_columns] = images[:, from_rows, from_columns]
    return moved


def turned(images: UInt8, degrees: float) -> UInt8:
    """Pictures turned clockwise around their middle, between pixels by the four nearest."""
    angle, middle = np.deg2rad(degrees), (SIDE - 1) / 2
    rows, columns = np.mgrid[0:SIDE, 0:SIDE] - middle
    source_rows = np.cos(angle) * rows - np.sin(angle) * columns + middle
    source_columns = np.sin(angle) * rows + np.cos(angle) * columns + middle
    top, left = np.floor(source_rows).astype(int), np.floor(source_columns).astype(int)
    below, right = source_rows - top, source_columns - left
    width = SIDE + 3  # with a border of black
    corners = [
        (
            ((np.clip(top + down, -1, SIDE) + 1) * width + np.clip(left + along, -1, SIDE) + 1)
            .ravel(),
            weight.astype(np.float32).reshape(-1, 1),
        )
        for down, along, weight in (
            (0, 0, (1 - below) * (1 - right)), (0, 1, (1 - below) * right),
            (1, 0, below * (1 - right)), (1, 1, below * right),
        )
    ]  # fmt: skip
    result = np.empty_like(images)
    for start in range(0, len(images), FEW):
        some = images[start : start + FEW]
        padded = np.pad(some, ((0, 0), (1, 2), (1, 2))).reshape(len(some), -1)
        pixels = np.ascontiguousarray(padded.T)  # (961, n): a pixel of all pictures side by side
        value = np.full((SIDE * SIDE, len(some)), 0.5, np.float32)  # is rounded by cutting off
        for source, weight in corners:
            value += pixels[source] * weight
        result[start : start + FEW] = value.astype(np.uint8).T.reshape(-1, SIDE, SIDE)
    return result


def inverted(images: UInt8) -> UInt8:
    """Pictures with black and white exchanged."""
    return np.asarray(255 - images, np.uint8)


def _ranges(by: int) -> tuple[slice, slice]:
    if by >= 0:
        return slice(by, SIDE), slice(0, SIDE - by)
    return slice(0, SIDE + by), slice(-by, SIDE)


# What comes of it -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Attack:
    """A picture changed by the sign of the gradient until the answer is another one.

    Attributes
    ----------
    steps : of 1/255 that every pixel was moved by, at most; None if no tried one was enough
    image : ndarray of shape (28, 28), float32 in [0, 1]: the changed picture
    change : ndarray of shape (28, 28), float32: what was added
    before, after : probabilities of the ten classes
    """

    steps: int | None
    image: Float32
    change: Float32
    before: Float32
    after: Float32


def fast_gradient_sign(network: Network, image: Float32, label: int) -> Attack:
    """Move every pixel the same small way up its loss, until the answer changes.

    Goodfellow, Shlens and Szegedy, "Explaining and harnessing adversarial examples",
    arXiv:1412.6572: x + ε · sign(∇ₓ loss). The smallest ε of 1/255, 2/255, … that is enough.

    Parameters
    ----------
    image : ndarray of shape (28, 28), float32 in [0, 1]
    label : class whose loss is raised: the answer of the network, or the true one
    """
    weights = parameters_of(network)
    pixels = np.asarray(image, np.float64).reshape(1, PIXELS)
    labels = np.array([label])
    computed = forward(weights, pixels, labels)
    direction = np.sign(backward(weights, computed, labels).of_inputs[0])  # (1, 784)
    answer = int(computed.probabilities[0].argmax())
    sizes = np.arange(1, EPSILONS + 1)[:, None] / 255.0
    tried = np.clip(pixels + sizes * direction, 0.0, 1.0)  # (steps, 784)
    probabilities = forward(weights, tried, np.full(len(tried), label)).probabilities
    flipped = np.flatnonzero(probabilities.argmax(axis=1) != answer)
    chosen = int(flipped[0]) if len(flipped) else EPSILONS - 1
    changed = tried[chosen].reshape(SIDE, SIDE)
    return Attack(
        chosen + 1 if len(flipped) else None,
        changed.astype(np.float32),
        (changed - pixels.reshape(SIDE, SIDE)).astype(np.float32),
        computed.probabilities[0].astype(np.float32),
        probabilities[chosen].astype(np.float32),
    )
