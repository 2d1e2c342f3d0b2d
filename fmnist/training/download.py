"""Fashion-MNIST by Keras's own download, with progress and a time limit."""

import gzip
import socket
import threading
import zlib
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
        still hang in its thread; the caller's process should end. What has arrived of a download
        that did not work is deleted, so that it can be tried again.
    """
    before = _files()
    message = _download(report)
    if message:
        for path in _files() - before:
            path.unlink(missing_ok=True)
    return message


def _download(report: Callable[[float], None]) -> str:
    problems: list[str] = []
    thread = threading.Thread(target=_fetch, args=(problems,), daemon=True)
    thread.start()
    limit = settings.download_seconds()
    for _ in range(limit * 2):
        thread.join(0.5)
        if not thread.is_alive():
            return problems[0] if problems else ""
        report(_share())
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
    except (gzip.BadGzipFile, zlib.error, EOFError, ValueError) as problem:
        problems.append(
            f"What was downloaded is not Fashion-MNIST ({problem}). Perhaps the network wants a "
            "log-in first. Try again, or set FMNIST_DATA_DIR to a folder that has the four files."
        )
    except Exception as problem:  # Keras raises a plain Exception for every network failure
        problems.append(
            f"Fashion-MNIST could not be downloaded ({problem}). Check the network, or set "
            "FMNIST_DATA_DIR to a folder that has the four files."
        )


def _files() -> set[Path]:
    return set(settings.keras_cache_dir().glob("*ubyte*"))


def _share() -> float:
    size = 0
    for path in _files():
        try:
            size += path.stat().st_size
        except FileNotFoundError:  # deleted in this moment
            continue
    return min(size / EXPECTED_BYTES, 1.0)
