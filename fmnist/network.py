"""A trained MLP as plain NumPy arrays: read from a ``.keras`` archive without TensorFlow.

The archive is read as data and nothing in it is ever executed. It is a zip of ``config.json``,
``metadata.json`` and ``model.weights.h5`` (https://keras.io/guides/serialization_and_saving/);
the weights of the n-th Dense layer are ``layers/dense_<n>/vars/0`` (kernel) and ``/1`` (bias).
"""

import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from fmnist.arrays import Float32
from fmnist.classes import CLASS_COUNT, PIXELS

MAX_ARCHIVE_BYTES = 64 * 1024 * 1024
MAX_UNPACKED_BYTES = 128 * 1024 * 1024
MAX_CONFIG_BYTES = 4 * 1024 * 1024
# Limits of an uploaded model. Train builds three hidden layers of 512 units at most. The Weights
# page shows every unit and takes 2 s for this many.
MAX_UNITS = 1024
MAX_LAYERS = 32
MAX_PARAMETERS = 4_000_000
MAX_LAYER_NAME = 100
# What a neuron may give for any image. Float32 ends at 3e38, and explanations multiply outputs.
MAX_OUTPUT = 1e15
MEMBERS = {"metadata.json", "config.json", "model.weights.h5"}
ACTIVATIONS = {"linear", "relu", "softmax"}
LAYERS_WITHOUT_WEIGHTS = {"InputLayer", "Flatten", "Dropout"}


class ModelError(ValueError):
    """An archive is damaged or holds something that cannot be read as dense layers."""


@dataclass(frozen=True)
class Dense:
    """One dense layer: ``activation(inputs @ kernel + bias)``.

    Attributes
    ----------
    name : as Keras named it
    kernel : ndarray of shape (inputs, units), float32
    bias : ndarray of shape (units,), float32
    activation : "relu", "linear" or "softmax"
    """

    name: str
    kernel: Float32
    bias: Float32
    activation: str

    @property
    def units(self) -> int:
        """Neurons in this layer."""
        return int(self.kernel.shape[1])

    @property
    def parameters(self) -> int:
        """Weights and biases."""
        return self.kernel.size + self.bias.size


@dataclass(frozen=True)
class Network:
    """Dense layers from 784 pixels to ten classes."""

    layers: tuple[Dense, ...]

    @property
    def parameters(self) -> int:
        """Weights and biases of all layers."""
        return sum(layer.parameters for layer in self.layers)

    def activations(self, images: Float32) -> list[Float32]:
        """Output of every layer; the last are the probabilities.

        Parameters
        ----------
        images : ndarray of shape (n, 28, 28) or (n, 784), float32 in [0, 1]

        Returns
        -------
        list of ndarray of shape (n, units), float32, one per layer
        """
        value = np.ascontiguousarray(images, np.float32).reshape(len(images), PIXELS)
        outputs = []
        for layer in self.layers:
            value = activate(layer.activation, value @ layer.kernel + layer.bias)
            outputs.append(value)
        return outputs

    def logits(self, images: Float32) -> Float32:
        """Input of the softmax: ndarray of shape (n, 10), float32."""
        last = self.layers[-1]
        before = Network(self.layers[:-1]).activations(images)
        value = before[-1] if before else np.asarray(images, np.float32).reshape(-1, PIXELS)
        return value @ last.kernel + last.bias  # (n, 10)

    def probabilities(self, images: Float32) -> Float32:
        """Softmax output: ndarray of shape (n, 10), float32, rows sum to 1."""
        return self.activations(images)[-1]


def activate(name: str, value: Float32) -> Float32:
    """Apply an activation along the last axis."""
    if name == "relu":
        return np.maximum(value, np.float32(0))
    if name == "softmax":
        # The largest logit is subtracted first, so that exp never overflows.
        exponentials = np.exp(value - value.max(axis=-1, keepdims=True))
        return np.asarray(exponentials / exponentials.sum(axis=-1, keepdims=True), np.float32)
    return value


