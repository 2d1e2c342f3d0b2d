"""A finished run, and what can be done to its files."""

import io
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from fmnist.recipe import Recipe
from fmnist.training import runs
from fmnist.training.runs import Control, EventLog, Run
from tests.archives import archive, random_network

UNITS = 6
HUGE = 2**30
DEEP = b"[" * 100_000
Damage = Callable[[Run], None]


def finished_run() -> Run:
    """Two epochs, three kernels, a state and a model, as a worker leaves them."""
    run = runs.create(Recipe(epochs=2, hidden_units=(UNITS,)))
    log = EventLog(run)
    log.append("worker_begin", epoch=0)
    log.append("train_begin", learning_rate=0.01, data_name="Fashion-MNIST", data_official=True)
    for epoch in (1, 2):
        log.append("batch_end", **BATCH | {"position": epoch - 0.5})
        log.append("epoch_end", **EPOCH | {"epoch": epoch})
    log.append("learning_rate", position=0.5, value=0.01)
    log.append("test_end", loss=0.5, accuracy=0.8, samples=[SAMPLE])
    log.append("train_end", state="finished")
    log.close()
    network = random_network((UNITS,))
    for epoch in range(3):
        run.kept.save(epoch, network.layers[0].kernel, network.layers[0].bias)
    np.savez(run.folder / "state.npz", **{"000": np.zeros(3), "epoch": np.asarray(2)})
    run.model_path.write_bytes(archive(network))
    run.ask(Control())
    return run


BATCH = {"loss": 1.0, "accuracy": 0.5, "elapsed": 1.0, "images_per_second": 1000.0}
EPOCH = {"loss": 1.0, "accuracy": 0.5, "val_loss": 1.0, "val_accuracy": 0.5,
         "learning_rate": 0.01, "seconds": 1.0, "elapsed": 1.0}  # fmt: skip
SAMPLE = {"index": 0, "true": 9, "predicted": 9, "probabilities": [0.0] * 9 + [1.0]}

# What is done to a file ----------------------------------------------------------------------


def content(name: str, value: bytes) -> Damage:
    return lambda run: replace(run.folder / name, lambda path: path.write_bytes(value))


def folder(name: str) -> Damage:
    return lambda run: replace(
        run.folder / name, lambda path: (path / "inside").mkdir(parents=True)
    )


def fifo(name: str) -> Damage:
    return lambda run: replace(run.folder / name, os.mkfifo)


def link(name: str, target: str) -> Damage:
    return lambda run: replace(run.folder / name, lambda path: path.symlink_to(target))


def gone(name: str) -> Damage:
    return lambda run: replace(run.folder / name, lambda path: None)


def huge(name: str) -> Damage:
    """A gigabyte that takes no place on the disk."""

    def make(path: Path) -> None:
        with path.open("wb") as file:
            file.truncate(HUGE)

    return lambda run: replace(run.folder / name, make)


def half(name: str) -> Damage:
    def cut(run: Run) -> None:
        path = run.folder / name
        path.write_bytes(regular(path)[: path.stat().st_size // 2])

    return cut


def flipped(name: str, bit: int) -> Damage:
    """One bit, at a place given in thousandths of the file."""

    def flip(run: Run) -> None:
        path = run.folder / name
        data = bytearray(regular(path))
        data[len(data) * bit // 1000] ^= 1 << bit % 8
        path.write_bytes(data)

    return flip


def regular(path: Path) -> bytes:
    """What a file has in it. Damage of before may have left a pipe or a device, without end."""
    if not path.is_file():
        raise OSError(f"{path} is no regular file")
    return path.read_bytes()


def replace(path: Path, make: Callable[[Path], Any]) -> None:
    path.unlink(missing_ok=True) if not path.is_dir() else empty(path)
    make(path)


def empty(path: Path) -> None:
    for inside in path.iterdir():
        inside.unlink()
    path.rmdir()


# What is written into one --------------------------------------------------------------------


def recipe(**values: Any) -> Damage:
    """Other values in ``recipe.json``; `recipe` itself may be one."""
    plain = {"recipe": Recipe().to_dict(), "created": 1.7e9}
    return content("recipe.json", json.dumps(plain | values).encode())


def event(name: str, **values: Any) -> Damage:
    """An event with other values than a worker would write, in place of its like and at the end."""

    def change(run: Run) -> None:
        lines = [json.loads(line) for line in regular(run.events_path).splitlines()]
        lines = [line | values if line["event"] == name else line for line in lines]
        lines.append(
            next((line for line in lines if line["event"] == name), {"event": name} | values)
        )
        run.events_path.write_text("".join(json.dumps(line) + "\n" for line in lines))

    return change


def line(value: bytes) -> Damage:
    """A line in the middle of the events."""

    def insert(run: Run) -> None:
        lines = regular(run.events_path).splitlines(keepends=True)
        run.events_path.write_bytes(b"".join([*lines[:4], value + b"\n", *lines[4:]]))

    return insert


def kernel(**arrays: Any) -> Damage:
    """Other arrays as the newest first layer."""

    def write(run: Run) -> None:
        np.savez(run.folder / "kernels" / "0002.npz", **arrays)

    return write


def zipped(method: int, **sizes: int) -> bytes:
    """An ``.npz`` of zeros, packed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as file:
        for name, size in sizes.items():
            array = io.BytesIO()
            np.save(array, np.zeros(size, np.uint8))
            file.writestr(f"{name}.npy", array.getvalue())
    return buffer.getvalue()


def lying_header() -> bytes:
    """An ``.npz`` whose header asks for 8 TB."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name in ("kernel", "bias"):
            array = io.BytesIO()
            header = {"descr": "<f8", "fortran_order": False, "shape": (10**12,)}
            np.lib.format.write_array_header_1_0(array, header)
            file.writestr(f"{name}.npy", array.getvalue() + bytes(100))
    return buffer.getvalue()
