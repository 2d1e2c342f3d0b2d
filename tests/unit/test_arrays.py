"""Arrays read from files, against NumPy, and in a server's threads."""

import io
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from fmnist.arrays import read_npy, read_npz
from tests.unit.test_imports import FILES, OWN_PROCESS, name_of

ROOT = Path(__file__).parents[2]
SHAPES = [(), (0,), (1,), (3,), (2, 3), (2, 3, 4), (1, 0, 2)]
DTYPES = ["b1", "u1", "i1", "<f2", "<f4", "<f8", ">f4", "<i8", "<u4"]


def as_npy(array, **options):
    file = io.BytesIO()
    np.lib.format.write_array(file, array, **options)
    return file.getvalue()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("order", "CF")
def test_an_array_is_read_as_numpy_reads_it(dtype, shape, order):
    array = np.random.default_rng(1).uniform(0, 100, shape).astype(dtype, order=order)
    content = as_npy(array)
    expected = np.load(io.BytesIO(content))
    found = read_npy(content)
    assert found.dtype == expected.dtype
    assert found.shape == expected.shape
    assert found.tobytes() == expected.tobytes()
    assert found.flags.writeable


def test_an_archive_is_read_as_numpy_reads_it():
    file = io.BytesIO()
    np.savez_compressed(file, one=np.arange(6).reshape(2, 3), other=np.float32(2.5))
    found = read_npz(file.getvalue(), 1000)
    assert list(found) == ["one", "other"]
    assert found["one"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert found["other"] == 2.5
    with pytest.raises(ValueError, match="more than 100 bytes"):
        read_npz(file.getvalue(), 100)


CONTENT = as_npy(np.arange(12, dtype=np.float32).reshape(3, 4))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        CONTENT[:9],
        CONTENT[:-1],
        CONTENT + b"0",
        CONTENT.replace(b"(3, 4)", b"(3, 5)"),
        CONTENT.replace(b"(3, 4)", b"(9**9)"),
        CONTENT.replace(b"<f4", b"|O4"),
        CONTENT.replace(b"<f4", b"<f7"),
        CONTENT.replace(b"False", b"Wrong"),
        CONTENT.replace(b"\x01\x00", b"\x07\x00", 1),
        as_npy(np.array(["text"])),
        as_npy(np.array([{"a": 1}], dtype=object)),
        as_npy(np.zeros(2, [("a", "<f4")])),
    ],
)
def test_anything_else_is_refused(content):
    with pytest.raises((ValueError, TypeError)):
        read_npy(content)


# A collection of garbage may run Python, and threads take turns there. Two that ask Python 3.11's
# parser for trees fail then, as the first test below shows; other versions do not.
PRESSURE = """
import ast, gc, sys, threading, time
sys.setswitchinterval(1e-5)
gc.set_threshold(50)
gc.callbacks.append(lambda *_: [None for _ in range(50)])
{prepare}
source = open("fmnist/recipe.py").read()
end, problems = time.monotonic() + {seconds}, []
def again(work):
    while time.monotonic() < end and not problems:
        try:
            work()
        except SystemError as problem:
            problems.append(problem)
other = threading.Thread(target=again, args=[lambda: ast.parse(source)])
other.start()
again(lambda: {work})
other.join()
sys.exit(str(problems[0]) if problems else 0)
"""


def beside_a_parser(prepare, work, seconds):
    program = PRESSURE.format(prepare=prepare, work=work, seconds=seconds)
    return subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="a fault of Python 3.11")
def test_the_fault_is_there():
    ended = beside_a_parser("", "ast.parse(source)", 20)
    assert "recursion depth mismatch" in ended.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("prepare", "work"),
    [
        (
            "import io, numpy as np\n"
            "from fmnist.arrays import read_npz\n"
            "file = io.BytesIO(); np.savez(file, one=np.arange(6)); content = file.getvalue()",
            "read_npz(content, 1000)",
        ),
        (
            "from streamlit import config\n"
            "from streamlit.runtime.scriptrunner.script_cache import ScriptCache\n"
            "config.get_config_options(force_reparse=True)",
            "ScriptCache().get_bytecode('pages/train.py')",
        ),
    ],
    ids=["arrays", "pages"],
)
def test_threads_read_arrays_and_pages_side_by_side(prepare, work):
    ended = beside_a_parser(prepare, work, 4)
    assert ended.returncode == 0, ended.stderr


def test_no_page_reads_arrays_by_the_parser_of_python():
    for path in FILES:
        if name_of(path) not in OWN_PROCESS:
            text = path.read_text()
            for name in ("np.load(", "ast.parse", "literal_eval", "read_array_header"):
                assert name not in text, f"{path} uses {name}"


def test_many_threads_read_the_same():
    file = io.BytesIO()
    np.savez(file, one=np.arange(1000))
    wrong = []

    def read():
        for _ in range(200):
            if read_npz(file.getvalue(), 10_000)["one"].sum() != 499_500:
                wrong.append(1)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