def read_network(source: Path | bytes, name: str = "") -> Network:
    """Dense layers of a ``.keras`` archive.

    Parameters
    ----------
    source : path of the archive, or its bytes
    name : what to call it in messages; the file's name by default

    Raises
    ------
    ModelError
        If it is not a sound archive of an MLP from 28×28 pixels to ten classes. The message says
        why in one sentence.
    """
    name = name or (source.name if isinstance(source, Path) else "the model")
    try:
        data = source if isinstance(source, bytes) else read_archive(source, name)
        config, weights = _members(data, name)
        network = Network(tuple(_layers(config, weights, name)))
        check(network, name)
    except ModelError:
        raise
    except MemoryError as problem:
        raise ModelError(f"{name} takes too much memory to open, so it is refused.") from problem
    except Exception as problem:  # zipfile, json and h5py raise almost anything on damaged data
        raise ModelError(
            f"{name} is damaged or not a .keras archive: save it again with model.save()."
        ) from problem
    return network


def _quoted(text: object) -> str:
    """A piece of the file as it may stand in a message: short, and nothing but plain characters.

    Messages end up on pages that understand Markdown, and the file may come from a stranger.
    """
    plain = "".join(char if char.isalnum() or char in " ._-/>" else "?" for char in str(text))
    return f"'{plain[:40]}{'…' if len(plain) > 40 else ''}'"


def read_archive(path: Path, name: str) -> bytes:
    """Content of the file, not looked into. Raises ModelError if it is missing or too large."""
    if not path.is_file():
        raise ModelError(f"There is no model at {name}.")
    check_bytes(path.stat().st_size, name)
    return path.read_bytes()


def check_bytes(size: int, name: str) -> None:
    """Raise ModelError if an archive is too large to be looked into."""
    if size > MAX_ARCHIVE_BYTES:
        raise ModelError(f"{name} is larger than {MAX_ARCHIVE_BYTES >> 20} MB, too large to read.")


