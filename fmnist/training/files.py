"""Files of a run folder: written whole or not at all, and read without trust."""

import errno
import os
import secrets
import zipfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


class RunError(ValueError):
    """A run folder cannot be made, read or written; the message is one plain sentence."""


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path; what is written there takes the place of `path` in one step.

    A reader sees the old or the new content, never a half, and a fault leaves nothing behind.
    """
    temporary = path.with_name(f".{secrets.token_hex(6)}-{path.name}")
    try:
        yield temporary
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_atomically(path: Path, content: bytes) -> None:
    """Replace a file's content in one step."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def save_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write an ``.npz`` in one step."""
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]


def load_arrays(path: Path, names: Collection[str] = ()) -> dict[str, NDArray[Any]]:
    """Read an ``.npz`` as plain arrays, never as pickles.

    Raises
    ------
    RunError
        If it cannot be read, is damaged or lacks one of `names`.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as problem:
        raise RunError(f"{path.name} cannot be read: {problem}") from problem
    missing = set(names) - set(arrays)
    if missing:
        raise RunError(f"{path.name} cannot be read: it lacks {', '.join(sorted(missing))}.")
    return arrays


def cut_in_mid_line(path: Path) -> bool:
    """Whether a file's last line lacks its end."""
    with path.open("rb") as file:
        if not file.seek(0, os.SEEK_END):
            return False
        file.seek(-1, os.SEEK_END)
        return file.read(1) != b"\n"


@contextmanager
def disk_errors(where: str) -> Iterator[None]:
    """Turn what the operating system says of the disk into one plain sentence."""
    try:
        yield
    except OSError as problem:
        raise RunError(disk_message(problem, where)) from problem


def disk_message(problem: OSError, where: str) -> str:
    """One plain sentence for what the disk refused."""
    if problem.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk is full, so {where} cannot be written. Free some space and try again."
    if problem.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"{where} cannot be written: {problem.strerror}. Set FMNIST_RUNS_DIR elsewhere."
    return f"{where} cannot be written: {problem.strerror or problem}."
