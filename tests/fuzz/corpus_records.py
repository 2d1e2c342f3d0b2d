"""Models, recipes, events, control files, arrays, addresses and messages to begin with."""

import io
import json
import struct
from typing import Any
from urllib.parse import urlencode

import h5py
import numpy as np

from fmnist.network import Network
from fmnist.recipe import PRESETS, Recipe
from fmnist.sandbox import answers, wire
from tests.archives import archive, configuration, random_network, weights_file
from tests.fuzz.structure import members, zipped
from tests.hostile import tiny_chunks, with_kernel
from tests.spoiling import BATCH, EPOCH, SAMPLE

SHAPES: tuple[tuple[int, ...], ...] = ((), (5,), (12, 8), (3, 3, 3))
RUN_ID = "20240102-030405-abcdef"


def models() -> list[bytes]:
    """Archives of several shapes, with the state of both kinds of optimizers and without."""
    found = [members(archive(random_network(shape))) for shape in SHAPES]
    network = random_network((5,))
    for slots in (1, 2):  # a momentum for each weight, or momentum and velocity as Adam has
        found.append(found[1] | {"model.weights.h5": with_optimizer(network, slots)})
    config = configuration(network)
    config["class_name"] = "Functional"
    config["config"]["layers"].insert(3, {"class_name": "Dropout", "config": {"rate": 0.5}})
    found.append(found[1] | {"config.json": json.dumps(config).encode()})
    for number in (np.float16, np.float64):
        found.append(found[1] | {"model.weights.h5": with_numbers(network, number)})
    return [zipped(parts) for parts in [*found, *map(members, costly_models(network))]]


def costly_models(network: Network) -> list[bytes]:
    """Arrays in pieces, which are refused unread since they may take gigabytes."""

    def packed(group: Any) -> None:
        group.create_dataset("0", data=network.layers[0].kernel, compression="gzip", shuffle=True)

    return [tiny_chunks(network), with_kernel(network, packed)]


def with_optimizer(network: Network, slots: int) -> bytes:
    """A weights file with an optimizer's variables, as Keras saves them."""
    buffer = io.BytesIO(weights_file(network))
    with h5py.File(buffer, "r+") as file:
        file["optimizer/vars/0"] = np.int64(1700)
        file["optimizer/vars/1"] = np.float32(0.01)
        arrays = [a for layer in network.layers for a in (layer.kernel, layer.bias)] * slots
        for number, array in enumerate(arrays, 2):
            file[f"optimizer/vars/{number}"] = np.zeros_like(array)
        file["vars"] = h5py.Empty("f4")
        file.attrs["name"] = "model"
    return buffer.getvalue()


def with_numbers(network: Network, kind: Any) -> bytes:
    """A weights file of the latest HDF5 format, whose numbers have 16 or 64 bits.

    That format keeps times, which would make each file another one.
    """
    timeless, root = map(h5py.h5p.create, (h5py.h5p.GROUP_CREATE, h5py.h5p.FILE_CREATE))
    for properties in (timeless, root):
        properties.set_obj_track_times(False)
    access = h5py.h5p.create(h5py.h5p.FILE_ACCESS)
    access.set_fapl_core(backing_store=False)
    access.set_libver_bounds(h5py.h5f.LIBVER_LATEST, h5py.h5f.LIBVER_LATEST)
    with h5py.File(h5py.h5f.create(b"in memory", fcpl=root, fapl=access)) as file:
        for number, layer in enumerate(network.layers):
            place = f"layers/dense{f'_{number}' if number else ''}/vars"
            group: Any = file
            for name in place.split("/"):
                if name not in group:
                    h5py.h5g.create(group.id, name.encode(), gcpl=timeless)
                group = group[name]
            group["0"], group["1"] = layer.kernel.astype(kind), layer.bias.astype(kind)
        file.flush()
        return bytes(file.id.get_file_image())


def recipes() -> list[bytes]:
    """``recipe.json`` of the presets, and of a recipe in which nothing is a default."""
    odd = Recipe(epochs=3, batch_size=7, seed=9, optimizer="RMSprop", momentum=0.9, dropout=0.3,
                 hidden_units=(), l2=1e-3, training_images=500, augmentation="flip")  # fmt: skip
    texts = {"epochs": "5", "hidden_units": "100-75", "optimizer": "adam", "learning_rate": "1e-3"}
    plain = [recipe.to_dict() for recipe in (*PRESETS.values(), odd)]
    return [
        json.dumps({"recipe": recipe, "created": 1.7e9}).encode() for recipe in (*plain, texts, {})
    ]


