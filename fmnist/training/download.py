"""Fashion-MNIST by Keras's own download, with progress and a time limit."""

import socket
import threading
from collections.abc import Callable
from pathlib import Path

from fmnist import dataset, settings

EXPECTED_BYTES = 30_878_645  # of the four packed files, as published
SILENCE_SECONDS = 20  # a server that says nothing for so long is given up


def download(report: Callable[[float], None]) -> str:
    """Let Keras download the data into its cache, and check it.

    Parameters
    ----------
    report : called about twice a second with the share that has arrived, 0 to 1

    Returns
    -------
    str : empty when all went well, else one plain sentence. After a time-out the download may
        still hang in its thread; the caller's process should end.
    """
    problems: list[str] = []
    thread = threading.Thread(target=_fetch, args=(problems,), daemon=True)
    thread.start()
    limit = settings.download_seconds()
    for _ in range(limit * 2):
        thread.join(0.5)
        if not thread.is_alive():
            return problems[0] if problems else ""
        report(_share(settings.keras_cache_dir()))
    return (
        f"Downloading Fashion-MNIST took longer than {limit} s and was given up. "
        "Check the network, or set FMNIST_DATA_DIR to a folder that has the four files."
    )


def _fetch(problems: list[str]) -> None:
    from keras.datasets import fashion_mnist

    socket.setdefaulttimeout(SILENCE_SECONDS)
    try:
        fashion_mnist.load_data()
        dataset.load(settings.keras_cache_dir())
    except dataset.DatasetError as problem:
        problems.append(str(problem))
    except Exception as problem:  # Keras raises a plain Exception for every network failure
        problems.append(
            f"Fashion-MNIST could not be downloaded ({problem}). Check the network, or set "
            "FMNIST_DATA_DIR to a folder that has the four files."
        )


def _share(folder: Path) -> float:
    size = 0
    for path in folder.glob("*ubyte*") if folder.is_dir() else ():
        try:
            size += path.stat().st_size
        except FileNotFoundError:  # renamed in this moment
            continue
    return min(size / EXPECTED_BYTES, 1.0)
