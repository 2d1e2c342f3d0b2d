"""Which runs make room for new ones, what deletes one, and what a power cut cannot take back."""

import json
import os
import shutil
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from fmnist.recipe import Recipe
from fmnist.training import line, runs
from fmnist.training.runs import Control, EventLog, RunError

ROOT = Path(__file__).parents[2]


def ended(seed=0):
    """A run that began and ended."""
    run = runs.create(Recipe(seed=seed))
    log = EventLog(run)
    log.append("train_end", state="finished")
    log.close()
    return run


def older(run, seconds=3600):
    """Have the folder look as if it had been made that long ago."""
    os.utime(run.folder, (time.time() - seconds,) * 2)
    return run


def seeds():
    return [run.recipe.seed for run in runs.list_runs()]


# Making room ---------------------------------------------------------------------------------


def test_the_oldest_ended_runs_make_room(runs_dir, monkeypatch):
    monkeypatch.setenv("FMNIST_MAX_RUNS", "3")
    for seed in range(6):
        ended(seed)
    assert seeds() == [5, 4, 3, 2]  # the newest did not count when it was made


def test_waiting_and_training_runs_neither_count_nor_go(runs_dir, monkeypatch):
    """The attack: starts without end delete every finished run of everybody else."""
    monkeypatch.setenv("FMNIST_MAX_RUNS", "2")
    finished = [ended(seed) for seed in (1, 2)]
    waiting, training = [], []
    for seed in range(10, 20):
        run = runs.create(Recipe(seed=seed))
        if seed < 12:
            training.append((run, run.acquire("worker")))
        else:
            line.join(run)
            waiting.append(run)
    assert set(runs.list_runs()) == {*finished, *waiting, *(run for run, _ in training)}
    for run, lock in training:
        lock.release()
        older(run)
    for run in waiting:
        run.leave_line()
        older(run)
    runs.prune(2)
    assert set(runs.list_runs()) == set(finished)


def test_runs_that_never_began_go_before_those_that_did(runs_dir, monkeypatch):
    """Start and Stop, pressed again and again, push out nothing that anybody trained."""
    monkeypatch.setenv("FMNIST_MAX_RUNS", "2")
    finished = [ended(seed) for seed in (1, 2)]
    for seed in range(10, 30):
        older(runs.create(Recipe(seed=seed)))
    newest = runs.create(Recipe(seed=99))
    assert set(runs.list_runs()) == {*finished, newest}


def test_a_run_is_safe_between_its_making_and_its_lock(runs_dir):
    run = runs.create(Recipe())
    runs.prune(0)
    assert runs.list_runs() == [run]
    older(run)
    runs.prune(0)
    assert runs.list_runs() == []


def test_a_stranger_s_folder_is_never_deleted(runs_dir):
    for name in ("Documents", "20200101-000000-ABCDEF", "20200101-000000-abcdef.d"):
        (runs_dir / name).mkdir(parents=True)
        (runs_dir / name / "letter.txt").write_text("dear")
    runs.prune(0)
    assert len(list(runs_dir.glob("*/letter.txt"))) == 3
    with pytest.raises(RunError, match="no such run"):
        runs.delete("Documents")


OPENS = """
import sys
from fmnist.recipe import Recipe
from fmnist.training import runs
opened = []
sys.addaudithook(lambda event, values: opened.append(str(values[0])) if event == "open" else None)
run = runs.create(Recipe())
print(run.id, *opened)
"""


@pytest.mark.slow
def test_making_a_run_opens_no_file_of_the_others(runs_dir, monkeypatch):
    monkeypatch.setenv("FMNIST_MAX_RUNS", "1000")
    run = ended()
    for number in range(500):
        shutil.copytree(run.folder, runs_dir / f"20200101-000000-{number:06x}")
    done = subprocess.run(
        [sys.executable, "-c", OPENS], cwd=ROOT, capture_output=True, text=True, check=True
    )
    made, *opened = done.stdout.split()
    assert any(made in path for path in opened)
    assert not [path for path in opened if "20200101-" in path or run.id in path]


# The clock -----------------------------------------------------------------------------------


def test_after_the_clock_went_back_new_runs_are_still_the_newest(runs_dir, monkeypatch):
    monkeypatch.setenv("FMNIST_MAX_RUNS", "3")
    ahead = (datetime.now() + timedelta(days=400)).strftime(runs.STAMP)
    for seed in range(3):
        ended(seed).folder.rename(runs_dir / f"{ahead}-00000{seed}")
    for seed in range(10, 13):
        ended(seed)
    assert seeds() == [12, 11, 10, 2]