def controls() -> list[bytes]:
    """``control.json``: each state, with a step and a rate."""
    wishes = [
        {"state": "run", "pause_after": None, "learning_rate": None},
        {"state": "pause", "pause_after": 3, "learning_rate": 0.05},
        {"state": "stop"},
        {},
    ]
    return [json.dumps(wish).encode() for wish in wishes]


def events() -> list[bytes]:
    """``events.jsonl``: a whole run, one that was interrupted and resumed, one that failed."""
    begin = [
        {"event": "worker_begin", "time": 1.7e9, "epoch": 0},
        {"event": "train_begin", "learning_rate": 0.01, "data_name": "Fashion-MNIST",
         "data_official": True},
    ]  # fmt: skip
    epochs: list[dict[str, Any]] = []
    for epoch in (1, 2, 3):
        epochs.append({"event": "batch_end", "position": epoch - 0.5, **BATCH})
        epochs.append({"event": "learning_rate", "position": epoch - 0.5, "value": 0.1 * epoch})
        epochs.append({"event": "epoch_end", "epoch": epoch, **EPOCH})
    held = [{"event": "pause"}, {"event": "continue"}]
    again = [{"event": "worker_begin", "epoch": 2}, begin[1], *epochs[6:]]
    test = {"event": "test_end", "loss": 0.5, "accuracy": 0.8, "samples": [SAMPLE] * 3}
    ends = {
        "finished": [test, {"event": "train_end", "state": "finished"}],
        "stopped": [{"event": "train_end", "state": "stopped", "message": "stopped by hand"}],
        "failed": [{"event": "failed", "message": "The loss is not a number any more."}],
    }
    runs = [[*begin, *epochs, *ends["finished"]], [*begin, *epochs, *again, *ends["finished"]],
            [*begin, *held, *epochs[:3], *ends["stopped"]], [*begin, *epochs[:2], *ends["failed"]],
            [*begin[:1], *ends["failed"], *begin, *epochs]]  # fmt: skip
    return ["".join(json.dumps(event) + "\n" for event in run).encode() for run in runs]


def kernels() -> list[bytes]:
    """First layers as a run keeps them, rows or columns first, of 16 and 64 bits."""
    found = []
    for kind, order in ((np.float16, "C"), (np.float32, "F"), (np.float64, "C")):
        parts = {"kernel": np.ones((784, 4), kind, order), "bias": np.zeros(4, kind)}
        buffer = io.BytesIO()
        np.savez(buffer, **parts)  # type: ignore[arg-type]
        found.append(zipped(members(buffer.getvalue())))
    return found


def addresses() -> list[bytes]:
    """Queries with all parameters that pages read."""
    predict = {"model": "tuned", "source": "sample", "index": "7", "certainty": "70"}
    stages = "kind:photo,invert:no,fill:yes,turn:-15,mirror:yes,threshold:35,crop:10-90-5-100"
    queries: list[dict[str, str]] = [
        {"run": RUN_ID},
        {name: str(value) for name, value in PRESETS["tuned"].to_query().items()},
        {"hidden_units": "100-75", "epochs": "5", "optimizer": "adam", "learning_rate": "0.001"},
        predict,
        {"source": "upload", "stages": stages, "model": RUN_ID},
        {"model": "notebook", "beside": "tuned", "neuron": "12", "sort": "Number", "own": "true"},
        {"model": RUN_ID, "view": "Per class", "list": "Mistakes", "beside": "none"},
    ]
    return [urlencode(pairs).encode() for pairs in queries]


def messages() -> list[bytes]:
    """What a process of the sandbox answers, as bytes on the wire."""
    rgb = np.arange(12 * 9 * 3, dtype=np.uint8).reshape(12, 9, 3)
    networks = [answers.from_network(random_network(shape)) for shape in ((3,), ())]
    found = []
    for header, parts in (answers.from_picture(rgb), *networks, ({"problem": "It is empty."}, [])):
        stream = io.BytesIO()
        wire.send(stream, header, parts)
        found.append(stream.getvalue())
    return found


def split_message(data: bytes) -> tuple[bytes, bytes]:
    """JSON header of a message, and what follows it."""
    size, _rest = struct.unpack_from(">II", data)
    return data[8 : 8 + size], data[8 + size :]
