"""Opens pictures and models of strangers, for many sessions at once."""

import atexit
import queue
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from fmnist import network
from fmnist.network import ModelError, Network
from fmnist.prediction import decode
from fmnist.prediction.decode import PictureError
from fmnist.sandbox import answers
from fmnist.sandbox.answers import Header
from fmnist.sandbox.reader import Limits, Reader

# A file that takes all the time it may keeps one process busy; others go on in the second.
PROCESSES = 2
WAIT_SECONDS = 30  # for a free process
MAX_NAME = 80  # characters of a file's name that a sentence repeats
Found = TypeVar("Found")


class Opener:
    """A few processes that open files; started when needed, replaced when a file has ended one.

    What is not opened within the limits is refused with PictureError or ModelError, whose message
    is one sentence. Any thread may ask.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self._readers = [Reader(limits or Limits()) for _ in range(PROCESSES)]
        self._free: queue.LifoQueue[Reader] = queue.LifoQueue()  # the last used, a warm one, first
        for reader in reversed(self._readers):
            self._free.put(reader)
        atexit.register(self.close)

    def __enter__(self) -> "Opener":
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def warm_up(self) -> None:
        """Start one process now, so that the first file need not wait for it."""
        with suppress(OSError):  # then it is tried again with the first file
            self._readers[0].start()

    def picture(self, content: bytes, name: str) -> NDArray[np.uint8]:
        """Decode a picture, as `fmnist.prediction.decode.decode` does and of the same shape."""
        decode.check_bytes(content, name)
        most = answers.MAX_PICTURE_BYTES
        return self._open("picture", content, name, most, answers.to_picture, PictureError)

    def network(self, content: bytes, name: str) -> Network:
        """Read a ``.keras`` archive, as `fmnist.network.read_network` does."""
        network.check_bytes(len(content), name)
        most = answers.MAX_NETWORK_BYTES
        return self._open("network", content, name, most, answers.to_network, ModelError)

    def process_ids(self) -> list[int]:
        """Ids of the processes that there are."""
        return [reader.process_id for reader in self._readers if reader.process_id is not None]

    def close(self) -> None:
        """End all processes; whatever they are opening is refused."""
        atexit.unregister(self.close)
        for reader in self._readers:
            reader.end()

    def _open(
        self,
        kind: str,
        content: bytes,
        name: str,
        most: int,
        parse: Callable[[Header, bytes], Found],
        refusal: type[PictureError] | type[ModelError],
    ) -> Found:
        name = shortened(name)
        try:
            reader = self._free.get(timeout=WAIT_SECONDS)
        except queue.Empty:
            raise refusal(
                f"{name} has to wait for other files: choose it again in a minute."
            ) from None
        try:
            header, payload = reader.ask(kind, name, content, most)
            if "problem" not in header:
                return parse(header, payload)
            sentence = answers.to_sentence(header["problem"])
        except (OSError, ValueError) as problem:
            reader.stop()
            with suppress(OSError):  # then it is tried again with the next file
                reader.start()
            raise refusal(
                f"{name} takes more time or memory to open than is allowed, or is made to do harm: "
                "save it again, smaller."
            ) from problem
        finally:
            self._free.put(reader)
        raise refusal(sentence)


def shortened(name: str) -> str:
    """A file's name as sentences repeat it: one line of some length, its ending kept."""
    plain = "".join(char if char.isprintable() else "?" for char in name)
    if len(plain) <= MAX_NAME:
        return plain
    return f"{plain[: MAX_NAME - 20]}…{plain[-19:]}"
