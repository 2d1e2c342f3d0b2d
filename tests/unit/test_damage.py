"""Whatever is in a run folder, its readers say so in plain words, and soon."""

import signal

import pytest

from fmnist.training import files, runs
from fmnist.training.progress import LIVE, Follower
from fmnist.training.runs import Control, RunError
from fmnist.training.summaries import Summaries
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
    summaries = Summaries()
    (summary,) = summaries.sound()
    assert (summaries.state(run), summary.completed, summary.test.accuracy) == ("finished", 2, 0.8)
    assert run.kept.epochs() == [0, 1, 2]
    assert [run.kept.first_layer(epoch)[0].shape for epoch in (0, 1, 2)] == [(784, 6)] * 3
    assert run.has_model() and summary.has_model
    assert files.load_arrays(run.folder / "state.npz")["epoch"] == 2


@pytest.mark.parametrize("kind", DAMAGES)
def test_every_reader_copes_with_every_damage(run, kind):
    sound = finished_run()
    DAMAGES[kind](run)
    shown = {item.run.id for item in Summaries().sound()}
    assert shown == ({sound.id} if kind in HOPELESS else {sound.id, run.id})
    assert (run in runs.list_runs()) is (kind in PARTIAL)
    follower = Follower(run)
    assert follower.state() not in LIVE
    assert follower.progress.completed in (0, 1, 2)
    assert isinstance(run.control(), Control)
    run.has_model()
    for epoch in (*run.kept.epochs(), 2):
        try:
            kernel, bias = run.kept.first_layer(epoch)
            assert kernel.shape == (784, len(bias))
        except RunError as problem:
            assert len(str(problem)) < 300
    try:
        files.load_arrays(run.folder / "state.npz", {"epoch"})
    except RunError as problem:
        assert "state.npz cannot be read" in str(problem)
    runs.delete(run.id)
    assert [item.run for item in Summaries().sound()] == [sound]


@pytest.mark.parametrize("kind", HOPELESS)
def test_a_hopeless_run_is_explained_without_its_own_words(run, kind):
    HOPELESS[kind](run)
    (found,) = runs.folders()
    for read in (Summaries().of, Summaries().state):
        with pytest.raises(RunError) as caught:
            read(found)
        problem = str(caught.value)
        assert run.id in problem
        assert "Delete its folder" in problem
        assert len(problem) < 250
        assert not set(problem) & set("[]<>`*!")


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
    summaries.sound()
    (listed,) = runs.folders()
    runs.delete(run.id)
    assert summaries.sound() == []
    for read in (summaries.of, summaries.state, lambda folder: folder.read()):
        with pytest.raises(RunError, match="cannot be read"):
            read(listed)
    assert Follower(run).poll().completed == 0
    assert run.kept.epochs() == []
