"""The run folder: channel between worker and pages, record of the run, and unit of sharing.

``runs/<id>/`` holds

========================  =========================================================================
``recipe.json``           the recipe, when the run was created, whose it is, and its group
``events.jsonl``          append-only, one JSON object a line; a torn last line is ignored
``control.json``          what people ask of the worker, replaced atomically
``label.json``            a person's name for it, note and pin (`fmnist.training.label`)
``waiting.json``          since when it waits, and for whom; there as long as it waits
``kernels/0001.npz``      all weights after that epoch (0000: before training)
``state.npz``             newest full weights and optimizer state: where Resume carries on
``model.keras``           the trained model, once the run has ended
``watched``               touched while somebody looks at the run
``queue.lock``            acquired by a server while it hands the run to a worker
``worker.lock``           acquired by the worker while it trains
``reserve``               spare bytes, given back to tell of a full disk
========================  =========================================================================

Nothing lives only in memory, so a refresh, a second viewer, a restarted server or a killed
worker each find the run as it stands.
"""

import json
import re
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from fmnist.network import MAX_ARCHIVE_BYTES
from fmnist.recipe import Recipe
from fmnist.training import files, locking
from fmnist.training.files import RunError, disk_errors
from fmnist.training.foreign import Foreign
from fmnist.training.kept import KeptWeights
from fmnist.training.values import LARGEST

WAITING, WATCHED = "waiting.json", "watched"
WORD = re.compile(r"[0-9a-z-]{0,64}", re.ASCII)
MAX_JSON_BYTES = 65_536
MAX_EVENTS_BYTES = 128 * 2**20  # the longest recipe on a slow machine leaves some 30 MB
LATEST = 253_000_000_000.0  # in the year 9987: times that the calendar can show
# What reading a damaged JSON file, or one of other content, can raise.
BAD_JSON = (
    OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError,
)  # fmt: skip


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
        if rate is not None and not (type(rate) in (int, float) and 0 < rate <= LARGEST):
            raise ValueError(f"learning_rate is {rate!r}; it is a number above 0 or None.")

    def holds(self, completed: int) -> bool:
        """Whether a worker with that many complete epochs should wait."""
        stepped = self.pause_after is not None and completed >= self.pause_after
        return self.state == "pause" or (self.state == "run" and stepped)


@dataclass(frozen=True)
class Place:
    """A run's place in the line: the line is made of these, so it outlives every process.

    Attributes
    ----------
    since : when it joined, in seconds since the epoch (Unix time)
    person : whose turn it takes
    """

    since: float
    person: str = ""


