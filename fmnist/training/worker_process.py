"""A training process as the queue sees it: started, given jobs, and asked for its last words."""

import json
import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fmnist import environment
from fmnist.training.locking import Lock
from fmnist.training.run import RunFolder


@dataclass
class Handed:
    """A run that a worker was given and has not begun yet."""

    run: RunFolder
    lock: Lock  # on the run's queue.lock, so that no other server hands it out as well


@dataclass
class Worker:
    """One training process.

    Attributes
    ----------
    errors : temporary file with its standard error
    ready : whether it is warm
    handed : the run that was handed over and is not begun yet
    hung : whether it was ended because it gave no sign of life
    """

    process: "subprocess.Popen[str]"
    errors: Any
    ready: bool = False
    busy: bool = False
    handed: Handed | None = None
    run_id: str = ""
    hung: bool = False

    def send(self, **job: str) -> None:
        """Hand it a job."""
        assert self.process.stdin is not None
        self.busy = True
        with suppress(OSError):  # it died just now; the queue will notice and hand its job on
            self.process.stdin.write(json.dumps(job) + "\n")
            self.process.stdin.flush()

    def last_words(self) -> str:
        """The last line that it wrote to standard error."""
        self.errors.seek(0)
        lines = [line.strip() for line in self.errors.read().splitlines() if line.strip()]
        return str(lines[-1])[:300] if lines else "it left no message"


def start_worker() -> Worker:
    """Start a training process, which warms up by itself."""
    errors = tempfile.TemporaryFile("w+", errors="replace")  # noqa: SIM115 - lives as long as it
    process = subprocess.Popen(
        [sys.executable, "-m", "fmnist.training.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
        cwd=str(Path(__file__).parents[2]),
        # The server's folder of runs, whatever the worker's own working directory is.
        env=os.environ | {"FMNIST_RUNS_DIR": str(environment.runs_dir())},
    )
    return Worker(process, errors)
