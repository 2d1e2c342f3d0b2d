"""The run folder: channel between worker and pages, record of the run, and unit of sharing.

``runs/<id>/`` holds

========================  =========================================================================
``recipe.json``           the recipe and when the run was created
``events.jsonl``          append-only, one JSON object a line; a torn last line is ignored
``control.json``          what people ask of the worker, replaced atomically
``kernels/0001.npz``      first-layer kernel and bias after that epoch (0000: before training)
``state.npz``             newest full weights and optimizer state: where Resume carries on
``model.keras``           the trained model, once the run has ended
``queue.lock``            held by the server while the run waits
``worker.lock``           held by the worker while it trains
``reserve``               spare bytes, given back to tell of a full disk
========================  =========================================================================

Nothing lives only in memory, so a refresh, a second viewer, a restarted server or a killed
worker each find the run as it stands.
"""

import errno
import json
import math
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist import settings
from fmnist.recipe import Recipe
from fmnist.training import files, locking
from fmnist.training.files import RunError as RunError  # noqa: PLC0414 - part of this module
from fmnist.training.files import disk_errors

Float32 = NDArray[np.float32]
RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")
RESERVE_BYTES = 16_384
MAX_KERNELS = 100
# What reading a damaged JSON file, or one of other content, can raise.
BAD_JSON = (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError)


@dataclass(frozen=True)
class Control:
    """What people ask of the worker: a wish, not a command queue, so it can be read any time.

    Attributes
    ----------
    state : "run", "pause" or "stop"
    pause_after : hold once this many epochs are complete (Step); None never
    learning_rate : rate wished for from now on; None leaves it alone
    """

    state: str = "run"
    pause_after: int | None = None
    learning_rate: float | None = None

    def __post_init__(self) -> None:
        after, rate = self.pause_after, self.learning_rate
        if self.state not in ("run", "pause", "stop"):
            raise ValueError(f"state is {self.state!r}; it is 'run', 'pause' or 'stop'.")
        if after is not None and (type(after) is not int or after < 0):
            raise ValueError(f"pause_after is {after!r}; it is a whole number of epochs or None.")
        if rate is not None and not (isinstance(rate, (int, float)) and 0 < rate < math.inf):
            raise ValueError(f"learning_rate is {rate!r}; it is a number above 0 or None.")

    def holds(self, completed: int) -> bool:
        """Whether a worker with that many complete epochs should wait."""
        stepped = self.pause_after is not None and completed >= self.pause_after
        return self.state == "pause" or (self.state == "run" and stepped)


@dataclass(frozen=True)
class Run:
    """One run folder, by its id; the folder is the only state."""

    id: str
    folder: Path

    @property
    def events_path(self) -> Path:
        """Where the events are appended."""
        return self.folder / "events.jsonl"

    @property
    def model_path(self) -> Path:
        """The trained model; there once the run has ended."""
        return self.folder / "model.keras"

    def recipe(self) -> Recipe:
        """The recipe. Raises RunError if the folder is half-written."""
        return Recipe.from_mapping(self._description()["recipe"])

    def created(self) -> float:
        """When the run was created, in seconds since the epoch (Unix time)."""
        return float(self._description()["created"])

    def _description(self) -> dict[str, Any]:
        try:
            content = json.loads((self.folder / "recipe.json").read_text())
            Recipe.from_mapping(content["recipe"])
            float(content["created"])
        except BAD_JSON as problem:
            raise RunError(
                f"Run {self.id} is half-written or damaged: its recipe cannot be read "
                f"({problem}). Delete its folder."
            ) from problem
        return dict(content)

    # What people ask for -------------------------------------------------------------------

    def control(self) -> Control:
        """The present wish; the default when there is none or it cannot be read."""
        try:
            return Control(**json.loads((self.folder / "control.json").read_text()))
        except BAD_JSON:
            return Control()

    def ask(self, control: Control) -> None:
        """Replace the wish atomically."""
        with disk_errors(f"Run {self.id}"):
            files.write_atomically(
                self.folder / "control.json", json.dumps(asdict(control)).encode()
            )

    # Who is at work ------------------------------------------------------------------------

    def hold(self, role: str) -> locking.Held:
        """Lock the run as "queue" or "worker". Raises RunError if another process has it."""
        with disk_errors(f"Run {self.id}"):
            held = locking.acquire(self.folder / f"{role}.lock")
        if held is None:
            raise RunError(f"Run {self.id} is already at work in another process.")
        return held

    def is_held(self, role: str) -> bool:
        """Whether a living process holds the run as "queue" or "worker"."""
        return locking.is_held(self.folder / f"{role}.lock")

    # First-layer weights through time ------------------------------------------------------

    def save_kernel(self, epoch: int, kernel: Float32, bias: Float32) -> None:
        """Keep a first layer: kernel (784, units), bias (units,), rounded to float16."""
        folder = self.folder / "kernels"
        folder.mkdir(exist_ok=True)
        files.save_arrays(
            folder / f"{epoch:04d}.npz",
            {"kernel": kernel.astype(np.float16), "bias": bias.astype(np.float16)},
        )

    def kernel_epochs(self) -> list[int]:
        """Epochs whose first layer is kept, in order."""
        return sorted(
            int(path.stem) for path in (self.folder / "kernels").glob("[0-9]*.npz")
            if path.stem.isdigit()
        )  # fmt: skip

    def kernel(self, epoch: int) -> tuple[Float32, Float32]:
        """First-layer kernel (784, units) and bias (units,) after that epoch, float32."""
        path = self.folder / "kernels" / f"{epoch:04d}.npz"
        arrays = files.load_arrays(path, {"kernel", "bias"})
        return arrays["kernel"].astype(np.float32), arrays["bias"].astype(np.float32)


