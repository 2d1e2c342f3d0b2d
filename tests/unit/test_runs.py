"""The run folder: what is kept, what is refused, and what faults of the disk leave behind."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fmnist.recipe import Recipe
from fmnist.training import runs
from fmnist.training.progress import Follower
from fmnist.training.runs import Control, EventLog, Run, RunError

ROOT = Path(__file__).parents[2]


@pytest.fixture
def run(runs_dir):
    return runs.create(Recipe(epochs=3))


@pytest.fixture
def small_disk(tmp_path, monkeypatch):
    """A disk of 256 kB of its own, as the folder of runs."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(place)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small disk is not permitted here; a file size limit is tested")
    monkeypatch.setenv("FMNIST_RUNS_DIR", str(place))
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.fixture
def ordinary_user(monkeypatch):
    """A runs folder while the process has no rights beyond an ordinary user's."""
    place = Path(tempfile.mkdtemp(prefix="runs-"))
    monkeypatch.setenv("FMNIST_RUNS_DIR", str(place))
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


# A sound folder ------------------------------------------------------------------------------


def test_a_new_run_is_found_with_its_recipe(run, runs_dir):
    again = runs.open_run(run.id)
    assert again == run
    assert again.recipe() == Recipe(epochs=3)
    assert run.folder == runs_dir / run.id
    assert runs.list_runs() == [run]
    assert run.created() == pytest.approx((run.folder / "recipe.json").stat().st_mtime, abs=5)
    assert events(run) == []
    assert run.kernel_epochs() == []
    assert run.control() == Control()


def test_ids_are_unique_and_fit_their_rule(runs_dir):
    ids = [runs.create(Recipe()).id for _ in range(20)]
    assert len(set(ids)) == 20
    assert all(runs.RUN_ID.fullmatch(name) for name in ids)
    assert [run.id for run in runs.list_runs()] == sorted(ids, reverse=True)


def test_no_folder_means_no_runs(runs_dir):
    assert runs.list_runs() == []
    assert not runs_dir.exists()


def test_events_come_back_in_order_and_only_once(run):
    log = EventLog(run)
    log.append("first", value=0.1, text="é\n")
    seen, offset = runs.read_events(run)
    assert [(e["event"], e["value"], e["text"]) for e in seen] == [("first", 0.1, "é\n")]
    assert runs.read_events(run, offset) == ([], offset)
    log.append("second")
    seen, end = runs.read_events(run, offset)
    assert [event["event"] for event in seen] == ["second"]
    assert end == run.events_path.stat().st_size
    log.close()


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=5))
def test_numbers_survive_to_the_last_bit(values):
    with tempfile.TemporaryDirectory() as folder:
        run = Run("one", Path(folder))
        log = EventLog(run)
        for value in values:
            log.append("number", value=value)
        log.close()
        assert [event["value"] for event in events(run)] == values


def test_kernels_are_kept_as_float16(run):
    rng = np.random.default_rng(0)
    kernel, bias = rng.normal(size=(784, 100)), rng.normal(size=100)
    run.save_kernel(0, kernel, bias)
    run.save_kernel(12, 2 * kernel, bias)
    assert run.kernel_epochs() == [0, 12]
    got, got_bias = run.kernel(12)
    assert got.shape == (784, 100) and got.dtype == got_bias.dtype == np.float32
    np.testing.assert_allclose(got, 2 * kernel, rtol=1e-3, atol=1e-6)
    np.testing.assert_allclose(got_bias, bias, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize(
    ("epochs", "stride"), [(1, 1), (50, 1), (100, 1), (101, 2), (150, 2), (1000, 10)]
)
def test_about_a_hundred_kernels_at_most(epochs, stride):
    assert runs.kernel_stride(epochs) == stride
    assert len(range(0, epochs + 1, stride)) <= runs.MAX_KERNELS + 2


# Wishes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("control", "completed", "holds"),
    [
        (Control(), 0, False),
        (Control("pause"), 3, True),
        (Control("stop"), 3, False),
        (Control("run", pause_after=3), 2, False),
        (Control("run", pause_after=3), 3, True),
        (Control("run", pause_after=0), 0, True),
        (Control("stop", pause_after=3), 3, False),
    ],
)
def test_a_wish_survives_and_holds_when_it_should(run, control, completed, holds):
    run.ask(control)
    assert run.control() == control
    assert control.holds(completed) is holds


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"stop"',
        b"\xff\xfe\x00",
        b'{"state": 7}',
        b'{"state": "dance"}',
        b'{"state": "run", "colour": "red"}',
        b'{"pause_after": "soon"}',
        b'{"pause_after": true}',
        b'{"learning_rate": "fast"}',
        b'{"learning_rate": NaN}',
        b'{"learning_rate": 1e999}',
        b'{"learning_rate": -0.1}',
        b'{"learning_rate": [0.1]}',
        b"[" * 100_000,
    ],
)
def test_a_garbled_wish_is_none(run, content):
    (run.folder / "control.json").write_bytes(content)
    assert run.control() == Control()


