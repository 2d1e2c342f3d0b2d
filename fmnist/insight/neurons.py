"""What the neurons of the first layer do: when they fire and which classes they speak for."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmnist.arrays import Bool, Float32, Int64, UInt8
from fmnist.classes import CLASS_COUNT, PIXELS
from fmnist.insight.evaluation import CHUNK, scaled_to_bytes
from fmnist.network import Dense, Network, activate

TOP_IMAGES = 12
INFLUENCE_IMAGES = 2000
BLOCK = 250


@dataclass(frozen=True)
class NeuronStatistics:
    """The first layer's neurons over labelled images, usually the training split.

    A neuron *fires* on an image when its output is above 0. In a model without hidden layers the
    neurons are the ten classes themselves, and a neuron fires on the images that are given its
    class.

    Attributes
    ----------
    firing_rate : ndarray of shape (units,), float32, share of images on which a neuron fires
    class_activation : ndarray of shape (units, 10), float32, mean output over each class's images
    top_images : ndarray of shape (units, at most 12), int64, indices of the images with the
        largest outputs, largest first
    top_activation : the outputs on them, same shape, float32
    influence : ndarray of shape (units, 10), float32, see `influence`
    """

    firing_rate: Float32
    class_activation: Float32
    top_images: Int64
    top_activation: Float32
    influence: Float32

    @property
    def dead(self) -> Bool:
        """Neurons that fire on no image at all, shape (units,)."""
        return np.asarray(self.firing_rate == 0)

    @property
    def speaks_for(self) -> Int64:
        """Class that each neuron raises most, shape (units,); −1 if it raises none."""
        silent = np.abs(self.influence).max(axis=1) == 0
        return np.where(silent, -1, self.influence.argmax(axis=1))


def neuron_statistics(network: Network, images: UInt8, labels: UInt8) -> NeuronStatistics:
    """Run the first layer over all images, a chunk at a time.

    Parameters
    ----------
    images : ndarray of shape (n, 28, 28), uint8
    labels : ndarray of shape (n,), uint8 in 0..9
    """
    first = scaled_to_bytes(network).layers[0]
    fired = np.zeros(first.units, np.int64)
    totals = np.zeros((CLASS_COUNT, first.units), np.float64)
    top = _Top(first.units)
    for start in range(0, len(images), CHUNK):
        part = images[start : start + CHUNK].reshape(-1, PIXELS).astype(np.float32)
        raw = part @ first.kernel + first.bias  # (chunk, units)
        output = activate(first.activation, raw)
        fired += np.count_nonzero(_fires(first, output), axis=0)
        one_hot = np.eye(CLASS_COUNT, dtype=np.float32)[labels[start : start + CHUNK]]
        totals += one_hot.T @ output  # (10, units)
        # A softmax saturates at 1, so that its loudest images are told apart by the logits.
        top.add(start, raw if first.activation == "softmax" else output)
    sizes = np.bincount(labels, minlength=CLASS_COUNT)
    sample = np.linspace(0, len(images) - 1, min(INFLUENCE_IMAGES, len(images))).astype(np.int64)
    return NeuronStatistics(
        firing_rate=(fired / max(1, len(images))).astype(np.float32),
        class_activation=(totals / np.maximum(sizes, 1)[:, None]).T.astype(np.float32),
        top_images=top.images,
        top_activation=top.values,
        influence=influence(network, images[sample]),
    )


def influence(network: Network, images: UInt8) -> Float32:
    """How far each first-layer neuron raises or lowers each class, in logits.

    Mean over the images of *activation × gradient*: the neuron's output times the derivative of
    each class's logit by that output. Networks of ReLUs are linear around each image, so that
    these parts, and those of later biases, add up to the logit. What a neuron adds to all ten
    classes alike changes no probability, so the mean over the classes is subtracted.

    Source: Shrikumar et al. (2016), "Not just a black box: learning important features through
    propagating activation differences", arXiv:1605.01713, section 2.

    Parameters
    ----------
    images : ndarray of shape (n, 28, 28), uint8

    Returns
    -------
    ndarray of shape (units, 10), float32
    """
    first, *later = scaled_to_bytes(network).layers
    total = np.zeros((first.units, CLASS_COUNT), np.float64)
    if not later:
        return np.asarray(np.eye(CLASS_COUNT) - 1 / CLASS_COUNT, np.float32)
    for start in range(0, len(images), 200):
        part = images[start : start + 200].reshape(-1, PIXELS).astype(np.float32)
        outputs = [activate(first.activation, part @ first.kernel + first.bias)]
        for layer in later[:-1]:
            outputs.append(activate(layer.activation, outputs[-1] @ layer.kernel + layer.bias))
        total += _activation_times_gradient(later, outputs)
    mean = total / max(1, len(images))
    return np.asarray(mean - mean.mean(axis=1, keepdims=True), np.float32)


def _activation_times_gradient(later: list[Dense], outputs: list[Float32]) -> Float32:
    """Sum over images of output × d logits / d output of the first layer: (units, 10)."""
    *hidden, last = later
    if not hidden:  # the gradient is the same for every image
        return np.asarray(outputs[0].sum(axis=0)[:, None] * last.kernel)
    # d logits / d output, from the last hidden layer back to the first: (images, 10, units)
    gradient = np.broadcast_to(last.kernel.T, (len(outputs[0]), *last.kernel.T.shape))
    for layer, output in zip(reversed(hidden), reversed(outputs[1:]), strict=True):
        gate = (output > 0) if layer.activation == "relu" else np.ones_like(output, np.bool_)
        before, units = layer.kernel.shape
        gated = (gradient * gate[:, None, :]).reshape(-1, units)
        gradient = (gated @ layer.kernel.T).reshape(-1, CLASS_COUNT, before)
    return np.asarray(np.einsum("nu,ncu->uc", outputs[0], gradient), np.float32)


def _fires(layer: Dense, output: Float32) -> Bool:
    if layer.activation == "softmax":
        return np.asarray(np.arange(layer.units) == output.argmax(axis=1)[:, None])
    return np.asarray(output > 0)


class _Top:
    """The largest outputs of each neuron so far and the images they belong to.

    Only outputs above a neuron's present twelfth best are looked at, which after the first chunk
    are few: sorting all outputs would take longer than computing them.
    """

    def __init__(self, units: int) -> None:
        self._units = units
        self._bar = np.full(units, -np.inf, np.float32)
        self._neurons = np.empty(0, np.int64)
        self._images = np.empty(0, np.int64)
        self._values = np.empty(0, np.float32)

    def add(self, start: int, outputs: Float32) -> None:
        """Take in a chunk of outputs of shape (chunk, units); its first image is ``start``."""
        for first in range(0, len(outputs), BLOCK):  # the very first one is sorted in full
            self._add(start + first, outputs[first : first + BLOCK])

    def _add(self, start: int, outputs: Float32) -> None:
        rows, columns = np.nonzero(outputs > self._bar)
        neurons = np.concatenate([self._neurons, columns])
        images = np.concatenate([self._images, rows + start])
        values = np.concatenate([self._values, outputs[rows, columns]])
        order = np.lexsort((images, -values, neurons))
        sizes = np.bincount(neurons, minlength=self._units)
        first = np.cumsum(sizes) - sizes  # where each neuron's values begin
        rank = np.arange(len(order)) - np.repeat(first, sizes)
        kept = order[rank < TOP_IMAGES]
        self._neurons, self._images, self._values = neurons[kept], images[kept], values[kept]
        if sizes.min() >= TOP_IMAGES:
            self._bar = self._values.reshape(self._units, TOP_IMAGES)[:, -1]

    @property
    def images(self) -> Int64:
        """Indices of shape (units, at most 12), largest output first."""
        return self._images.reshape(self._units, -1)

    @property
    def values(self) -> Float32:
        """The outputs on these images, same shape."""
        return self._values.reshape(self._units, -1)


# Order of the neurons on the page ----------------------------------------------------------------


def order_by(values: NDArray[np.floating], descending: bool = True) -> Int64:
    """Neuron numbers by a value; equals stay in the order of their numbers."""
    return np.argsort(-values if descending else values, kind="stable")


def order_by_class(statistics: NeuronStatistics) -> Int64:
    """Neuron numbers grouped by the class they speak for, the most influential first.

    Neurons without say come last.
    """
    spoken = statistics.speaks_for
    group = np.where(spoken < 0, CLASS_COUNT, spoken)
    return np.lexsort((-statistics.influence.max(axis=1), group))
