"""Fashion-MNIST by Keras's own download, with progress and a time limit."""

import errno
import gzip
import socket
import ssl
import tempfile
import threading
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPException, InvalidURL
from pathlib import Path
from urllib.error import ContentTooShortError, HTTPError, URLError

from fmnist import dataset, environment

EXPECTED_BYTES = 30_878_645  # of the four packed files, as published
SILENCE_SECONDS = 20  # a server that says nothing for so long is given up
MOST_SAID = 600  # characters of a library's message that are handed on

NO_NETWORK = "no network"
NOT_SECURE = "no secure connection to the server"
BROKE_OFF = "the connection broke off"
OTHER_CONTENT = "what came is not Fashion-MNIST"
DISK_FULL = "the disk is full"
NOT_WRITABLE = "the folder for it cannot be written"
UNFORESEEN = "something unforeseen went wrong"

# The first type that fits tells the cause. Most are also types of OSError, so the order counts.
_BY_KIND: tuple[tuple[type[Exception], str], ...] = (
    (ContentTooShortError, BROKE_OFF),
    (URLError, NO_NETWORK),
    (InvalidURL, NO_NETWORK),  # of a proxy
    (dataset.DatasetError, OTHER_CONTENT),
    (gzip.BadGzipFile, OTHER_CONTENT),
    (zlib.error, OTHER_CONTENT),
    (EOFError, OTHER_CONTENT),
    (ssl.SSLError, BROKE_OFF),
    (TimeoutError, BROKE_OFF),
    (ConnectionError, BROKE_OFF),
    (HTTPException, BROKE_OFF),
    (ValueError, OTHER_CONTENT),  # of an array's shape
)
_BY_NUMBER = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), DISK_FULL),
    **dict.fromkeys(
        (errno.EACCES, errno.EPERM, errno.EROFS, errno.EEXIST, errno.ENOTDIR), NOT_WRITABLE
    ),
}
_NETWORK = "Check the network."
_LOG_IN = "Perhaps the network wants a log-in first."
_OTHER_PLACE = "It goes into Keras's own folder; KERAS_HOME can name another one."
_ADVICE = {
    NO_NETWORK: _NETWORK,
    BROKE_OFF: _NETWORK,
    NOT_SECURE: _LOG_IN,
    OTHER_CONTENT: _LOG_IN,
    DISK_FULL: _OTHER_PLACE,
    NOT_WRITABLE: _OTHER_PLACE,
}


@dataclass(frozen=True)
class Failure:
    """Why a download did not work.

    Attributes
    ----------
    cause : a few words that can end a sentence
    details : sentences with the library's message, paths and addresses, and what can be done
    """

    cause: str
    details: str

    def __str__(self) -> str:
        return f"Fashion-MNIST could not be downloaded: {self.cause}. {self.details}"


def download(report: Callable[[float], None]) -> Failure | None:
    """Let Keras download the data into its cache, and check it.

    Parameters
    ----------
    report : called about twice a second with the share that has arrived, 0 to 1

    Returns
    -------
    Failure or None
        None when all went well. After a time-out the download may still hang in its thread, so the
        caller's process should end. What a failed download has left is deleted, so that it can be
        tried again.
    """
    before = _files()
    failure = _download(report)
    if failure:
        for path in _files() - before:
            path.unlink(missing_ok=True)
    return failure


def cause_of(problem: BaseException) -> str:
    """The cause of a failure, found in the exception or in those that led to it.

    Keras wraps what the network library raises in a plain Exception.
    """
    return next(filter(None, map(_cause, _led_by(problem))), UNFORESEEN)


def _download(report: Callable[[float], None]) -> Failure | None:
    failures: list[Failure] = []
    thread = threading.Thread(target=_fetch, args=(failures,), daemon=True)
    thread.start()
    limit = environment.download_seconds()
    for _ in range(limit * 2):
        thread.join(0.5)
        if not thread.is_alive():
            return failures[0] if failures else None
        report(_share())
    return _failure(f"it took longer than {limit} s", advice=_NETWORK)


def _fetch(failures: list[Failure]) -> None:
    try:
        from keras.datasets import fashion_mnist

        socket.setdefaulttimeout(SILENCE_SECONDS)
        _try_to_write(environment.keras_cache_dir())
        fashion_mnist.load_data()
        dataset.load(environment.keras_cache_dir())
    except Exception as problem:
        failures.append(_failure(cause_of(problem), str(problem) or type(problem).__name__))


def _try_to_write(folder: Path) -> None:
    """Raise OSError if a file cannot be written there; Keras would silently go elsewhere."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder):
        pass


def _failure(cause: str, said: str = "", advice: str = "") -> Failure:
    sentences = [
        said[:MOST_SAID].rstrip(".") + "." if said else "",
        advice or _ADVICE.get(cause, ""),
        "Try again, or set FMNIST_DATA_DIR to a folder that has the four files.",
    ]
    return Failure(cause, " ".join(filter(None, sentences)))


def _led_by(problem: BaseException | None) -> Iterator[BaseException]:
    """The exception and, one after the other, those that it was raised from."""
    met: set[int] = set()
    while problem is not None and id(problem) not in met:
        met.add(id(problem))
        yield problem
        problem = problem.__cause__ or problem.__context__


def _cause(problem: BaseException) -> str | None:
    """The cause that this exception names by itself, if any."""
    if isinstance(problem, HTTPError):
        return f"the server answered with status {problem.code}"
    if isinstance(problem, URLError) and isinstance(problem.reason, ssl.SSLError):
        return NOT_SECURE
    named = next((cause for kind, cause in _BY_KIND if isinstance(problem, kind)), None)
    return named or _BY_NUMBER.get(getattr(problem, "errno", None) or 0)


def _files() -> set[Path]:
    return set(environment.keras_cache_dir().glob("*ubyte*"))


def _share() -> float:
    size = 0
    for path in _files():
        try:
            size += path.stat().st_size
        except FileNotFoundError:  # deleted in this moment
            continue
    return min(size / EXPECTED_BYTES, 1.0)