@pytest.mark.parametrize("values", [{"state": "halt"}, {"learning_rate": 0.0}, {"pause_after": -1}])
def test_a_wrong_wish_is_refused(values):
    with pytest.raises(ValueError, match=str(next(iter(values.values())))):
        Control(**values)


def test_two_people_may_ask_at_the_same_moment(run):
    problems = []

    def ask(state):
        try:
            for _ in range(200):
                run.ask(Control(state))
                assert run.control().state in ("run", "pause")
        except Exception as problem:
            problems.append(problem)

    threads = [threading.Thread(target=ask, args=(state,)) for state in ("run", "pause") * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems
    assert {path.name for path in run.folder.iterdir()} == {
        "control.json",
        "recipe.json",
        "reserve",
    }


# Names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../../etc/passwd",
        "/etc/passwd",
        "a/b",
        "a\\b",
        "-x",
        "a.b",
        "a\0b",
        "a\n",
        " a",
        "٣",
        "ﬁ",
        "..%2f",
        "a" * 65,
        "a" * 100_000,
    ],
)
def test_a_strange_name_is_refused_in_plain_words(run, name):
    with pytest.raises(RunError, match="is not the name of a run") as caught:
        runs.open_run(name)
    assert len(str(caught.value)) < 200


def test_an_unknown_name_is_told(run):
    with pytest.raises(RunError, match="There is no run 'abc'; it may have been deleted"):
        runs.open_run("abc")


def test_nothing_outside_the_folder_is_read(run, runs_dir, tmp_path):
    outside = tmp_path / "outside"
    shutil.copytree(run.folder, outside)
    (runs_dir / "link").symlink_to(outside)
    for name in ("link", "../outside"):
        with pytest.raises(RunError):
            runs.open_run(name)
    assert runs.list_runs() == [run]
    runs.prune(0)
    assert (outside / "recipe.json").is_file()


# Torn, half-written and damaged --------------------------------------------------------------


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


@pytest.mark.parametrize(
    "line", [b"", b"{", b"\x00" * 100, b"\xff\xfe", b"7", b"[]", b"{}", b'{"event": 3}', b"NaN"]
)
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
        runs.open_run(broken.name).recipe()
    with pytest.raises(RunError, match="There is no run"):
        runs.open_run("empty")
    assert runs.list_runs() == [run]
    assert runs.create(Recipe()) in runs.list_runs()


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"garbage", b"\x93NUMPY\x01\x00garbage", b"half"]
)
def test_damaged_arrays_are_told(run, content):
    run.save_kernel(1, np.zeros((784, 5)), np.zeros(5))
    path = run.folder / "kernels" / "0001.npz"
    path.write_bytes(path.read_bytes()[:3000] if content == b"half" else content)
    with pytest.raises(RunError, match=r"0001\.npz cannot be read"):
        run.kernel(1)


