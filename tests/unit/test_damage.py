"""Whatever is in a run folder, its readers say so in plain words, and soon."""

import signal

import pytest

from fmnist.training import files, runs
from fmnist.training.progress import LIVE, Follower
from fmnist.training.runs import Control, RunError
from fmnist.training.summaries import Damaged, Summaries, Summary
from tests.damage import DAMAGES, HOPELESS, PARTIAL
from tests.spoiling import finished_run

SECONDS = 20  # a reader that waits for a FIFO's writer would wait for ever


@pytest.fixture(autouse=True)
def in_time():
    def too_late(*_):
        raise TimeoutError(f"nothing came back within {SECONDS} s")

    before = signal.signal(signal.SIGALRM, too_late)
    signal.alarm(SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def run(runs_dir):
    return finished_run()


def test_there_are_many_kinds():
    assert len(DAMAGES) >= 70
    assert not set(HOPELESS) & set(PARTIAL)


def test_a_sound_run_is_read_whole(run):
    (summary,) = Summaries().all()
    assert isinstance(summary, Summary)
    assert (summary.state, summary.completed, summary.test.accuracy) == ("finished", 2, 0.8)
    assert run.kernel_epochs() == [0, 1, 2]
    assert [run.kernel(epoch)[0].shape for epoch in (0, 1, 2)] == [(784, 6)] * 3
    assert run.has_model()
    assert files.load_arrays(run.folder / "state.npz")["epoch"] == 2


@pytest.mark.parametrize("kind", DAMAGES)
def test_every_reader_copes_with_every_damage(run, kind):
    sound = finished_run()
    DAMAGES[kind](run)
    found = {item.run.id: item for item in Summaries().all()}
    assert isinstance(found[sound.id], Summary)
    assert isinstance(found[run.id], Damaged if kind in HOPELESS else Summary)
    assert (run in runs.list_runs()) is (kind in PARTIAL)
    follower = Follower(run)
    assert follower.state() not in LIVE
    assert follower.progress.completed in (0, 1, 2)
    assert isinstance(run.control(), Control)
    run.has_model()
    for epoch in (*run.kernel_epochs(), 2):
        try:
            kernel, bias = run.kernel(epoch)
            assert kernel.shape == (784, len(bias))
        except RunError as problem:
            assert len(str(problem)) < 300
    try:
        files.load_arrays(run.folder / "state.npz", {"epoch"})
    except RunError as problem:
        assert "state.npz cannot be read" in str(problem)
    runs.delete(run.id)
    assert [item.run for item in Summaries().all()] == [sound]


@pytest.mark.parametrize("kind", HOPELESS)
def test_a_hopeless_run_is_explained_without_its_own_words(run, kind):
    HOPELESS[kind](run)
    (found,) = Summaries().all()
    assert isinstance(found, Damaged)
    assert run.id in found.problem
    assert "Delete its folder" in found.problem
    assert len(found.problem) < 250
    assert not set(found.problem) & set("[]<>`*!")


def test_a_run_that_is_mended_is_shown_again(run):
    summaries = Summaries()
    before = summaries.of(run)
    content = run.events_path.read_bytes()
    HOPELESS["a FIFO for events"](run)
    with pytest.raises(RunError, match="events cannot be read"):
        summaries.of(run)
    run.events_path.unlink()
    run.events_path.write_bytes(content)
    assert summaries.of(run) == before


def test_a_run_that_is_deleted_between_listing_and_reading_is_told(run):
    summaries = Summaries()
    summaries.all()
    (listed,) = runs.folders()
    runs.delete(run.id)
    assert summaries.all() == []
    for read in (summaries.of, lambda run: run.check(), lambda run: run.recipe()):
        with pytest.raises(RunError, match="cannot be read"):
            read(listed)
    assert Follower(listed).poll().completed == 0
    assert listed.kernel_epochs() == []
