"""Threads, temporary files and folders that tests would leave behind."""

import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# Tools make these, beside tests and without them.
CACHES = {".git", ".venv", ".hypothesis", ".pytest_cache", ".mypy_cache", ".ruff_cache",
          "__pycache__", "test-results"}  # fmt: skip

OF_TENSORFLOW = "__autograph_generated_file"


def folders() -> set[str]:
    """The folders of the project, but those of tools."""
    found = set()
    for folder, inner, _files in os.walk(ROOT):
        inner[:] = [name for name in inner if name not in CACHES]
        found |= {str(Path(folder, name).relative_to(ROOT)) for name in inner}
    return found


def threads(before: set[threading.Thread], patience: float = 10) -> list[str]:
    """Names of threads that are new and do not end by themselves within `patience` seconds."""
    deadline = time.monotonic() + patience
    left = [thread for thread in threading.enumerate() if thread not in before]
    for thread in left:
        thread.join(max(0.0, deadline - time.monotonic()))
    return [thread.name for thread in left if thread.is_alive()]


def files(folder: Path) -> list[str]:
    """Names of what is in the folder, but for what TensorFlow writes there to import it."""
    compiled = folder / "__pycache__"
    every = [path for path in folder.iterdir() if path != compiled]
    every += compiled.iterdir() if compiled.is_dir() else []
    return sorted(path.name for path in every if not path.name.startswith(OF_TENSORFLOW))


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """The place of all temporary files until the end of the block, also those of processes."""
    with (
        tempfile.TemporaryDirectory(prefix="fmnist-") as name,
        pytest.MonkeyPatch.context() as patch,
    ):
        Path(name).chmod(0o755)  # some tests read as an ordinary user
        patch.setattr(tempfile, "tempdir", name)
        patch.setenv("TMPDIR", name)
        yield Path(name)
