"""Pictures and networks as messages, and back again with every value checked."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist import network
from fmnist.network import ACTIVATIONS, MAX_LAYER_NAME, MAX_LAYERS, MAX_UNITS, Dense, Network
from fmnist.prediction.decode import LONGEST_EDGE
from fmnist.sandbox.wire import WireError

Header = dict[str, Any]
MAX_PICTURE_BYTES = LONGEST_EDGE * LONGEST_EDGE * 3
MAX_NETWORK_BYTES = network.MAX_PARAMETERS * 4


def from_picture(rgb: NDArray[np.uint8]) -> tuple[Header, list[memoryview]]:
    """Message of an ndarray of shape (height, width, 3), uint8."""
    return {"shape": rgb.shape[:2]}, [_bytes(rgb)]


def to_picture(header: Mapping[str, Any], content: bytes) -> NDArray[np.uint8]:
    """Back to an ndarray of shape (height, width, 3), uint8. Raises WireError."""
    height, width = _whole_numbers(header.get("shape"), 2, LONGEST_EDGE)
    if len(content) != height * width * 3:
        raise WireError("a picture of another size than stated")
    return np.frombuffer(content, np.uint8).reshape(height, width, 3)


def from_network(value: Network) -> tuple[Header, list[memoryview]]:
    """Message of a network: what its layers are, and their numbers one after the other."""
    layers = [
        {"name": layer.name, "shape": layer.kernel.shape, "activation": layer.activation}
        for layer in value.layers
    ]
    arrays = [array for layer in value.layers for array in (layer.kernel, layer.bias)]
    return {"layers": layers}, [_bytes(array) for array in arrays]


def to_network(header: Mapping[str, Any], content: bytes) -> Network:
    """Back to a network, of the same limits as `read_network` has. Raises WireError."""
    described = header.get("layers")
    if not isinstance(described, list) or not 1 <= len(described) <= MAX_LAYERS:
        raise WireError("no list of layers")
    if len(content) % 4:
        raise WireError("half a number")
    numbers = np.frombuffer(content, np.float32)
    layers = []
    for layer in described:
        inputs, units = _whole_numbers(_field(layer, "shape"), 2, MAX_UNITS)
        size = inputs * units
        if len(numbers) < size + units:
            raise WireError("fewer numbers than stated")
        kernel, bias = numbers[:size].reshape(inputs, units), numbers[size : size + units]
        numbers = numbers[size + units :]
        layers.append(Dense(_name(layer), kernel, bias, _activation(layer)))
    result = Network(tuple(layers))
    if len(numbers) or not _all_finite(result):
        raise WireError("other numbers than stated")
    try:
        network.check(result, "the model")
    except network.ModelError as problem:
        raise WireError(str(problem)) from problem
    return result


def to_sentence(problem: object) -> str:
    """The reason why a file was refused. Raises WireError."""
    if not isinstance(problem, str) or not problem.isprintable() or not 1 <= len(problem) <= 1000:
        raise WireError("a reason that is no sentence")
    return problem


def _bytes(array: NDArray[Any]) -> memoryview:
    return np.ascontiguousarray(array).data.cast("B")


def _field(layer: object, name: str) -> object:
    if not isinstance(layer, dict):
        raise WireError("a layer that is not described")
    return layer.get(name)


def _whole_numbers(value: object, count: int, most: int) -> list[int]:
    """A list of that many integers from 1 to `most`; True and 1.0 are none."""
    if not isinstance(value, list) or len(value) != count:
        raise WireError("no shape")
    if any(type(number) is not int or not 1 <= number <= most for number in value):
        raise WireError("a shape that is too large, or has no room")
    return value


def _name(layer: object) -> str:
    name = _field(layer, "name")
    if not isinstance(name, str) or len(name) > MAX_LAYER_NAME:
        raise WireError("a layer without a name")
    return name


def _activation(layer: object) -> str:
    activation = _field(layer, "activation")
    if not isinstance(activation, str) or activation not in ACTIVATIONS:
        raise WireError("an unknown activation")
    return activation


def _all_finite(value: Network) -> bool:
    return all(np.isfinite(a).all() for layer in value.layers for a in (layer.kernel, layer.bias))
