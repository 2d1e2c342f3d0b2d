"""Models and runs for tests, made without TensorFlow in a moment."""

import io
import json
import zipfile
from itertools import pairwise
from typing import Any

import h5py
import numpy as np

from fmnist.arrays import Float32
from fmnist.dataset import Dataset
from fmnist.network import Dense, Network
from fmnist.recipe import Recipe
from fmnist.training import runs
from fmnist.training.runs import EventLog, Run


def random_network(hidden: tuple[int, ...] = (12, 8), seed: int = 0) -> Network:
    """Layers with Glorot-like weights: answers that mean nothing, but all distinct."""
    rng = np.random.default_rng(seed)
    widths = (784, *hidden, 10)
    layers = []
    for position, (inputs, units) in enumerate(pairwise(widths)):
        kernel = rng.normal(0, (2 / (inputs + units)) ** 0.5, (inputs, units)).astype(np.float32)
        bias = rng.normal(0, 0.1, units).astype(np.float32)
        last = position == len(hidden)
        layers.append(Dense(f"dense_{position}", kernel, bias, "softmax" if last else "relu"))
    return Network(tuple(layers))


def fitted_network(
    data: Dataset, hidden: tuple[int, ...] = (100, 75), seed: int = 0, images: int = 4000
) -> Network:
    """A network that is mostly right: random hidden layers, the last one by least squares."""
    network = random_network(hidden, seed)
    pixels = data.train_images[:images].astype(np.float32) / np.float32(255)
    features = network.activations(pixels)[-2] if hidden else pixels.reshape(images, 784)
    features = np.hstack([features, np.ones((images, 1), np.float32)])
    targets = np.eye(10, dtype=np.float32)[data.train_labels[:images]] * 8
    penalty = 0.1 * np.eye(features.shape[1], dtype=np.float32)
    solution = np.linalg.solve(features.T @ features + penalty, features.T @ targets)
    last = Dense(network.layers[-1].name, solution[:-1], solution[-1], "softmax")
    return Network((*network.layers[:-1], last))


def configuration(network: Network) -> dict[str, Any]:
    """What a ``.keras`` archive says of the layers, as far as it is read."""
    layers: list[dict[str, Any]] = [
        {"class_name": "InputLayer", "config": {"batch_shape": [None, 28, 28]}},
        {"class_name": "Flatten", "config": {"name": "flatten"}},
    ]
    for layer in network.layers:
        config = {"name": layer.name, "units": layer.units, "activation": layer.activation}
        layers.append({"class_name": "Dense", "config": config | {"use_bias": True}})
    return {"class_name": "Sequential", "config": {"name": "model", "layers": layers}}


def weights_file(network: Network) -> bytes:
    """The HDF5 file of a ``.keras`` archive."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        for position, layer in enumerate(network.layers):
            group = f"layers/dense{f'_{position}' if position else ''}/vars"
            file[f"{group}/0"] = layer.kernel
            file[f"{group}/1"] = layer.bias
    return buffer.getvalue()


def archive(
    network: Network,
    config: dict[str, Any] | None = None,
    weights: bytes | None = None,
    extra: dict[str, bytes] | None = None,
) -> bytes:
    """A ``.keras`` archive; the parts can be replaced to spoil it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("metadata.json", json.dumps({"keras_version": "3.0.0"}))
        file.writestr("config.json", json.dumps(config or configuration(network)))
        file.writestr("model.weights.h5", weights_file(network) if weights is None else weights)
        for name, content in (extra or {}).items():
            file.writestr(name, content)
    return buffer.getvalue()


def weights(network: Network, share: float) -> list[Float32]:
    """Kernel and bias of every layer in turn, so much of them."""
    return [
        item * np.float32(share) for layer in network.layers for item in (layer.kernel, layer.bias)
    ]


def make_run(network: Network, epochs: int = 4, model: bool = True, official: bool = True) -> Run:
    """A run folder with the weights of each epoch, from faint to the network's own."""
    hidden = tuple(layer.units for layer in network.layers[:-1])
    run = runs.create(Recipe(epochs=epochs, hidden_units=hidden))
    log = EventLog(run)
    log.append("worker_begin", epoch=0)
    log.append(
        "train_begin",
        data_name="Fashion-MNIST" if official else "stand-in images",
        data_official=official,
        learning_rate=0.01,
    )
    run.kept.save(0, *weights(network, 0.2))
    for epoch in range(1, epochs + 1):
        run.kept.save(epoch, *weights(network, epoch / epochs))
        log.append(
            "epoch_end", epoch=epoch, loss=1 / epoch, accuracy=0.8, val_loss=1 / epoch,
            val_accuracy=0.8, learning_rate=0.01, seconds=0.3, elapsed=0.3 * epoch,
        )  # fmt: skip
    if model:
        run.model_path.write_bytes(archive(network))
        log.append("test_end", loss=0.5, accuracy=0.8, samples=[])
        log.append("train_end", state="finished")
    log.close()
    return run