def test_arrays_with_a_flipped_bit_are_told(run):
    run.save_kernel(1, np.zeros((784, 5)), np.zeros(5))
    path = run.folder / "kernels" / "0001.npz"
    content = bytearray(path.read_bytes())
    content[2000] ^= 1
    path.write_bytes(content)
    with pytest.raises(RunError, match="cannot be read"):
        run.kernel(1)


def test_other_arrays_than_a_kernel_are_told(run):
    (run.folder / "kernels").mkdir()
    np.savez(run.folder / "kernels" / "0001.npz", weights=np.zeros(3))
    with pytest.raises(RunError, match=r"0001\.npz cannot be read"):
        run.kernel(1)


def test_pickles_are_never_opened(run):
    (run.folder / "kernels").mkdir()
    np.savez(run.folder / "kernels" / "0001.npz", kernel=np.array([{}], object), bias=np.zeros(1))
    with pytest.raises(RunError, match="cannot be read"):
        run.kernel(1)
    (run.folder / "kernels" / "0001.npz").write_bytes(b"\x80\x04N.")
    with pytest.raises(RunError, match="cannot be read"):
        run.kernel(1)


def test_files_of_a_killed_writer_are_no_kernels(run):
    run.save_kernel(1, np.zeros((784, 5)), np.zeros(5))
    for name in (".0002.npz.77", "notes.npz", "0003.txt", "0004b.npz"):
        (run.folder / "kernels" / name).write_bytes(b"x")
    assert run.kernel_epochs() == [1]


# Unwritable and full -------------------------------------------------------------------------


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
        run.hold("worker")
    assert run.recipe() == Recipe()


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
        run.save_kernel(1, np.zeros((784, 100)), np.zeros(100))
    assert sorted(small_disk.iterdir()) == folders
    assert run.kernel_epochs() == []
    assert not list(run.folder.glob("kernels/.*"))
    assert other.recipe() == Recipe(epochs=2)

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


# Old runs ------------------------------------------------------------------------------------


def test_the_oldest_ended_runs_make_room(runs_dir, monkeypatch):
    monkeypatch.setenv("FMNIST_MAX_RUNS", "3")
    made = [runs.create(Recipe(seed=0))]
    for seed in range(1, 6):
        # Runs made in the same second have no order; a second apart, they do.
        made[-1].folder.rename(runs_dir / f"20200101-00000{seed}-abcdef")
        runs.create(Recipe(seed=seed))
        made.append(next(run for run in runs.list_runs() if run.recipe().seed == seed))
    assert [run.recipe().seed for run in runs.list_runs()] == [5, 4, 3]


def test_waiting_and_training_runs_are_never_deleted(runs_dir, monkeypatch):
    monkeypatch.setenv("FMNIST_MAX_RUNS", "1")
    waiting = runs.create(Recipe(seed=1))
    with_queue = waiting.hold("queue")
    training = runs.create(Recipe(seed=2))
    with_worker = training.hold("worker")
    ended = runs.create(Recipe(seed=3))
    newest = runs.create(Recipe(seed=4))
    assert set(runs.list_runs()) == {waiting, training, newest}
    with pytest.raises(RunError, match="may have been deleted"):
        runs.open_run(ended.id)
    with_queue.release()
    with_worker.release()
    last = runs.create(Recipe(seed=5))
    assert runs.list_runs() == [last]


def test_a_held_run_is_refused_to_others(run):
    held = run.hold("worker")
    assert run.is_held("worker") and not run.is_held("queue")
    with pytest.raises(RunError, match="already at work"):
        run.hold("worker")
    held.release()
    run.hold("worker").release()


def test_a_deleted_run_is_told(run):
    shutil.rmtree(run.folder)
    assert events(run) == []
    with pytest.raises(RunError, match="cannot be read"):
        run.recipe()
    with pytest.raises(RunError, match="cannot be written"):
        run.hold("worker")
    with pytest.raises(RunError, match="cannot be written"):
        run.ask(Control("stop"))
