"""Environment variables: what they set, their defaults, and what a wrong one says."""

import errno
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.processes import started
from benchmarks.server import free_port, server_command
from fmnist import environment, environment_variables
from fmnist.environment_variables import VARIABLES

ROOT = Path(__file__).parents[2]
NAMES = tuple(VARIABLES)


@pytest.fixture
def nothing_set(monkeypatch):
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_defaults(nothing_set, tmp_path):
    nothing_set.chdir(tmp_path)
    assert environment.data_dir() is None
    assert environment.allow_other_data() is False
    assert environment.keras_cache_dir() == Path.home() / ".keras" / "datasets" / "fashion-mnist"
    assert environment.runs_dir() == tmp_path / "runs"
    assert environment.max_runs() == 200
    assert environment.max_waiting() == 200
    assert environment.mode() == "personal"
    assert environment.runs_per_person() == environment.NO_LIMIT
    assert environment.cluster() == ""
    assert environment.pause_seconds() == 600
    assert environment.max_workers() == os.cpu_count() + 1
    assert environment.download_seconds() == 300
    assert environment.allowed_hosts() == ()
    assert environment.check() == []


def test_the_readme_has_the_same_table():
    rows = re.findall(
        r"^\| `([A-Z_]+)` \| (.*?) \| (.*?) \|$", (ROOT / "README.md").read_text(), re.M
    )
    told = [tuple(cell.replace("`", "") for cell in row) for row in rows]
    assert told == [
        (name, variable.default_words or variable.default or "not set", variable.meaning)
        for name, variable in VARIABLES.items()
    ]


def test_values_are_taken(nothing_set, tmp_path):
    (tmp_path / "data").mkdir()
    nothing_set.setenv("HOME", str(tmp_path))
    nothing_set.setenv("FMNIST_DATA_DIR", " ~/data ")
    nothing_set.setenv("FMNIST_ALLOW_OTHER_DATA", "1")
    nothing_set.setenv("FMNIST_RUNS_DIR", "~/my runs")
    nothing_set.setenv("FMNIST_MAX_RUNS", "7")
    nothing_set.setenv("FMNIST_WORKERS", " 3 ")
    nothing_set.setenv("FMNIST_DOWNLOAD_SECONDS", "9")
    nothing_set.setenv("FMNIST_MAX_WAITING", "5")
    nothing_set.setenv("FMNIST_PAUSE_MINUTES", "2")
    nothing_set.setenv("KERAS_HOME", str(tmp_path / "keras"))
    nothing_set.setenv("FMNIST_ALLOWED_HOSTS", "Example.org, *.example.net")
    assert environment.data_dir() == tmp_path / "data"
    assert environment.allow_other_data() is True
    assert environment.runs_dir() == tmp_path / "my runs"
    assert environment.max_runs() == 7
    assert environment.max_workers() == 3
    assert environment.download_seconds() == 9
    assert environment.max_waiting() == 5
    assert environment.pause_seconds() == 120
    assert environment.keras_cache_dir() == tmp_path / "keras" / "datasets" / "fashion-mnist"
    assert environment.allowed_hosts() == ("example.org", "*.example.net")
    assert environment.check() == []


def test_empty_means_not_set(nothing_set):
    for name in NAMES:
        nothing_set.setenv(name, "  ")
    assert environment.data_dir() is None
    assert environment.runs_dir() == Path("runs").absolute()
    assert environment.max_runs() == 200
    assert environment.check() == []


