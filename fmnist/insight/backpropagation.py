"""One step of gradient descent in NumPy, with every number on the way kept.

Forward, backward and the update of stochastic gradient descent for a dense network with relu layers
and a softmax, as `fmnist.recipe` describes them. The gradients are those of the mean sparse
categorical cross-entropy. Source of the formulas: Goodfellow, Bengio and Courville, "Deep
Learning" (2016), section 6.5; the update is that of Keras's `SGD`.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fmnist.arrays import Float64
from fmnist.classes import CLASS_COUNT, PIXELS
from fmnist.network import Dense, Network


@dataclass(frozen=True)
class Parameters:
    """Weights of a network, in float64.

    Attributes
    ----------
    kernels : each ndarray of shape (inputs, units)
    biases : each ndarray of shape (units,)
    """

    kernels: tuple[Float64, ...]
    biases: tuple[Float64, ...]

    @property
    def is_finite(self) -> bool:
        """Whether no weight is NaN or infinite."""
        return all(np.isfinite(values).all() for values in (*self.kernels, *self.biases))


@dataclass(frozen=True)
class Forward:
    """What a network computes of some images.

    Attributes
    ----------
    inputs : what each layer gets, ndarray of shape (n, inputs); the first are the pixels
    sums : input @ kernel + bias of each layer, ndarray of shape (n, units)
    probabilities : ndarray of shape (n, 10)
    losses : ndarray of shape (n,)
    """

    inputs: tuple[Float64, ...]
    sums: tuple[Float64, ...]
    probabilities: Float64
    losses: Float64

    @property
    def loss(self) -> float:
        """Mean loss of the images."""
        return float(self.losses.mean())


@dataclass(frozen=True)
class Backward:
    """Gradients of the mean loss.

    Attributes
    ----------
    of_sums : by what each layer sums up, ndarray of shape (n, units)
    of_inputs : by what each layer gets, ndarray of shape (n, inputs)
    of_weights : by kernels and biases
    """

    of_sums: tuple[Float64, ...]
    of_inputs: tuple[Float64, ...]
    of_weights: Parameters


def parameters_of(network: Network) -> Parameters:
    """The weights of a network of relu layers and a softmax. Raises ValueError for any other."""
    names = [layer.activation for layer in network.layers]
    if names != ["relu"] * (len(names) - 1) + ["softmax"]:
        raise ValueError(
            f"This network has the activations {', '.join(names)[:80]}; what is shown here takes "
            "relu layers and a softmax."
        )
    return Parameters(
        tuple(layer.kernel.astype(np.float64) for layer in network.layers),
        tuple(layer.bias.astype(np.float64) for layer in network.layers),
    )


def network_of(parameters: Parameters) -> Network:
    """The network with these weights, in float32."""
    last = len(parameters.kernels) - 1
    return Network(
        tuple(
            Dense(
                f"dense_{number}",
                kernel.astype(np.float32),
                bias.astype(np.float32),
                "softmax" if number == last else "relu",
            )
            for number, (kernel, bias) in enumerate(
                zip(parameters.kernels, parameters.biases, strict=True)
            )
        )
    )


def untrained(hidden_units: Sequence[int], seed: int) -> Parameters:
    """First weights as Keras draws them: Glorot's uniform distribution, biases zero."""
    rng = np.random.default_rng(seed)
    sizes = [PIXELS, *hidden_units, CLASS_COUNT]
    kernels = []
    for inputs, units in itertools.pairwise(sizes):
        limit = np.sqrt(6.0 / (inputs + units))
        kernels.append(rng.uniform(-limit, limit, (inputs, units)))
    return Parameters(tuple(kernels), tuple(np.zeros(units) for units in sizes[1:]))


