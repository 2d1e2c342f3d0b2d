"""Settings that a person can change through environment variables, all in one place.

=========================  ===============  ======================================================
variable                   default          what it sets
=========================  ===============  ======================================================
FMNIST_DATA_DIR            not set          folder with the four IDX files
KERAS_HOME                 ~/.keras         Keras's own folder, with its data cache
FMNIST_ALLOW_OTHER_DATA    not set          1: accept IDX files of the same shapes that are not
                                            Fashion-MNIST; the app says so wherever it counts
FMNIST_RUNS_DIR            ./runs           where training runs are kept
FMNIST_MAX_RUNS            40               oldest ended runs beyond it are deleted
FMNIST_WORKERS             number of cores  most training processes at a time
FMNIST_DOWNLOAD_SECONDS    300              time limit for downloading the data
=========================  ===============  ======================================================
"""

import os
from pathlib import Path


def data_dir() -> Path | None:
    """Folder named by ``FMNIST_DATA_DIR``, or None when it is not set."""
    value = os.environ.get("FMNIST_DATA_DIR", "").strip()
    return Path(value).expanduser() if value else None


def allow_other_data() -> bool:
    """Whether IDX files whose content is not the official one are accepted."""
    return os.environ.get("FMNIST_ALLOW_OTHER_DATA", "").strip() == "1"


def keras_cache_dir() -> Path:
    """Folder in which Keras keeps Fashion-MNIST once it has downloaded it."""
    home = os.environ.get("KERAS_HOME", "").strip()
    root = Path(home).expanduser() if home else Path.home() / ".keras"
    return root / "datasets" / "fashion-mnist"


def runs_dir() -> Path:
    """Folder that holds one folder per training run."""
    return Path(os.environ.get("FMNIST_RUNS_DIR", "").strip() or "runs").expanduser().absolute()


def max_runs() -> int:
    """How many runs are kept; the oldest ended ones beyond it are deleted."""
    return _positive_int("FMNIST_MAX_RUNS", 40)


def max_workers() -> int:
    """How many training processes may be alive at the same time."""
    return _positive_int("FMNIST_WORKERS", os.cpu_count() or 1)


def download_seconds() -> int:
    """How long a download of the data set may take, in seconds."""
    return _positive_int("FMNIST_DOWNLOAD_SECONDS", 300)


def _positive_int(name: str, default: int) -> int:
    text = os.environ.get(name, "").strip()
    if not text:
        return default
    if not (text.isascii() and text.isdigit()) or int(text) < 1:
        raise ValueError(
            f"{name} is {text!r}; it takes a whole number from 1 up. Change or unset it."
        )
    return int(text)
