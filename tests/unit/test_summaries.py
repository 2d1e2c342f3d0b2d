"""What lists say of the runs is what stands in their folders, at most a second late."""

import os
import shutil
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fmnist import catalogue
from fmnist.recipe import Recipe
from fmnist.training import progress, runs
from fmnist.training.run import Place
from fmnist.training.runs import EventLog
from fmnist.training.summaries import SETTLED_SECONDS, Summaries
from tests.damage import HOPELESS
from tests.spoiling import EPOCH, finished_run

pytestmark = pytest.mark.slow

A_MOMENT = SETTLED_SECONDS + 0.2


@pytest.fixture
def summaries(runs_dir):
    return Summaries()


def anew():
    """What somebody finds who has never looked before."""
    return Summaries().sound()


# Whatever happens to the files ------------------------------------------------------------------


def train(run):
    log = EventLog(run)
    log.append("epoch_end", **EPOCH | {"epoch": progress.Follower(run).poll().completed + 1})
    log.close()


def resume(run):
    log = EventLog(run)
    log.append("worker_begin", epoch=1)
    log.close()
    run.model_path.unlink(missing_ok=True)


def finish(run):
    log = EventLog(run)
    log.append("train_end", state="finished")
    log.close()
    run.model_path.write_bytes(b"model")


def cut(run):
    os.truncate(run.events_path, run.events_path.stat().st_size // 2)


def damage_recipe(run):
    (run.folder / "recipe.json").write_bytes(b"{")


def set_clock_back(run):
    for path in run.folder.iterdir():
        os.utime(path, (1e9, 1e9))


def copy_over(run):
    """Another copy of the same run in its place, as a restored backup is."""
    shutil.copytree(run.folder, run.folder.with_name("copy"))
    shutil.rmtree(run.folder)
    run.folder.with_name("copy").rename(run.folder)


CHANGES = {
    action.__name__: action
    for action in (train, resume, finish, cut, damage_recipe, set_clock_back, copy_over)
} | {"delete": lambda run: shutil.rmtree(run.folder)}


@pytest.mark.parametrize("kind", CHANGES)
def test_any_change_of_a_finished_run_shows_within_a_second(summaries, kind):
    run, other = finished_run(), finished_run()
    before = summaries.sound()
    assert [item.run for item in before] == sorted([run, other], key=lambda it: it.id)[::-1]
    CHANGES[kind](run)
    time.sleep(A_MOMENT)
    assert summaries.sound() == anew()
    unchanged = kind in ("finish", "set_clock_back", "copy_over")
    assert (summaries.sound() == before) is unchanged


@settings(max_examples=12, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from([*CHANGES, "create"])), max_size=8))
def test_no_sequence_of_changes_leaves_anything_stale(runs_dir, monkeypatch, steps):
    """With the second taken away, so that each look has to find what the step before it did."""
    monkeypatch.setattr("fmnist.training.summaries.SETTLED_SECONDS", 0)
    shutil.rmtree(runs_dir, ignore_errors=True)
    summaries = Summaries()
    made = [finished_run() for _ in range(3)]
    for number, kind in steps:
        summaries.sound()
        run = made[number]
        if kind == "create":
            made[number] = runs.create(Recipe(seed=number))
        elif run.folder.exists() and (kind == "delete" or run.events_path.exists()):
            CHANGES[kind](run)
        assert summaries.sound() == anew()
        assert {item.run.id for item in summaries.sound()} <= {run.id for run in runs.folders()}


# What need not be waited for --------------------------------------------------------------------


def test_new_and_deleted_runs_show_at_once(summaries):
    first = finished_run()
    assert [item.run for item in summaries.sound()] == [first]
    second = finished_run()
    assert {item.run for item in summaries.sound()} == {first, second}
    runs.delete(first.id)
    assert [item.run for item in summaries.sound()] == [second]


def test_a_run_that_is_not_finished_shows_as_it_is_now(summaries):
    run = runs.create(Recipe(epochs=2))
    for completed in (1, 2):
        train(run)
        (item,) = summaries.sound()
        assert (item.completed, item.has_model) == (completed, False)
    finish(run)
    (item,) = summaries.sound()
    assert item.has_model
    assert [choice.ref for choice in catalogue.model_choices([item])][-1] == run.id


def test_one_run_asked_for_by_name_is_never_old(summaries):
    run = finished_run()
    summaries.sound()
    train(run)
    assert summaries.of(run).completed == 3
    assert summaries.state(run) == "finished"
    run.wait(Place(1.0))
    assert summaries.state(run) == "waiting"
    run.leave_line()
    HOPELESS["half a recipe"](run)
    for read in (summaries.of, summaries.state):
        with pytest.raises(runs.RunError, match="Delete its folder"):
            read(run)


def test_another_folder_of_runs_shows_its_own(summaries, runs_dir, monkeypatch):
    run = finished_run()
    assert [item.run for item in summaries.sound()] == [run]
    monkeypatch.setenv("FMNIST_RUNS_DIR", str(runs_dir.with_name("others")))
    assert summaries.sound() == []
    other = finished_run()
    assert [item.run for item in summaries.sound()] == [other]


def test_finished_runs_are_looked_at_once_a_second(summaries, monkeypatch):
    for _ in range(3):
        finished_run()
    opened = []
    real = os.lstat

    def counted(path, **options):
        opened.append(path)
        return real(path, **options)

    summaries.sound()
    monkeypatch.setattr(os, "lstat", counted)
    for _ in range(5):
        assert len(summaries.sound()) == 3
    assert opened == []
    time.sleep(A_MOMENT)
    summaries.sound()
    assert len(opened) == 12