@pytest.mark.parametrize(
    ("name", "as_usual"),
    [
        ("99991231-235959-abcdef", True),  # no second comes after it
        ("99999999-999999-abcdef", True),  # no date
        ("00000000-000000-abcdef", True),
        ("my-best-run", True),
        ("20991231-235959-abcdef", False),
    ],
)
def test_a_strange_name_does_not_keep_runs_from_being_made(runs_dir, name, as_usual):
    ended().folder.rename(runs_dir / name)
    made = [runs.create(Recipe()).id for _ in range(3)]
    assert all(runs.MADE_ID.fullmatch(name) for name in made)
    assert made == sorted(made)
    assert made[0].startswith("2100") is not as_usual


# Deleting one --------------------------------------------------------------------------------


def test_a_run_is_deleted_unless_it_is_at_work(runs_dir):
    run, other = ended(), ended()
    for role in ("queue", "worker"):
        lock = run.acquire(role)
        with pytest.raises(RunError, match="is at work"):
            runs.delete(run.id)
        lock.release()
    line.join(run)
    with pytest.raises(RunError, match="waits in line"):
        runs.delete(run.id)
    run.leave_line()
    runs.delete(run.id)
    assert runs.list_runs() == [other]
    with pytest.raises(RunError, match="deleted already"):
        runs.delete(run.id)


@pytest.mark.parametrize("name", ["", ".", "..", "../outside", "/", "link", "a/b", "a\0b"])
def test_nothing_outside_is_deleted(runs_dir, tmp_path, name):
    outside = tmp_path / "outside"
    shutil.copytree(ended().folder, outside)
    (runs_dir / "link").symlink_to(outside)
    with pytest.raises(RunError):
        runs.delete(name)
    assert (outside / "recipe.json").is_file()


def test_links_inside_a_run_lead_to_nothing_that_is_deleted(runs_dir, tmp_path):
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "letter.txt").write_text("dear")
    run = ended()
    (run.folder / "kernels").symlink_to(tmp_path / "letters")
    (run.folder / "model.keras").symlink_to(tmp_path / "letters" / "letter.txt")
    (run.folder / "worker.lock").symlink_to(tmp_path / "letters" / "letter.txt")
    runs.delete(run.id)
    assert not run.folder.exists()
    assert (tmp_path / "letters" / "letter.txt").read_text() == "dear"


def test_a_folder_full_of_the_wrong_things_is_deleted(runs_dir):
    run = runs.create(Recipe())
    for name in ("events.jsonl", "queue.lock", "kernels", "control.json"):
        os.mkfifo(run.folder / name)
    for name in ("worker.lock", "model.keras"):
        (run.folder / name / "deep").mkdir(parents=True)
    (run.folder / "recipe.json").unlink()
    runs.delete(run.id)
    assert runs.folders() == []


# Power cuts ----------------------------------------------------------------------------------


@pytest.fixture
def flushed(monkeypatch):
    """Names of what has been flushed to disk, in order; it really is flushed."""
    names = []
    fsync = os.fsync

    def spy(descriptor):
        name = Path(f"/proc/self/fd/{descriptor}").readlink().name
        names.append(name.partition("-")[2] if name.startswith(".") else name)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", spy)
    return names


def test_a_new_run_is_on_the_disk_with_its_name(runs_dir, flushed):
    run = runs.create(Recipe())
    assert flushed == ["recipe.json", run.id, runs_dir.name]


def test_epochs_and_ends_are_flushed_and_what_only_moves_is_not(runs_dir, flushed):
    run = runs.create(Recipe())
    flushed.clear()
    log = EventLog(run)
    assert flushed == [run.id]  # the new file's name
    flushed.clear()
    for event in ("worker_begin", "train_begin", "batch_end", "pause", "learning_rate"):
        log.append(event)
    assert flushed == []
    for count, event in enumerate(("epoch_end", "train_end", "failed"), start=1):
        log.append(event)
        assert flushed == ["events.jsonl"] * count
    log.close()


def test_weights_are_flushed_and_wishes_are_not(runs_dir, flushed):
    run = runs.create(Recipe())
    flushed.clear()
    run.kept.save(0, np.zeros((784, 4)), np.zeros(4))
    assert flushed == ["0000.npz", "kernels"]
    run.kept.save(0, np.ones((784, 4)), np.zeros(4))
    assert flushed == ["0000.npz", "kernels", "0000.npz"]  # its name was there already
    run.ask(Control("stop"))
    assert len(flushed) == 3
    assert json.loads((run.folder / "control.json").read_text())["state"] == "stop"