def _members(data: bytes, name: str) -> tuple[dict[str, Any], bytes]:
    """Configuration and weights file of the archive, after looking at sizes and names."""
    check_bytes(len(data), name)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = archive.namelist()
        strange = sorted(set(names) - MEMBERS)
        if strange or len(names) != len(set(names)):
            raise ModelError(
                f"{name} holds {_quoted(strange[0]) if strange else 'a file twice'}; only "
                f"{', '.join(sorted(MEMBERS))} are read, so it is refused."
            )
        sizes = {item.filename: item.file_size for item in archive.infolist()}
        if sum(sizes.values()) > MAX_UNPACKED_BYTES or sizes["config.json"] > MAX_CONFIG_BYTES:
            raise ModelError(
                f"{name} unpacks to more than {MAX_UNPACKED_BYTES >> 20} MB, or its config.json to "
                f"more than {MAX_CONFIG_BYTES >> 20} MB, so it is refused."
            )
        packings = {item.compress_type for item in archive.infolist()}
        if not packings <= {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise ModelError(f"{name} is packed in a way that Keras does not use.")
        return json.loads(archive.read("config.json")), archive.read("model.weights.h5")


def _layers(config: dict[str, Any], weights: bytes, name: str) -> list[Dense]:
    if config["class_name"] not in ("Sequential", "Functional"):
        raise ModelError(
            f"{name} is a {_quoted(config['class_name'])} model; only Sequential and Functional "
            "models of dense layers are read."
        )
    layers = config["config"]["layers"]
    if len(layers) > MAX_LAYERS:
        raise ModelError(f"{name} has {len(layers):,} layers; at most {MAX_LAYERS} are read.")
    dense: list[Dense] = []
    with h5py.File(io.BytesIO(weights), "r") as file:
        for layer in layers:
            kind = layer["class_name"]
            if layer.get("registered_name") or kind not in LAYERS_WITHOUT_WEIGHTS | {"Dense"}:
                raise ModelError(
                    f"{name} has a layer {_quoted(kind)}; only "
                    f"{', '.join(sorted(LAYERS_WITHOUT_WEIGHTS))} and Dense are read, and nothing "
                    "in a model is ever executed."
                )
            if kind == "Dense":
                key = "dense" if not dense else f"dense_{len(dense)}"
                dense.append(_dense(layer["config"], file, f"layers/{key}/vars", name))
                if sum(item.parameters for item in dense) > MAX_PARAMETERS:
                    raise ModelError(f"{name} has more than {MAX_PARAMETERS:,} parameters.")
    return dense


def _dense(config: dict[str, Any], file: Any, group: str, name: str) -> Dense:
    activation = config["activation"]
    if activation not in ACTIVATIONS:
        raise ModelError(
            f"{name} uses the activation {_quoted(activation)}; "
            f"{', '.join(sorted(ACTIVATIONS))} are read."
        )
    if not isinstance(config["name"], str) or len(config["name"]) > MAX_LAYER_NAME:
        raise ModelError(
            f"{name} has a layer whose name is not text of at most {MAX_LAYER_NAME} characters."
        )
    kernel = _array(file, f"{group}/0", name)
    bias = (
        _array(file, f"{group}/1", name)
        if config.get("use_bias", True)
        else np.zeros(kernel.shape[1], np.float32)
    )
    return Dense(config["name"], kernel, bias, activation)


def _array(file: Any, path: str, name: str) -> Float32:
    """An array stored in one piece, as Keras stores it; everything else is refused unread.

    An array in pieces takes memory by their number and size, whatever its own shape.
    """
    node: Any = file
    for part in path.split("/"):
        if not isinstance(node.get(part, getlink=True), h5py.HardLink):
            raise ModelError(f"{name} has no plain array at {path}, so it is refused.")
        node = node[part]
    if not isinstance(node, h5py.Dataset) or not _in_one_piece(node):
        raise ModelError(
            f"{name} keeps {path} in pieces, packed or outside the archive, as Keras never does, "
            "so it is refused."
        )
    shape = node.shape or ()
    if len(shape) not in (1, 2) or not 1 <= min(shape) <= max(shape) <= MAX_UNITS:
        raise ModelError(
            f"{name} has an array of shape {shape} at {path}; layers of 1 to {MAX_UNITS:,} units "
            "are read."
        )
    if node.dtype.kind != "f" or node.dtype.itemsize > 8:
        raise ModelError(
            f"{name} has values of type {node.dtype.kind!r} at {path}; floating-point numbers of "
            "16, 32 or 64 bits are read."
        )
    values = np.asarray(node[()], np.float32)
    if not np.isfinite(values).all():
        raise ModelError(
            f"{name} has weights that are not numbers at {path}; it did not train well."
        )
    return values


def _in_one_piece(node: Any) -> bool:
    how = node.id.get_create_plist()
    return bool(how.get_layout() == h5py.h5d.CONTIGUOUS and how.get_external_count() == 0)


def check(network: Network, name: str) -> None:
    """Raise ModelError unless the network answers: its layers fit, and no output overflows."""
    _check_shapes(network, name)
    _check_outputs(network, name)


def _check_outputs(network: Network, name: str) -> None:
    """Bound the outputs by the sums of absolute weights; pixels are at most 1."""
    largest = 1.0
    for layer in network.layers:
        sums = np.abs(layer.kernel).sum(axis=0, dtype=np.float64) * largest + np.abs(layer.bias)
        largest = float(sums.max())
        if largest > MAX_OUTPUT:
            raise ModelError(
                f"{name}: layer {_quoted(layer.name)} has weights so large that answers overflow; "
                "it did not train well."
            )


def _check_shapes(network: Network, name: str) -> None:
    """From 784 pixels to ten classes."""
    width = PIXELS
    for layer in network.layers:
        if layer.kernel.shape != (width, layer.bias.size) or layer.bias.ndim != 1:
            raise ModelError(
                f"{name}: layer {_quoted(layer.name)} has a kernel of shape {layer.kernel.shape} "
                f"and a bias of shape {layer.bias.shape}; expected is a kernel of ({width}, units)."
            )
        width = layer.units
    if not network.layers or width != CLASS_COUNT:
        raise ModelError(f"{name} has {width} outputs; the ten classes need 10.")
    if [layer.activation == "softmax" for layer in network.layers] != [False] * (
        len(network.layers) - 1
    ) + [True]:
        raise ModelError(f"{name} must end in softmax, and only there.")
