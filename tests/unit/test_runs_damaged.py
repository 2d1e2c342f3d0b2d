"""Run folders that are torn, half-written or damaged: told plainly, harming no other."""

from contextlib import closing

import numpy as np
import pytest

from fmnist.recipe import Recipe
from fmnist.training import runs
from fmnist.training.runs import EventLog, RunError


@pytest.fixture
def run(runs_dir):
    return runs.create(Recipe(epochs=3))


def events(run):
    return runs.read_events(run)[0]


def test_a_torn_last_line_waits_for_its_end(run):
    log = EventLog(run)
    log.append("first")
    size = run.events_path.stat().st_size
    with run.events_path.open("ab") as file:
        file.write(b'{"event": "second", "lo')
    assert [event["event"] for event in events(run)] == ["first"]
    assert runs.read_events(run)[1] == size
    with run.events_path.open("ab") as file:
        file.write(b'ss": 1}\n')
    assert [event["event"] for event in events(run)] == ["first", "second"]
    log.close()


@pytest.mark.parametrize("torn", range(1, 31, 4))
def test_a_new_writer_goes_on_after_a_torn_line(run, torn):
    log = EventLog(run)
    log.append("first")
    log.append("second")
    log.close()
    content = run.events_path.read_bytes()
    start = content.index(b"\n") + 1
    run.events_path.write_bytes(content[: start + torn])
    _, offset = runs.read_events(run)
    log = EventLog(run)
    log.append("third")
    log.close()
    assert [event["event"] for event in events(run)] == ["first", "third"]
    assert [event["event"] for event in runs.read_events(run, offset)[0]] == ["third"]


def test_a_line_that_lacks_only_its_end_counts(run):
    run.events_path.write_bytes(b'{"event": "first"}')
    EventLog(run).close()
    assert [event["event"] for event in events(run)] == ["first"]


def test_a_message_may_say_what_a_line_says(run):
    with closing(EventLog(run)) as log:
        log.append("failed", message='It said {"event": "x"}.')
    assert [event["event"] for event in events(run)] == ["failed"]


@pytest.mark.parametrize(
    "line",
    [b"", b"{", b"\x00" * 100, b"\xff\xfe", b"7", b"[]", b"{}", b'{"event": 3}', b"NaN",
     b'{"event": "batch_end", "event": "c"}'],
)  # fmt: skip
def test_garbage_in_the_middle_is_passed_over(run, line):
    run.events_path.write_bytes(b'{"event": "a"}\n' + line + b'\n{"event": "b"}\n')
    assert [event["event"] for event in events(run)] == ["a", "b"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xff",
        b'{"recipe": {}}',
        b'{"recipe": [], "created": 1}',
        b'{"recipe": {"epochs": -1}, "created": 1}',
        b'{"recipe": {"colour": 1}, "created": 1}',
        b'{"recipe": {}, "created": "today"}',
        b"[" * 100_000,
    ],
)
def test_a_half_written_run_is_told_and_harms_no_other(run, runs_dir, content):
    broken = runs_dir / "20200101-000000-abcdef"
    broken.mkdir()
    (broken / "recipe.json").write_bytes(content)
    (runs_dir / "empty").mkdir()
    (runs_dir / "a-file").write_text("x")
    with pytest.raises(RunError, match=r"half-written or damaged.*Delete its folder"):
        runs.open_run(broken.name)
    with pytest.raises(RunError, match="There is no run"):
        runs.open_run("empty")
    assert runs.list_runs() == [run]
    assert runs.create(Recipe()) in runs.list_runs()


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"garbage", b"\x93NUMPY\x01\x00garbage", b"half"]
)
def test_damaged_arrays_are_told(run, content):
    run.kept.save(1, np.zeros((784, 5)), np.zeros(5))
    path = run.folder / "kernels" / "0001.npz"
    path.write_bytes(path.read_bytes()[:3000] if content == b"half" else content)
    with pytest.raises(RunError, match=r"0001\.npz cannot be read"):
        run.kept.first_layer(1)


def test_arrays_with_a_flipped_bit_are_told(run):
    run.kept.save(1, np.zeros((784, 5)), np.zeros(5))
    path = run.folder / "kernels" / "0001.npz"
    content = bytearray(path.read_bytes())
    content[2000] ^= 1
    path.write_bytes(content)
    with pytest.raises(RunError, match="cannot be read"):
        run.kept.first_layer(1)


def test_other_arrays_than_a_kernel_are_told(run):
    (run.folder / "kernels").mkdir()
    np.savez(run.folder / "kernels" / "0001.npz", weights=np.zeros(3))
    with pytest.raises(RunError, match=r"0001\.npz cannot be read"):
        run.kept.first_layer(1)


def test_pickles_are_never_opened(run):
    (run.folder / "kernels").mkdir()
    np.savez(run.folder / "kernels" / "0001.npz", kernel=np.array([{}], object), bias=np.zeros(1))
    with pytest.raises(RunError, match="cannot be read"):
        run.kept.first_layer(1)
    (run.folder / "kernels" / "0001.npz").write_bytes(b"\x80\x04N.")
    with pytest.raises(RunError, match="cannot be read"):
        run.kept.first_layer(1)


def test_files_of_a_killed_writer_are_no_kernels(run):
    run.kept.save(1, np.zeros((784, 5)), np.zeros(5))
    for name in (".0002.npz.77", "notes.npz", "0003.txt", "0004b.npz"):
        (run.folder / "kernels" / name).write_bytes(b"x")
    assert run.kept.epochs() == [1]
