"""The folder of runs: make one, open one, list them, and delete what is old or damaged."""

import json
import math
import os
import re
import secrets
import shutil
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from fmnist import environment
from fmnist.recipe import Recipe
from fmnist.training import files, label, locking
from fmnist.training.events import EventLog, read_events
from fmnist.training.files import RunError, disk_errors
from fmnist.training.foreign import Foreign
from fmnist.training.run import Control, Run, RunFolder

__all__ = [
    "Control",
    "EventLog",
    "Run",
    "RunError",
    "RunFolder",
    "create",
    "delete",
    "delete_old",
    "folder_of",
    "folders",
    "list_runs",
    "open_run",
    "prune",
    "read_events",
    "restore",
    "someone_waits",
    "throw_away",
]

RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")
# As `create` makes them; earlier ones had 24 random bits.
MADE_ID = re.compile(r"[0-9]{8}-[0-9]{6}-([0-9a-f]{32}|[0-9a-f]{6})")
RANDOM_BYTES = 16  # whoever has no link to a run cannot guess one
TRASH, MAX_TRASH = ".trash", 10
STAMP = "%Y%m%d-%H%M%S"
RESERVE_BYTES = 16_384
# A run made so lately may have no lock yet, since whoever made it puts it in line next.
FRESH_SECONDS = 60


def create(recipe: Recipe, owner: str = "", group: str = "", foreign: Foreign | None = None) -> Run:
    """Make a new run folder, after deleting the oldest ended ones beyond the limit.

    Parameters
    ----------
    owner, group, foreign : as in `Run`

    Raises
    ------
    RunError
        If the runs folder cannot be written or the disk is full.
    """
    root = environment.runs_dir()
    with disk_errors(str(root)):
        root.mkdir(parents=True, exist_ok=True)
        prune(environment.max_runs())
        run_id = _next_id(files.names_in(root))
        run = Run(run_id, root / run_id, recipe, time.time(), owner, group, foreign)
        try:
            run.folder.mkdir()
            files.write_atomically(run.folder / "reserve", os.urandom(RESERVE_BYTES), lasting=False)
            description = {
                "recipe": recipe.to_dict(),
                "created": run.created,
                "owner": owner,
                "group": group,
                "foreign": foreign and foreign.to_dict(),
            }
            files.write_atomically(run.folder / "recipe.json", json.dumps(description).encode())
            files.flush(root)
        except OSError:
            shutil.rmtree(run.folder, ignore_errors=True)
            raise
    return run


def open_run(run_id: str) -> Run:
    """The run of that id. Raises RunError if there is none, or it is damaged.

    Reads nothing outside the folder of runs.
    """
    short = run_id if len(run_id) <= 64 else run_id[:64] + "…"
    if not RUN_ID.fullmatch(run_id):
        raise RunError(f"{short!r} is not the name of a run.")
    folder = environment.runs_dir() / run_id
    try:
        found = stat.S_ISDIR(folder.lstat().st_mode) and bool((folder / "recipe.json").lstat())
    except (FileNotFoundError, NotADirectoryError):
        found = False
    except OSError as problem:
        raise RunError(f"Run {short!r} cannot be read: {problem.strerror}.") from problem
    if not found:
        raise RunError(f"There is no run {short!r}; it may have been deleted to make room.")
    return RunFolder(run_id, folder).read()


def folder_of(run_id: str) -> RunFolder | None:
    """The folder of that run, sound or damaged; None if there is none."""
    return next((run for run in folders() if run.id == run_id), None)


