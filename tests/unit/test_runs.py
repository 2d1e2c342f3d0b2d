"""The run folder: what is kept, what may be asked, which names are refused, what makes room."""

import shutil
import tempfile
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fmnist.recipe import Recipe
from fmnist.training import runs
from fmnist.training.kept import MAX_EPOCHS, stride
from fmnist.training.runs import Control, EventLog, Run, RunError


@pytest.fixture
def run(runs_dir):
    return runs.create(Recipe(epochs=3))


def events(run):
    return runs.read_events(run)[0]


# A sound folder ------------------------------------------------------------------------------


def test_a_new_run_is_found_with_its_recipe(run, runs_dir):
    again = runs.open_run(run.id)
    assert again == run
    assert again.recipe == Recipe(epochs=3)
    assert run.folder == runs_dir / run.id
    assert runs.list_runs() == [run]
    assert run.created == pytest.approx((run.folder / "recipe.json").stat().st_mtime, abs=5)
    assert events(run) == []
    assert run.kept.epochs() == []
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
        run = Run("one", Path(folder), Recipe(), 0.0)
        log = EventLog(run)
        for value in values:
            log.append("number", value=value)
        log.close()
        assert [event["value"] for event in events(run)] == values


def test_kernels_are_kept_as_float16(run):
    rng = np.random.default_rng(0)
    kernel, bias = rng.normal(size=(784, 100)), rng.normal(size=100)
    run.kept.save(0, kernel, bias)
    run.kept.save(12, 2 * kernel, bias)
    assert run.kept.epochs() == [0, 12]
    got, got_bias = run.kept.first_layer(12)
    assert got.shape == (784, 100) and got.dtype == got_bias.dtype == np.float32
    np.testing.assert_allclose(got, 2 * kernel, rtol=1e-3, atol=1e-6)
    np.testing.assert_allclose(got_bias, bias, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize(
    ("epochs", "every"), [(1, 1), (50, 1), (100, 1), (101, 2), (150, 2), (1000, 10)]
)
def test_about_a_hundred_kernels_at_most(epochs, every):
    assert stride(epochs) == every
    assert len(range(0, epochs + 1, every)) <= MAX_EPOCHS + 2


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


# Locked and deleted runs ------------------------------------------------------------------------


def test_a_locked_run_is_refused_to_others(run):
    lock = run.acquire("worker")
    assert run.is_locked("worker") and not run.is_locked("queue")
    with pytest.raises(RunError, match="already at work"):
        run.acquire("worker")
    lock.release()
    run.acquire("worker").release()


def test_a_deleted_run_is_told(run):
    shutil.rmtree(run.folder)
    assert events(run) == []
    with pytest.raises(RunError, match="cannot be read"):
        run.read()
    assert run.recipe == Recipe(epochs=3)  # what was read of it stays
    with pytest.raises(RunError, match="cannot be written"):
        run.acquire("worker")
    with pytest.raises(RunError, match="cannot be written"):
        run.ask(Control("stop"))