@dataclass(frozen=True)
class RunFolder:
    """One run folder, sound or damaged, by its id; the folder is the only state."""

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

    def read(self) -> "Run":
        """The run in it. Raises RunError if the folder is half-written, damaged or gone."""
        try:
            content = _read_json(self.folder / "recipe.json")
            created = content["created"]
            if type(created) not in (int, float) or not 0 <= created <= LATEST:
                raise ValueError(f"created is {created!r}")
            recipe = Recipe.from_mapping(content["recipe"])
            owner, group = (_word(content.get(name, "")) for name in ("owner", "group"))
            known = content.get("foreign")
            foreign = None if known is None else Foreign.from_mapping(known)
            return Run(self.id, self.folder, recipe, float(created), owner, group, foreign)
        except BAD_JSON as problem:
            # Not with the problem's own words: they repeat what stands in a stranger's file.
            raise RunError(
                f"Run {self.id} is half-written or damaged: its recipe cannot be read. "
                "Delete its folder."
            ) from problem

    def check_events(self) -> None:
        """Raise RunError if the events are there and cannot be read."""
        try:
            files.open_regular(self.events_path, limit=MAX_EVENTS_BYTES).close()
        except FileNotFoundError:
            pass  # it has not begun
        except OSError as problem:
            raise RunError(
                f"Run {self.id} is damaged: its events cannot be read ({problem.strerror}). "
                "Delete its folder."
            ) from problem

    def has_begun(self) -> bool:
        """Whether a training process ever wrote an event."""
        try:
            return self.events_path.lstat().st_size > 0
        except OSError:
            return False

    def has_model(self) -> bool:
        """Whether there is a file with the trained model, of a size that one can have."""
        return files.is_regular(self.model_path, MAX_ARCHIVE_BYTES)

    # What people ask for -------------------------------------------------------------------

    def control(self) -> Control:
        """The present wish; the default when there is none or it cannot be read."""
        try:
            return Control(**_read_json(self.folder / "control.json"))
        except BAD_JSON:
            return Control()

    def ask(self, control: Control) -> None:
        """Replace the wish atomically."""
        with disk_errors(f"Run {self.id}"):
            files.write_atomically(
                self.folder / "control.json", json.dumps(asdict(control)).encode(), lasting=False
            )

    # The line ------------------------------------------------------------------------------

    def wait(self, place: Place) -> None:
        """Join the line. Raises RunError if the run waits already, or the disk refuses."""
        with disk_errors(f"Run {self.id}"):
            try:
                files.write_new(self.folder / WAITING, json.dumps(asdict(place)).encode())
            except FileExistsError as problem:
                raise RunError(f"Run {self.id} is already in line.") from problem

    def waits(self) -> bool:
        """Whether the run is in line."""
        return files.is_regular(self.folder / WAITING, MAX_JSON_BYTES)

    def place(self) -> Place | None:
        """Its place in the line; None if it does not wait. A damaged one is that of a newcomer."""
        path = self.folder / WAITING
        try:
            content = _read_json(path)
            since, person = float(content["since"]), _word(content["person"])
            if not 0 <= since <= LATEST:
                raise ValueError(f"since is {since!r}")
            return Place(since, person)
        except FileNotFoundError:
            return None
        except BAD_JSON:
            return Place(LATEST) if self.waits() else None

    def leave_line(self) -> bool:
        """Leave the line; whether the run was in it. Raises RunError if the disk refuses."""
        with disk_errors(f"Run {self.id}"):
            try:
                (self.folder / WAITING).unlink()
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                return False
        return True

    # Who looks at it -----------------------------------------------------------------------

    def watch(self) -> None:
        """Note that somebody looks at the run; a disk that refuses does not matter."""
        with suppress(OSError):
            files.write_atomically(self.folder / WATCHED, b"", lasting=False)

    def watched(self) -> int:
        """A number that changes whenever somebody looks at the run."""
        try:
            found = (self.folder / WATCHED).lstat()
        except OSError:
            return 0
        return found.st_mtime_ns + found.st_ino

    # Who is at work ------------------------------------------------------------------------

    def acquire(self, role: str) -> locking.Lock:
        """Lock the run as "queue" or "worker". Raises RunError if another process has it."""
        with disk_errors(f"Run {self.id}"):
            lock = locking.acquire(self.folder / f"{role}.lock")
        if lock is None:
            raise RunError(f"Run {self.id} is already at work in another process.")
        return lock

    def is_locked(self, role: str) -> bool:
        """Whether a living process has locked the run as "queue" or "worker"."""
        return locking.is_locked(self.folder / f"{role}.lock")


@dataclass(frozen=True)
class Run(RunFolder):
    """A run, with what was written down when it was made and never changes.

    Attributes
    ----------
    created : when that was, in seconds since the epoch (Unix time)
    owner : a hash that tells whose it is, in hexadecimal; empty for everybody's
    group : the id that all runs of one sweep share; empty for a run of its own
    foreign : what is known of a run that a person's own program trains; its recipe says nothing
    """

    recipe: Recipe
    created: float
    owner: str = ""
    group: str = ""
    foreign: Foreign | None = None

    @property
    def epochs(self) -> int:
        """How many epochs it is to have."""
        return self.foreign.epochs if self.foreign else self.recipe.epochs

    @property
    def kept(self) -> KeptWeights:
        """The weights that it has kept, epoch by epoch."""
        units = None if self.foreign else self.recipe.hidden_units
        return KeptWeights(self.folder / "kernels", units)


def _word(value: Any) -> str:
    """A name that a program made; raises ValueError for anything else."""
    if not isinstance(value, str) or not WORD.fullmatch(value):
        raise ValueError("no name that this program made")
    return value


def _read_json(path: Path) -> Any:
    return json.loads(files.read_regular(path, MAX_JSON_BYTES))