@pytest.mark.parametrize("value", ["0", "-1", "2.5", "many", "1e3", "²", "1000000000", "9" * 5000])
@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("FMNIST_MAX_RUNS", environment.max_runs),
        ("FMNIST_WORKERS", environment.max_workers),
        ("FMNIST_DOWNLOAD_SECONDS", environment.download_seconds),
    ],
)
def test_a_wrong_number_is_named(nothing_set, name, read, value):
    nothing_set.setenv(name, value)
    with pytest.raises(ValueError, match=f"{name} is '{value}'; it takes a whole number from 1"):
        read()
    assert len(environment.check()) == 1


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("FMNIST_ALLOW_OTHER_DATA", "yes", "takes 1 for yes or 0 for no"),
        ("FMNIST_DATA_DIR", "{there}/nowhere", "takes a folder, and there is none"),
        ("FMNIST_DATA_DIR", "{there}/file", "takes a folder, and this is a file"),
        ("FMNIST_DATA_DIR", "~nobody-of-that-name/x", "no such person"),
        ("FMNIST_RUNS_DIR", "{there}/file", "{there}/file is none"),
        ("FMNIST_RUNS_DIR", "{there}/file/runs/here", "{there}/file is none"),
        ("KERAS_HOME", "{there}/file", "{there}/file is none"),
        ("FMNIST_ALLOWED_HOSTS", "https://example.org", "without https:// and port"),
        ("FMNIST_ALLOWED_HOSTS", "example.org:8501", "without https:// and port"),
        ("FMNIST_ALLOWED_HOSTS", "example.org,,", "without https:// and port"),
        ("FMNIST_WORKER", "2", "Is FMNIST_WORKERS meant?"),
        ("fmnist_max_runs", "2", "Is FMNIST_MAX_RUNS meant?"),
        ("FMNIST_SKY", "2", "There are FMNIST_MODE, "),
    ],
)
def test_what_makes_no_sense_is_named(nothing_set, tmp_path, name, value, words):
    (tmp_path / "file").touch()
    nothing_set.setenv(name, value.format(there=tmp_path))
    [sentence] = environment.check()
    assert sentence.startswith(f"{name} is ")
    assert words.format(there=tmp_path) in sentence


def test_a_folder_of_runs_that_cannot_be_written_is_named(nothing_set, locked):
    nothing_set.setenv("FMNIST_RUNS_DIR", str(locked / "runs"))
    [sentence] = environment.check()
    assert f"{locked} cannot be written to" in sentence


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="only Linux has this folder")
def test_a_folder_that_only_seems_to_be_writable_is_named(nothing_set):
    """To the superuser it does."""
    nothing_set.setenv("FMNIST_RUNS_DIR", "/proc/runs")
    [sentence] = environment.check()
    assert "/proc cannot be written to" in sentence


def test_a_full_disk_keeps_no_server_from_starting(nothing_set, tmp_path, monkeypatch):
    def full(**_options):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(environment_variables, "TemporaryFile", full)
    nothing_set.setenv("FMNIST_RUNS_DIR", str(tmp_path / "runs"))
    assert environment.check() == []


WRONG = {"FMNIST_WORKERS": "abc", "FMNIST_MAX_RUNS": "-1", "FMNIST_WORKER": "2"}


@pytest.mark.slow
@pytest.mark.parametrize("command", ["train", "predict"])
def test_the_command_line_refuses_all_of_it_at_once(command):
    arguments = {"train": ["--epochs", "1"], "predict": ["picture.png"]}[command]
    result = subprocess.run(
        [sys.executable, "-m", "fmnist", command, *arguments],
        cwd=ROOT, env=os.environ | WRONG, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 1
    lines = result.stderr.splitlines()
    assert [line.split()[1] for line in lines] == [
        "FMNIST_MAX_RUNS",
        "FMNIST_WORKERS",
        "FMNIST_WORKER",
    ]
    assert "Traceback" not in result.stderr and result.stdout == ""


@pytest.mark.slow
def test_the_server_refuses_all_of_it_and_serves_nothing():
    port = free_port()
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with started(server_command(port), env=os.environ | WRONG, text=True, **pipes) as server:
        _, errors = server.communicate(timeout=60)
    assert server.returncode == 1
    assert [line.split()[1] for line in errors.splitlines() if "FMNIST" in line] == [
        "FMNIST_MAX_RUNS",
        "FMNIST_WORKERS",
        "FMNIST_WORKER",
    ]
    assert "Traceback" not in errors
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
