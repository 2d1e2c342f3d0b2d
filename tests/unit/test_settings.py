"""Environment variables: what they set, their defaults, and what a wrong one says."""

import os
from pathlib import Path

import pytest

from fmnist import settings

NAMES = (
    "FMNIST_DATA_DIR",
    "FMNIST_ALLOW_OTHER_DATA",
    "FMNIST_RUNS_DIR",
    "FMNIST_MAX_RUNS",
    "FMNIST_WORKERS",
    "FMNIST_DOWNLOAD_SECONDS",
    "KERAS_HOME",
)


@pytest.fixture
def nothing_set(monkeypatch):
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_defaults(nothing_set, tmp_path):
    nothing_set.chdir(tmp_path)
    assert settings.data_dir() is None
    assert settings.allow_other_data() is False
    assert settings.keras_cache_dir() == Path.home() / ".keras" / "datasets" / "fashion-mnist"
    assert settings.runs_dir() == tmp_path / "runs"
    assert settings.max_runs() == 40
    assert settings.max_workers() == os.cpu_count()
    assert settings.download_seconds() == 300


def test_each_is_documented():
    for name in NAMES:
        assert f"\n{name} " in str(settings.__doc__)


def test_values_are_taken(nothing_set, tmp_path):
    nothing_set.setenv("HOME", str(tmp_path))
    nothing_set.setenv("FMNIST_DATA_DIR", " ~/data ")
    nothing_set.setenv("FMNIST_ALLOW_OTHER_DATA", "1")
    nothing_set.setenv("FMNIST_RUNS_DIR", "~/my runs")
    nothing_set.setenv("FMNIST_MAX_RUNS", "7")
    nothing_set.setenv("FMNIST_WORKERS", " 3 ")
    nothing_set.setenv("FMNIST_DOWNLOAD_SECONDS", "9")
    nothing_set.setenv("KERAS_HOME", str(tmp_path / "keras"))
    assert settings.data_dir() == tmp_path / "data"
    assert settings.allow_other_data() is True
    assert settings.runs_dir() == tmp_path / "my runs"
    assert settings.max_runs() == 7
    assert settings.max_workers() == 3
    assert settings.download_seconds() == 9
    assert settings.keras_cache_dir() == tmp_path / "keras" / "datasets" / "fashion-mnist"


def test_empty_means_not_set(nothing_set):
    for name in NAMES:
        nothing_set.setenv(name, "  ")
    assert settings.data_dir() is None
    assert settings.runs_dir() == Path("runs").absolute()
    assert settings.max_runs() == 40


def test_only_1_allows_other_data(nothing_set):
    for value in ("0", "no", "false", "11"):
        nothing_set.setenv("FMNIST_ALLOW_OTHER_DATA", value)
        assert settings.allow_other_data() is False


@pytest.mark.parametrize("value", ["0", "-1", "2.5", "many", "1e3", "²"])
@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("FMNIST_MAX_RUNS", settings.max_runs),
        ("FMNIST_WORKERS", settings.max_workers),
        ("FMNIST_DOWNLOAD_SECONDS", settings.download_seconds),
    ],
)
def test_a_wrong_number_is_named(nothing_set, name, read, value):
    nothing_set.setenv(name, value)
    with pytest.raises(ValueError, match=f"{name} is '{value}'; it takes a whole number from 1"):
        read()