def folders() -> list[RunFolder]:
    """All runs, sound or damaged, newest first: no file is opened for this.

    A folder counts as a run if it has a recipe, or if only `create` can have named it so.
    """
    root = environment.runs_dir()
    try:
        entries = [entry for entry in os.scandir(root) if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []
    found = [
        RunFolder(entry.name, root / entry.name)
        for entry in entries
        if MADE_ID.fullmatch(entry.name)
        or (RUN_ID.fullmatch(entry.name) and os.path.lexists(f"{entry.path}/recipe.json"))
    ]
    return sorted(found, key=lambda run: run.id, reverse=True)


def list_runs() -> list[Run]:
    """All runs that can be shown, newest first; reads the recipe of each."""
    sound = []
    for folder in folders():
        with suppress(RunError):
            run = folder.read()
            run.check_events()
            sound.append(run)
    return sound


def someone_waits() -> bool:
    """Whether any run waits in line, whoever's it is."""
    return any(run.waits() for run in folders())


def prune(keep: int) -> None:
    """Delete ended runs beyond `keep`: first those that never began, then the oldest.

    Pinned ones go last. One that waits or trains neither counts nor is deleted, nor one that was
    made just now.
    """
    if len(files.names_in(environment.runs_dir())) <= keep:
        return
    ended = [run for run in folders() if not (run.waits() or run.is_locked("worker"))]
    ended = [run for run in ended if run.has_begun() or not _is_fresh(run)]
    # Newest first within each kind.
    ended.sort(key=lambda run: (not label.read(run).pinned, not run.has_begun()))
    for run in ended[max(keep, 0):]:  # fmt: skip
        with suppress(RunError):
            delete(run.id)


def delete_old(seconds: float) -> None:
    """Delete ended runs to which nothing was written for so long, but for pinned ones."""
    if math.isinf(seconds):
        return
    enough = time.time() - seconds
    for run in folders():
        if not MADE_ID.fullmatch(run.id) or run.waits() or run.is_locked("worker"):
            continue
        with suppress(RunError, OSError):
            times = [path.lstat().st_mtime for path in (run.folder, run.events_path)
                     if os.path.lexists(path)]  # fmt: skip
            if max(times) < enough and not label.read(run).pinned:
                delete(run.id)


def throw_away(run_id: str) -> None:
    """Put a run into the trash, from which `restore` brings it back. Raises as `delete` does.

    The trash keeps the last few; for older ones it is the end.
    """
    trash = environment.runs_dir() / TRASH

    def move(folder: Path) -> None:
        trash.mkdir(exist_ok=True)
        os.utime(folder)  # when it was thrown away
        folder.rename(trash / folder.name)

    _remove(run_id, move)
    thrown = sorted(trash.iterdir(), key=lambda path: path.lstat().st_mtime, reverse=True)
    for folder in thrown[MAX_TRASH:]:
        shutil.rmtree(folder, ignore_errors=True)


def restore(run_id: str) -> None:
    """Bring a run back from the trash. Raises RunError if it is not there any more."""
    if not RUN_ID.fullmatch(run_id):
        raise RunError("That is not the name of a run.")
    root = environment.runs_dir()
    with disk_errors(f"Run {run_id}"):
        try:
            (root / TRASH / run_id).rename(root / run_id)
        except FileNotFoundError as problem:
            raise RunError("That run is gone for good: too many were deleted since.") from problem


def delete(run_id: str) -> None:
    """Delete a run, damaged or not; nothing outside its folder.

    Raises
    ------
    RunError
        If there is none of that name, if it waits or trains, or if the disk refuses.
    """
    _remove(run_id, shutil.rmtree)


def _remove(run_id: str, how: Callable[[Path], object]) -> None:
    run = folder_of(run_id)
    if run is None:
        raise RunError("There is no such run; it may have been deleted already.")
    locks = []
    if run.waits():
        raise RunError(f"Run {run.id} waits in line. Take it out of there first.")
    try:
        for role in ("queue", "worker"):
            # A damaged folder may have no room for a lock; then nobody can have one either.
            with suppress(OSError):
                locks.append(locking.acquire(run.folder / f"{role}.lock"))
        if None in locks:
            raise RunError(f"Run {run.id} is at work. Stop it first.")
        with disk_errors(f"Run {run.id}"):
            how(run.folder)
    finally:
        for lock in locks:
            if lock is not None:
                lock.release()


def _is_fresh(run: RunFolder) -> bool:
    try:
        return abs(time.time() - run.folder.lstat().st_mtime) < FRESH_SECONDS
    except OSError:
        return False


def _next_id(present: list[str]) -> str:
    """A new id: now, but later than all before it even when the clock was set back.

    Ids sort by age, and by age they are listed and deleted.
    """
    stamp = time.strftime(STAMP)
    for name in sorted(filter(MADE_ID.fullmatch, present), reverse=True):
        if name < stamp:
            break
        with suppress(ValueError, OverflowError):  # figures that are no date
            stamp = (datetime.strptime(name[:15], STAMP) + timedelta(seconds=1)).strftime(STAMP)
            break
    return f"{stamp}-{secrets.token_hex(RANDOM_BYTES)}"
