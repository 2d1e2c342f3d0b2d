"""Run folders on a disk that is full, and in places that cannot be read or written."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

from fmnist.recipe import Recipe
from fmnist.training import runs
from fmnist.training.progress import Follower
from fmnist.training.runs import Control, EventLog, RunError

ROOT = Path(__file__).parents[2]


@pytest.fixture
def ordinary_user(monkeypatch):
    """A runs folder while the process has no rights beyond an ordinary user's."""
    place = Path(tempfile.mkdtemp(prefix="runs-"))
    monkeypatch.setenv("FMNIST_RUNS_DIR", str(place))
    time.strptime("0", "%S")  # imports a module, which only root may be able to read
    was_root = os.geteuid() == 0
    if was_root:
        os.chown(place, 65534, -1)
        os.seteuid(65534)
    yield place
    if was_root:
        os.seteuid(0)
    for path in (place, *place.rglob("*")):
        path.chmod(0o700)
    shutil.rmtree(place)


def events(run):
    return runs.read_events(run)[0]


def test_a_file_where_the_folder_should_be(tmp_path, monkeypatch):
    monkeypatch.setenv("FMNIST_RUNS_DIR", str(tmp_path / "runs"))
    (tmp_path / "runs").write_text("no folder")
    assert runs.list_runs() == []
    with pytest.raises(RunError, match="cannot be written"):
        runs.create(Recipe())


def test_an_unwritable_folder(ordinary_user):
    run = runs.create(Recipe())
    ordinary_user.chmod(0o500)
    with pytest.raises(RunError, match=r"Permission denied\. Set FMNIST_RUNS_DIR elsewhere\."):
        runs.create(Recipe())
    run.folder.chmod(0o500)
    with pytest.raises(RunError, match="cannot be written: Permission denied"):
        run.ask(Control("stop"))
    with pytest.raises(RunError, match="cannot be written: Permission denied"):
        run.acquire("worker")
    assert run.recipe == Recipe()


def test_an_unreadable_run_harms_no_other(ordinary_user):
    locked, run = runs.create(Recipe()), runs.create(Recipe())
    locked.folder.chmod(0o000)
    assert runs.list_runs() == [run]
    with pytest.raises(RunError, match=locked.id):
        runs.open_run(locked.id)
    ordinary_user.chmod(0o000)
    assert runs.list_runs() == []


def test_a_full_disk_leaves_no_torn_line_and_no_half_written_run(small_disk):
    other = runs.create(Recipe(epochs=2))
    run = runs.create(Recipe(epochs=4))
    log = EventLog(run)
    with pytest.raises(RunError, match="The disk is full") as caught:
        for number in range(10_000):
            log.append("batch_end", number=number, text="x" * 777)
    assert run.id in str(caught.value)
    content = run.events_path.read_bytes()
    assert content.endswith(b"}\n")
    numbers = [json.loads(line)["number"] for line in content.splitlines()]
    assert numbers == list(range(len(numbers))) and len(numbers) > 100

    folders = sorted(small_disk.iterdir())
    with pytest.raises(RunError, match="The disk is full"):
        runs.create(Recipe())
    with pytest.raises(OSError, match="No space"):
        run.kept.save(1, np.zeros((784, 100)), np.zeros(100))
    assert sorted(small_disk.iterdir()) == folders
    assert run.kept.epochs() == []
    assert not list(run.folder.glob("kernels/.*"))
    assert other.recipe == Recipe(epochs=2)

    log.append_at_last("failed", message="The disk is full.")  # the reserve makes room
    log.close()
    assert events(run)[-1]["message"] == "The disk is full."
    assert Follower(run).state() == "failed"


def test_a_wish_on_a_full_disk_keeps_the_old_one(small_disk):
    run = runs.create(Recipe())
    run.ask(Control("pause"))
    with (small_disk / "filler").open("wb", buffering=0) as filler, pytest.raises(OSError):
        while filler.write(bytes(4096)):
            pass
    with pytest.raises(RunError, match="The disk is full"):
        run.ask(Control("stop"))
    assert run.control() == Control("pause")
    assert not list(run.folder.glob(".*"))


def test_a_limit_of_file_size_cuts_no_line(runs_dir):
    """What any user can do: the kernel writes part of a line, then refuses (RLIMIT_FSIZE)."""
    script = textwrap.dedent("""
        import resource
        from fmnist.recipe import Recipe
        from fmnist.training import runs
        run = runs.create(Recipe())
        log = runs.EventLog(run)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
        try:
            for number in range(100):
                log.append("batch_end", number=number, text="x" * 777)
        except runs.RunError as problem:
            print(problem)
    """)
    result = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "cannot be written" in result.stdout or "disk is full" in result.stdout
    (run,) = runs.list_runs()
    content = run.events_path.read_bytes()
    assert content.endswith(b"}\n") and 9_000 < len(content) <= 10_000
    numbers = [json.loads(line)["number"] for line in content.splitlines()]
    assert numbers == list(range(len(numbers)))