class EventLog:
    """The only writer of a run's events. Never leaves a torn line behind."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._file = run.events_path.open("ab", buffering=0)
        if files.cut_in_mid_line(run.events_path):
            self._file.write(b"\n")  # an earlier writer was killed there

    def append(self, event: str, **values: Any) -> None:
        """Append one event. Raises RunError on a full or unwritable disk."""
        line = json.dumps({"event": event, "time": time.time(), **values}) + "\n"
        with disk_errors(f"Run {self._run.id}"):
            start = self._file.seek(0, os.SEEK_END)
            try:
                written = self._file.write(line.encode())
                if written != len(line):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            except OSError:
                self._file.truncate(start)
                raise

    def append_at_last(self, event: str, **values: Any) -> None:
        """Append even when the disk is full, by giving back the reserve."""
        (self._run.folder / "reserve").unlink(missing_ok=True)
        self.append(event, **values)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def read_events(run: Run, offset: int = 0) -> tuple[list[dict[str, Any]], int]:
    """Events from a byte offset on, and the offset to go on from.

    A last line without its newline is left for the next call; a line that is not JSON is passed
    over, since it can only be what a killed writer left.
    """
    try:
        with run.events_path.open("rb") as file:
            file.seek(offset)
            content = file.read()
    except FileNotFoundError:
        return [], offset
    except OSError as problem:
        raise RunError(f"Run {run.id} cannot be read: {problem.strerror}.") from problem
    complete = content[: content.rfind(b"\n") + 1]
    events = []
    for line in complete.splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict) and isinstance(event.get("event"), str):
            events.append(event)
    return events, offset + len(complete)


def create(recipe: Recipe) -> Run:
    """Make a new run folder, after deleting the oldest ended ones beyond the limit.

    Raises
    ------
    RunError
        If the runs folder cannot be written or the disk is full.
    """
    root = settings.runs_dir()
    run = Run(id := f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(3)}", root / id)
    with disk_errors(str(root)):
        root.mkdir(parents=True, exist_ok=True)
        prune(settings.max_runs() - 1)
        try:
            run.folder.mkdir()
            files.write_atomically(run.folder / "reserve", os.urandom(RESERVE_BYTES))
            description = {"recipe": recipe.to_dict(), "created": time.time()}
            files.write_atomically(run.folder / "recipe.json", json.dumps(description).encode())
        except OSError:
            shutil.rmtree(run.folder, ignore_errors=True)
            raise
    return run


def open_run(run_id: str) -> Run:
    """The run of that id. Raises RunError if there is none; reads nothing outside the folder."""
    shown = run_id if len(run_id) <= 40 else run_id[:40] + "…"
    if not RUN_ID.fullmatch(run_id):
        raise RunError(f"{shown!r} is not the name of a run.")
    folder = settings.runs_dir() / run_id
    try:
        found = not folder.is_symlink() and (folder / "recipe.json").is_file()
    except OSError as problem:
        raise RunError(f"Run {shown!r} cannot be read: {problem.strerror}.") from problem
    if not found:
        raise RunError(f"There is no run {shown!r}; it may have been deleted to make room.")
    return Run(run_id, folder)


def list_runs() -> list[Run]:
    """All readable runs, newest first."""
    try:
        names = [path.name for path in settings.runs_dir().iterdir()]
    except OSError:
        names = []
    return list(_readable(sorted(names, reverse=True)))


def _readable(names: list[str]) -> Iterator[Run]:
    for name in names:
        try:
            run = open_run(name)
            run.recipe()
        except RunError:
            continue
        yield run


def prune(keep: int) -> None:
    """Delete the oldest ended runs beyond `keep`; never one that waits or trains."""
    for run in list_runs()[max(keep, 0):]:  # fmt: skip
        if not (run.is_held("queue") or run.is_held("worker")):
            shutil.rmtree(run.folder, ignore_errors=True)


def kernel_stride(epochs: int) -> int:
    """Keep the first layer every so many epochs, so that at most about 100 are kept."""
    return max(1, -(-epochs // MAX_KERNELS))
