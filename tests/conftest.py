"""What all tests share: the data set, a folder of runs of their own, TensorFlow started once.

The real files are used when ``$FMNIST_DATA_DIR`` or ``../shared/fashion-mnist`` has them. If not,
IDX files of the official shapes are made, once, and the tests run on these.
"""

import os
import struct
import subprocess
import threading
import uuid
from pathlib import Path

import numpy as np
import pytest

from benchmarks.processes import end_all_with
from fmnist import dataset
from tests import leftovers
from tests.components import share_between_servers
from tests.quick import (  # noqa: F401  hooks of pytest
    pytest_addoption,
    pytest_collection_modifyitems,
    pytest_configure,
    pytest_runtest_call,
    pytest_runtest_setup,
)

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "fashion-mnist"
MARK = "MARK_OF_THESE_TESTS"  # in the environment of every process that they start

share_between_servers()  # before any test module imports a component


def made_data(folder: Path) -> Path:
    """Four IDX files of the official shapes: per class a fixed blob, moved and noised."""
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[0:28, 0:28]
    blobs = np.stack(
        [
            np.exp(-((rows - 8 - 3 * (c % 5)) ** 2 + (columns - 7 - 13 * (c // 5)) ** 2) / 20)
            for c in range(10)
        ]
    )  # (10, 28, 28)
    for name, (shape, _digest) in dataset.OFFICIAL_FILES.items():
        if "labels" in name:
            continue
        labels = rng.integers(0, 10, shape[0]).astype(np.uint8)
        noise = rng.integers(0, 90, shape, dtype=np.uint8)
        images = (blobs * 160).astype(np.uint8)[labels] + noise
        for array, kind in ((images, name), (labels, name.replace("images-idx3", "labels-idx1"))):
            header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
            (folder / kind).write_bytes(header + array.tobytes())
    return folder


# Of what the person who starts the tests has set: the data, and where tools are.
KEPT = {"FMNIST_DATA_DIR", "FMNIST_ALLOW_OTHER_DATA"}


@pytest.fixture(scope="session", autouse=True)
def environment(tmp_path_factory):
    """Point every test, and every process that it starts, at the data and at runs of its own.

    At the end nothing of them may be left: no process, no thread, no temporary file, no folder.
    What TensorFlow has compiled for one process of these tests it does not compile for the next:
    the same program, sooner.
    """
    runs, made = tmp_path_factory.mktemp("runs"), tmp_path_factory.mktemp("data")
    threads_before, folders_before = set(threading.enumerate()), leftovers.folders()
    with leftovers.temporary_folder() as temporary, pytest.MonkeyPatch.context() as patch:
        for name in set(os.environ) - KEPT:
            if name.startswith(("FMNIST_", "STREAMLIT_")):
                patch.delenv(name)
        if "FMNIST_DATA_DIR" not in os.environ:
            patch.delenv("FMNIST_ALLOW_OTHER_DATA", raising=False)
            if SHARED.is_dir():
                patch.setenv("FMNIST_DATA_DIR", str(SHARED))
            else:
                patch.setenv("FMNIST_DATA_DIR", str(made_data(made)))
                patch.setenv("FMNIST_ALLOW_OTHER_DATA", "1")
        patch.setenv("FMNIST_RUNS_DIR", str(runs))
        patch.setenv(MARK, uuid.uuid4().hex)
        compiled = tmp_path_factory.getbasetemp().parent / "compiled"
        patch.setenv("TF_XLA_FLAGS", f"--tf_xla_persistent_cache_directory={compiled}")
        yield
        left = {
            "processes": end_all_with(MARK, os.environ[MARK]),
            "threads": leftovers.threads(threads_before),
            "temporary files": leftovers.files(temporary),
            "folders": sorted(leftovers.folders() - folders_before),
        }
    assert not any(left.values()), f"The tests left something behind: {left}"


@pytest.fixture
def runs_dir(tmp_path, monkeypatch):
    """An empty folder of runs for one test."""
    monkeypatch.setenv("FMNIST_RUNS_DIR", str(tmp_path / "runs"))
    return tmp_path / "runs"


@pytest.fixture(scope="session")
def data(environment):
    """The data set that is there: the real one, or the one that the tests made."""
    return dataset.load()


@pytest.fixture
def real_data(data):
    """Fashion-MNIST itself, for facts that hold of it alone; the made-up data has other ones."""
    if not data.official:
        pytest.skip("a fact about Fashion-MNIST itself: set FMNIST_DATA_DIR to its folder")
    return data


@pytest.fixture
def small_disk(tmp_path, monkeypatch):
    """A disk of 256 kB of its own, as the folder of runs."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(place)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small disk needs root; test_runs_disk.py limits file sizes instead")
    monkeypatch.setenv("FMNIST_RUNS_DIR", str(place))
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.fixture
def locked(tmp_path):
    """A folder that nobody can write, the superuser included where that one runs the tests."""
    place = tmp_path / "locked"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "ro,size=64k", "tmpfs", str(place)]
    mounted = os.geteuid() == 0 and subprocess.run(mount, check=False).returncode == 0
    if not mounted:
        place.chmod(0o500)
    try:
        if os.access(place, os.W_OK):
            pytest.skip("this superuser can neither mount nor be kept from writing")
        yield place
    finally:
        if mounted:
            subprocess.run(["umount", str(place)], check=True)


@pytest.fixture(scope="session")
def tensorflow(environment):
    """TensorFlow, started as a worker starts it."""
    from fmnist.training.tensorflow_start import start_tensorflow

    start_tensorflow()
