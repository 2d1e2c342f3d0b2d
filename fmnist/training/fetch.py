"""The download of the data set that a queue has one of its workers do, as pages see it."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Download:
    """How far the download of the data set is."""

    share: float = 0.0  # 0 to 1
    message: str = ""  # what went wrong, in a few words that can end a sentence
    details: str = ""  # the library's message, with paths and addresses, and what can be done
    failed: bool = False
    done: bool = False

    @property
    def active(self) -> bool:
        """Whether it is still going on."""
        return not (self.failed or self.done)


class Fetch:
    """The latest download, under the lock of its queue.

    Attributes
    ----------
    latest : how far it is, or how it ended; None if there was none
    wanted : whether no worker does it yet
    """

    def __init__(self) -> None:
        self.latest: Download | None = None
        self.wanted = False

    @property
    def active(self) -> bool:
        """Whether one is going on, or waits for a worker."""
        return self.latest is not None and self.latest.active

    def begin(self) -> None:
        """A new one is wanted."""
        self.latest, self.wanted = Download(), True

    def came(self, share: float) -> None:
        """So much of it is there, from 0 to 1."""
        if self.latest is not None:
            self.latest = replace(self.latest, share=share)

    def end(self, message: str = "", details: str = "") -> None:
        """It is done; with a message, it has failed."""
        self.latest = (
            Download(message=message, details=details, failed=True)
            if message
            else Download(share=1.0, done=True)
        )
