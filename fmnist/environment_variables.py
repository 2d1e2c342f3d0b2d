"""The environment variables that a person can set, and what each of them takes.

The README's table shows the same.
"""

import errno
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

PREFIX = "FMNIST_"
MODES = ("personal", "class", "public")
TEACHER_KEY = "FMNIST_TEACHER_KEY"
_SCHEDULER = re.compile(r"(tcp|tls)://[A-Za-z0-9._:\[\]-]{1,253}:[0-9]{1,5}", re.ASCII)
_HOST_NAME = re.compile(r"\*|(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*", re.ASCII)


@dataclass(frozen=True)
class Variable:
    """One environment variable.

    Attributes
    ----------
    meaning : what it sets
    read : makes a value of the text; raises ValueError with what it takes instead
    default : the text that stands for it while it is not set
    default_words : the default as a person reads it, where that is not the text itself
    """

    meaning: str
    read: Callable[[str], object]
    default: str = ""
    default_words: str = ""


def _whole_number(most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        figures = text.isascii() and text.isdigit() and len(text) < 20
        if not figures or not 1 <= int(text) <= most:
            raise ValueError(f"it takes a whole number from 1 to {most:,}")
        return int(text)

    return read


def _flag(text: str) -> bool:
    if text not in ("0", "1"):
        raise ValueError("it takes 1 for yes or 0 for no")
    return text == "1"


def _path(text: str) -> Path:
    try:
        return Path(text).expanduser().absolute()
    except RuntimeError as problem:
        raise ValueError("there is no such person on this machine") from problem


def _folder_to_read(text: str) -> Path:
    path = _path(text)
    if not path.is_dir():
        found = "this is a file" if path.exists() else "there is none"
        raise ValueError(f"it takes a folder, and {found}")
    if not os.access(path, os.R_OK | os.X_OK):
        raise ValueError("it takes a folder that can be read, and this one cannot")
    return path


def _folder(text: str) -> Path:
    """A folder, or a place where one can be made."""
    path = _path(text)
    if not _first_that_exists(path).is_dir():
        raise ValueError(f"it takes a folder, and {_first_that_exists(path)} is none")
    return path


def _folder_to_write(text: str) -> Path:
    path = _folder(text)
    place = _first_that_exists(path)
    try:  # root may write everywhere, as the system says, and still cannot in /proc
        TemporaryFile(dir=place).close()
    except OSError as problem:
        if problem.errno not in (errno.ENOSPC, errno.EDQUOT):  # a full disk may have room later
            raise ValueError(f"it takes a folder, and {place} cannot be written to") from problem
    return path


def _first_that_exists(path: Path) -> Path:
    return next(place for place in (path, *path.parents) if os.path.lexists(place))


def to_host_names(text: str) -> tuple[str, ...]:
    """Names in lower case; raises ValueError with what it takes instead, as the other two do."""
    names = tuple(name.strip().lower() for name in text.split(","))
    if not all(map(_HOST_NAME.fullmatch, names)):
        raise ValueError(
            "it takes names of hosts with commas between, such as example.org, *.example.org, "
            "or * for any; without https:// and port"
        )
    return names


def _secret(text: str) -> str:
    if not 16 <= len(text) <= 200 or not text.isascii() or not text.isalnum():
        raise ValueError("it takes 16 to 200 letters and figures")
    return text


def to_scheduler(text: str) -> str:
    """The address of a dask scheduler."""
    if not _SCHEDULER.fullmatch(text):
        raise ValueError("it takes the address of a dask scheduler, such as tcp://10.0.0.5:8786")
    return text


def to_mode(text: str) -> str:
    """One of `MODES`."""
    if text not in MODES:
        raise ValueError(f"it takes {', '.join(MODES[:-1])} or {MODES[-1]}")
    return text


VARIABLES = {
    "FMNIST_MODE": Variable(
        "personal: one person, all runs are theirs; class: a teacher and those who join; "
        "public: nobody sees other people's runs but by link",
        to_mode,
        "personal",
    ),
    "FMNIST_DATA_DIR": Variable(
        "folder with the four IDX files, packed with gzip or not", _folder_to_read
    ),
    "KERAS_HOME": Variable(
        "Keras's own folder; its data cache is datasets/fashion-mnist", _folder, "~/.keras"
    ),
    "FMNIST_ALLOW_OTHER_DATA": Variable(
        "1 accepts IDX files that are not Fashion-MNIST; the app says so", _flag, "0"
    ),
    "FMNIST_RUNS_DIR": Variable("where training runs are kept", _folder_to_write, "./runs"),
    "FMNIST_MAX_RUNS": Variable(
        "the oldest ended runs beyond it are deleted, never one that waits or trains",
        _whole_number(10_000),
        "200",
    ),
    "FMNIST_MAX_WAITING": Variable(
        "most runs that wait in line, of all people together", _whole_number(10_000), "200"
    ),
    "FMNIST_RUNS_PER_PERSON": Variable(
        "most runs of one person that train at a time",
        _whole_number(256),
        default_words="1; no limit if personal",
    ),
    "FMNIST_WAITING_PER_PERSON": Variable(
        "most runs of one person that wait in line",
        _whole_number(10_000),
        default_words="20; no limit if personal",
    ),
    "FMNIST_RUN_MINUTES": Variable(
        "a run that has trained for longer is stopped, with what it has learnt",
        _whole_number(100_000),
        default_words="30; no limit if personal",
    ),
    "FMNIST_UNWATCHED_MINUTES": Variable(
        "a run that nobody has looked at for longer makes room for other people in line; never if "
        "personal",
        _whole_number(100_000),
        "10",
    ),
    "FMNIST_KEEP_HOURS": Variable(
        "ended runs that are older are deleted, unless they are pinned",
        _whole_number(1_000_000),
        default_words="168 if public, otherwise for ever",
    ),
    "FMNIST_HANG_MINUTES": Variable(
        "a training process that says nothing for longer is replaced", _whole_number(1440), "5"
    ),
    "FMNIST_PAUSE_MINUTES": Variable(
        "a run paused for longer is stopped when others wait in line", _whole_number(1440), "10"
    ),
    "FMNIST_WORKERS": Variable(
        "most training processes at a time (about 700 MB each)",
        _whole_number(256),
        str((os.cpu_count() or 1) + 1),
        default_words="one more than cores",
    ),
    "FMNIST_MAX_SESSIONS": Variable(
        "most open pages at a time; who comes later is asked to try again",
        _whole_number(100_000),
        default_words="300; no limit if personal",
    ),
    "FMNIST_UPLOADS_PER_MINUTE": Variable(
        "most files that one open page may upload in a minute",
        _whole_number(100_000),
        default_words="120; no limit if personal",
    ),
    "FMNIST_CLUSTER": Variable(
        "address of a dask scheduler whose workers train in place of this machine",
        to_scheduler,
        default_words="none",
    ),
    "FMNIST_DOWNLOAD_SECONDS": Variable(
        "time limit for downloading the data", _whole_number(86_400), "300"
    ),
    "FMNIST_TEACHER_KEY": Variable(
        "what makes a browser the teacher's in a class; make serve makes one up and prints it",
        _secret,
        default_words="none",
    ),
    "FMNIST_ALLOWED_HOSTS": Variable(
        "names in the address under which the app is served, with commas between", to_host_names
    ),
}
