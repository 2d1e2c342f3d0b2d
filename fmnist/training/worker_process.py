"""Training processes as the queue sees them: started, given jobs, and asked for their last words.

Those of this machine are children of the server. `fmnist.training.cluster` has those elsewhere.
"""

import json
import os
import subprocess
import sys
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from fmnist import environment
from fmnist.training.locking import Lock
from fmnist.training.run import RunFolder


@dataclass
class Handed:
    """A run that a worker was given and has not begun yet."""

    run: RunFolder
    lock: Lock  # on the run's queue.lock, so that no other server hands it out as well


class Worker(ABC):
    """One training process, wherever it is.

    Attributes
    ----------
    ready : whether it is warm
    handed : the run that was handed over and is not begun yet
    lost : whether its run is to go on elsewhere: it hung and was ended, or its machine was lost
    trains : whether it takes runs; one that does not is there for a download
    process_id : of a process of this machine
    """

    process_id: int | None = None

    def __init__(self, trains: bool = True) -> None:
        self.ready = self.busy = self.lost = False
        self.handed: Handed | None = None
        self.run_id = ""
        self.trains = trains

    @abstractmethod
    def send(self, **job: str) -> None:
        """Hand it a job."""

    @abstractmethod
    def messages(self) -> Iterator[dict[str, Any]]:
        """What it says, until it is gone."""

    @abstractmethod
    def kill(self) -> None:
        """End it, whatever it does."""

    @abstractmethod
    def leave(self) -> None:
        """The server ends: end the process too, unless it can go on without the server."""

    @abstractmethod
    def last_words(self) -> str:
        """Why it is gone, in a few words."""

    @abstractmethod
    def close(self) -> None:
        """Give back what the server has of it, once it is gone."""


class LocalWorker(Worker):
    """A child of this process, which warms up by itself."""

    def __init__(self, trains: bool = True) -> None:
        super().__init__(trains)
        self._errors = tempfile.TemporaryFile("w+", errors="replace")  # noqa: SIM115 - as it lives
        self._process = subprocess.Popen(
            [sys.executable, "-m", "fmnist.training.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            cwd=str(Path(__file__).parents[2]),
            # The server's folder of runs, whatever the worker's own working directory is.
            env=os.environ | {"FMNIST_RUNS_DIR": str(environment.runs_dir())},
        )
        self.process_id = self._process.pid

    def send(self, **job: str) -> None:
        """Write it to its standard input."""
        assert self._process.stdin is not None
        self.busy = True
        with suppress(OSError):  # it died just now; the queue will notice and hand its job on
            self._process.stdin.write(json.dumps(job) + "\n")
            self._process.stdin.flush()

    def messages(self) -> Iterator[dict[str, Any]]:
        """The lines of its standard output."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            yield json.loads(line)
        self._process.wait()

    def kill(self) -> None:
        """By the one signal that nothing holds up."""
        self._process.kill()

    def leave(self) -> None:
        """It ends with the server."""
        self._process.kill()
        self._process.wait()

    def last_words(self) -> str:
        """The last line that it wrote to standard error."""
        self._errors.seek(0)
        lines = [line.strip() for line in self._errors.read().splitlines() if line.strip()]
        return str(lines[-1])[:300] if lines else "it left no message"

    def close(self) -> None:
        """Pipes, and the file of its standard error."""
        assert self._process.stdout is not None and self._process.stdin is not None
        self._errors.close()
        self._process.stdout.close()
        with suppress(OSError):  # it did not read all
            self._process.stdin.close()


class Pool(Protocol):
    """Where training processes come from.

    Attributes
    ----------
    keeps_one_warm : whether one should stand by when there is nothing to do
    """

    keeps_one_warm: bool

    def most(self) -> int:
        """How many may train side by side, now."""

    def start(self) -> Worker:
        """A new one."""

    def problem(self) -> str:
        """Why there is none at all, in one sentence; empty if nothing is wrong."""

    def about(self) -> str:
        """Where runs are trained, as Markdown, if it is not this machine."""

    def close(self) -> None:
        """No more of them are needed."""


class ThisMachine:
    """Training processes that are children of the server."""

    keeps_one_warm = True

    def most(self) -> int:
        """As many as a person has set."""
        return environment.max_workers()

    def start(self) -> Worker:
        """One that warms up by itself."""
        return LocalWorker()

    def problem(self) -> str:
        """None: what goes wrong is told by the process that fails."""
        return ""

    def about(self) -> str:
        """Nothing that a person would not expect."""
        return ""

    def close(self) -> None:
        """Nothing to give back."""