def forward(parameters: Parameters, images: Float64, labels: NDArray[np.integer]) -> Forward:
    """Compute probabilities and losses, and keep what they are made of.

    Parameters
    ----------
    images : ndarray of shape (n, 784), in [0, 1]
    labels : ndarray of shape (n,), 0 to 9
    """
    value = np.asarray(images, np.float64)
    inputs, sums = [], []
    for kernel, bias in zip(parameters.kernels, parameters.biases, strict=True):
        inputs.append(value)
        sums.append(value @ kernel + bias)
        value = np.maximum(sums[-1], 0.0)
    logits = sums[-1] - sums[-1].max(axis=1, keepdims=True)
    exponentials = np.exp(logits)
    total = exponentials.sum(axis=1, keepdims=True)
    probabilities = exponentials / total
    # The logarithm of the probability, taken before that can be rounded to 0.
    losses = np.log(total[:, 0]) - logits[np.arange(len(labels)), labels]
    return Forward(tuple(inputs), tuple(sums), probabilities, losses)


def backward(parameters: Parameters, computed: Forward, labels: NDArray[np.integer]) -> Backward:
    """Gradients of the mean loss by everything that was computed on the way."""
    one_hot = np.eye(CLASS_COUNT)[labels]  # (n, 10)
    delta = (computed.probabilities - one_hot) / len(labels)  # by the logits
    of_sums, of_inputs, kernels, biases = [], [], [], []
    for number in reversed(range(len(parameters.kernels))):
        of_sums.append(delta)
        kernels.append(computed.inputs[number].T @ delta)  # (inputs, units)
        biases.append(delta.sum(axis=0))  # (units,)
        of_inputs.append(delta @ parameters.kernels[number].T)  # (n, inputs)
        if number:
            delta = of_inputs[-1] * (computed.sums[number - 1] > 0)
    return Backward(
        tuple(reversed(of_sums)),
        tuple(reversed(of_inputs)),
        Parameters(tuple(reversed(kernels)), tuple(reversed(biases))),
    )


def step(
    parameters: Parameters,
    gradients: Parameters,
    learning_rate: float,
    momentum: float = 0.0,
    velocity: Parameters | None = None,
) -> tuple[Parameters, Parameters]:
    """One update as Keras's SGD makes it: velocity = momentum × velocity − rate × gradient.

    Returns
    -------
    The new weights, and the velocity for the next step.
    """
    if velocity is None:
        velocity = Parameters(
            tuple(np.zeros_like(kernel) for kernel in parameters.kernels),
            tuple(np.zeros_like(bias) for bias in parameters.biases),
        )

    def moved(
        values: tuple[Float64, ...], slopes: tuple[Float64, ...], speeds: tuple[Float64, ...]
    ) -> tuple[tuple[Float64, ...], tuple[Float64, ...]]:
        now = tuple(
            momentum * speed - learning_rate * slope
            for speed, slope in zip(speeds, slopes, strict=True)
        )
        return tuple(value + speed for value, speed in zip(values, now, strict=True)), now

    kernels, kernel_speeds = moved(parameters.kernels, gradients.kernels, velocity.kernels)
    biases, bias_speeds = moved(parameters.biases, gradients.biases, velocity.biases)
    return Parameters(kernels, biases), Parameters(kernel_speeds, bias_speeds)


def finite_difference(
    parameters: Parameters,
    images: Float64,
    labels: NDArray[np.integer],
    layer: int,
    row: int,
    unit: int,
    distance: float = 1e-5,
) -> float:
    """The same gradient by one weight, from two losses a little to either side of it."""
    losses = []
    for sign in (1.0, -1.0):
        kernels = list(parameters.kernels)
        kernels[layer] = kernels[layer].copy()
        kernels[layer][row, unit] += sign * distance
        moved = Parameters(tuple(kernels), parameters.biases)
        losses.append(forward(moved, images, labels).loss)
    return (losses[0] - losses[1]) / (2.0 * distance)


def agreeing_digits(first: float, second: float) -> int:
    """To how many significant digits two numbers agree, up to 15; both zero agree to all."""
    largest = max(abs(first), abs(second))
    if largest < 1e-12:
        return 15
    return int(np.clip(np.floor(-np.log10(max(abs(first - second) / largest, 1e-15))), 0, 15))
