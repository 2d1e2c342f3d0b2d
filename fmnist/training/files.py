"""Files of a run folder: written whole or not at all, and read without trust.

Whoever can write into the folder of runs can put anything there, and disks fail. So only
ordinary files of a sensible size are ever opened: no folder, no link, and no FIFO, which would make
the reader wait for ever.
"""

import errno
import io
import os
import secrets
import stat
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist.arrays import read_npz

MAX_ARRAYS_BYTES = 64 * 2**20  # the largest network with the state of its optimizer takes 15 MB


class RunError(ValueError):
    """A run folder cannot be made, read or written; the message is one plain sentence."""


# Reading -------------------------------------------------------------------------------------


def open_regular(path: Path, flags: int = os.O_RDONLY, limit: int | None = None) -> io.FileIO:
    """Open an ordinary file, unbuffered, for reading or with other `flags` for appending.

    Raises
    ------
    OSError
        If it is missing, no ordinary file, or larger than `limit` bytes.
    """
    descriptor = os.open(path, flags | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, f"{path.name} is not an ordinary file")
        if limit is not None and found.st_size > limit:
            raise OSError(errno.EFBIG, f"{path.name} is larger than {limit:,} bytes")
    except BaseException:
        os.close(descriptor)
        raise
    return io.FileIO(descriptor, "rb" if flags == os.O_RDONLY else "ab")


def read_regular(path: Path, limit: int) -> bytes:
    """The content of an ordinary file of at most `limit` bytes. Raises OSError otherwise."""
    with open_regular(path, limit=limit) as file:
        return file.read()


def is_regular(path: Path, limit: int) -> bool:
    """Whether there is an ordinary file of at most `limit` bytes, not a link to one."""
    try:
        found = path.lstat()
    except OSError:
        return False
    return stat.S_ISREG(found.st_mode) and found.st_size <= limit


def names_in(folder: Path) -> list[str]:
    """What is in a folder; nothing if it is a link or cannot be read."""
    try:
        return [] if folder.is_symlink() else [entry.name for entry in os.scandir(folder)]
    except OSError:
        return []


def load_arrays(
    path: Path, names: Collection[str] = (), limit: int = MAX_ARRAYS_BYTES
) -> dict[str, NDArray[Any]]:
    """Read an ``.npz`` of plain numbers, as `save_arrays` writes it; never as pickles.

    Raises
    ------
    RunError
        If it cannot be read, is damaged, larger than `limit` bytes or lacks one of `names`.
    """
    try:
        arrays = read_npz(read_regular(path, limit), limit)
    # A flipped bit can make zipfile and NumPy raise nearly anything, and all of it means the same.
    except Exception as problem:
        raise RunError(f"{path.name} cannot be read: it is missing or damaged.") from problem
    missing = set(names) - set(arrays)
    if missing:
        raise RunError(f"{path.name} cannot be read: it lacks {', '.join(sorted(missing))}.")
    return arrays


def cut_in_mid_line(file: io.FileIO) -> bool:
    """Whether a file's last line lacks its end."""
    size = file.seek(0, os.SEEK_END)
    return size > 0 and os.pread(file.fileno(), 1, size - 1) != b"\n"


# Writing -------------------------------------------------------------------------------------


@contextmanager
def replacing(path: Path, lasting: bool = True) -> Iterator[Path]:
    """Give a temporary path; what is written there takes the place of `path` in one step.

    A reader sees the old or the new content, never a half, and a fault leaves nothing behind.

    Parameters
    ----------
    lasting : whether a power cut, too, leaves the old or the new content. The content, and a new
        name, are then flushed to the disk, which takes some milliseconds.
    """
    temporary = path.with_name(f".{secrets.token_hex(6)}-{path.name}")
    try:
        yield temporary
        if lasting:
            flush(temporary)
        is_new = not path.exists()
        temporary.replace(path)
        if lasting and is_new:
            flush(path.parent)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def flush(path: Path) -> None:
    """Wait until a file's content, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_atomically(path: Path, content: bytes, lasting: bool = True) -> None:
    """Replace a file's content in one step."""
    with replacing(path, lasting) as temporary:
        temporary.write_bytes(content)


def write_new(path: Path, content: bytes) -> None:
    """Write a file that must not be there yet, whole or not at all.

    Raises FileExistsError if it is there: of several that write it, one succeeds.
    """
    temporary = path.with_name(f".{secrets.token_hex(6)}-{path.name}")
    try:
        temporary.write_bytes(content)
        os.link(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def save_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write an ``.npz`` in one step."""
    # NumPy before 2.2 leaves its archive open if the disk is full, so it writes to memory.
    archive = io.BytesIO()
    np.savez(archive, **arrays)  # type: ignore[arg-type]
    write_atomically(path, archive.getvalue())


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
