"""Why a network gave its answer: maps over the picture, neurons, and similar training images.

Softmax compares the classes, so what counts for a class is its logit above the mean of all ten.
That difference is called its *evidence* here. A ReLU network is linear as long as the same
neurons stay active, so evidence is traced back exactly along the active neurons.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmnist.arrays import Float32, UInt8, scale
from fmnist.classes import CLASS_COUNT, PIXELS, SIDE
from fmnist.network import Network

PATCH = 5  # edge of what occlusion covers, in pixels
STRIDE = 2
COMPONENTS = 40  # neighbours are looked for in the space of so many principal components
FIT_IMAGES = 3_000  # enough to find those components
ITERATIONS = 4
CHUNK = 1_000  # images handled at once


@dataclass(frozen=True)
class NeuronVote:
    """What one first-layer neuron said.

    Attributes
    ----------
    index : its place in the first layer
    activation : its output
    evidence : what that output added to the evidence for the class
    """

    index: int
    activation: float
    evidence: float


def evidence(network: Network, images: Float32, target: int) -> Float32:
    """Logit of a class above the mean logit: (n,), float32.

    Parameters
    ----------
    images : ndarray of shape (n, 28, 28), float32 in [0, 1]
    target : class index
    """
    logits = network.logits(images)
    return np.asarray(logits[:, target] - logits.mean(axis=1), np.float32)


def gradient_times_input(network: Network, image: Float32, target: int) -> Float32:
    """How much each pixel, as bright as it is, adds to the evidence for a class.

    Parameters
    ----------
    image : ndarray of shape (28, 28), float32 in [0, 1]

    Returns
    -------
    ndarray of shape (28, 28), float32
        Signed. Black pixels are 0. The sum and what the biases add make up the evidence.
    """
    gradient = _gradients(network, image, target)[0]
    return (gradient.reshape(SIDE, SIDE) * image).astype(np.float32)


def occlusion(network: Network, image: Float32, target: int) -> Float32:
    """How much evidence for a class is lost when a patch around each pixel is blacked out.

    Zeiler and Fergus, "Visualizing and understanding convolutional networks", 2014.

    Returns
    -------
    ndarray of shape (28, 28), float32
        Signed: positive where the picture speaks for the class. Mean over all patches that
        cover a pixel.
    """
    starts = range(1 - PATCH + STRIDE, SIDE, STRIDE)
    slices = [slice(max(start, 0), min(start + PATCH, SIDE)) for start in starts]
    patches = [(rows, columns) for rows in slices for columns in slices]
    covered = np.repeat(image[None], len(patches), axis=0)  # (patches, 28, 28)
    for k, patch in enumerate(patches):
        covered[(k, *patch)] = 0
    loss = evidence(network, image[None], target) - evidence(network, covered, target)
    total, count = np.zeros((SIDE, SIDE), np.float32), np.zeros((SIDE, SIDE), np.float32)
    for patch, value in zip(patches, loss, strict=True):
        total[patch] += value
        count[patch] += 1
    return total / count


def neuron_votes(network: Network, image: Float32, target: int) -> list[NeuronVote]:
    """What every first-layer neuron said about a class, the strongest for it first.

    Evidence is the sum over these plus what later biases add. A network without a hidden layer
    has no neurons between the pixels and the answer; the list is empty then.
    """
    if len(network.layers) < 2:
        return []
    activations = network.activations(image[None])[0][0]  # (units,)
    parts = activations * _gradients(network, image, target)[1]
    return [NeuronVote(int(k), float(activations[k]), float(parts[k])) for k in np.argsort(-parts)]


def loudest(votes: list[NeuronVote], count: int = 3) -> tuple[list[NeuronVote], list[NeuronVote]]:
    """The neurons that spoke loudest for and against a class, silent ones left out."""
    speaking_for = [vote for vote in votes if vote.evidence > 0][:count]
    against = [vote for vote in reversed(votes) if vote.evidence < 0][:count]
    return speaking_for, against


def _gradients(network: Network, image: Float32, target: int) -> list[Float32]:
    """Slope of the evidence with respect to the input of every layer, first layer first."""
    outputs = network.activations(image[None])
    # Evidence = logits @ (one-hot - 1/10).
    slope = np.full(CLASS_COUNT, -1 / CLASS_COUNT, np.float32)
    slope[target] += 1
    slopes = []
    for position in reversed(range(len(network.layers))):
        layer = network.layers[position]
        if layer.activation == "relu":
            slope = slope * (outputs[position][0] > 0)
        slope = layer.kernel @ slope  # (inputs,)
        slopes.append(slope)
    return slopes[::-1]


class Neighbours:
    """Finds the training images most like a picture, by distance between pixels.

    Distances are taken in the space of the first principal components of the images, which keeps
    almost all of what differs between garments at a twentieth of the numbers.
    """

    def __init__(self, images: UInt8) -> None:
        """Prepare.

        Parameters
        ----------
        images : ndarray of shape (n, 28, 28), uint8
        """
        flat = images.reshape(len(images), PIXELS)
        sample = scale(flat[:: max(1, len(flat) // FIT_IMAGES)])
        self._mean = sample.mean(axis=0)
        sample -= self._mean
        # Orthogonal iteration (Golub and Van Loan, Matrix computations, 8.2.4). It finds
        # a twentieth of the components, nearly, in a fifth of the time that all take exactly.
        axes = np.random.default_rng(0).normal(size=(PIXELS, COMPONENTS)).astype(np.float32)
        for _ in range(ITERATIONS):
            axes = np.linalg.qr(sample.T @ (sample @ axes))[0]
        self._axes = axes  # (784, COMPONENTS)
        self._coordinates = np.empty((len(flat), COMPONENTS), np.float32)
        for start in range(0, len(flat), CHUNK):  # so that no float copy of all images is made
            part = flat[start : start + CHUNK].astype(np.float32)
            self._coordinates[start : start + CHUNK] = part @ (self._axes / np.float32(255))
        self._coordinates -= self._mean @ self._axes
        self._squares = np.einsum("nc,nc->n", self._coordinates, self._coordinates)

    def nearest(self, image: Float32, count: int = 6) -> NDArray[np.intp]:
        """Indices of the most similar images, nearest first: (count,).

        Parameters
        ----------
        image : ndarray of shape (28, 28), float32 in [0, 1]
        """
        point = (image.reshape(PIXELS) - self._mean) @ self._axes
        distance = self._squares - 2 * (self._coordinates @ point)
        first = np.argpartition(distance, count)[:count]
        return first[np.argsort(distance[first], kind="stable")]
