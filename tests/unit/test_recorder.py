"""What is written while Keras trains, and how wishes are obeyed, in whole short runs."""

import itertools
import math
import threading
import time

import pytest

from fmnist.recipe import Recipe
from fmnist.training import pace, progress, runs
from fmnist.training.job import train_run
from fmnist.training.progress import Follower
from fmnist.training.runs import Control
from fmnist.training.trainer import Trainer
from tests.unit.test_trainer import Silent

# Keras's saving and NumPy 2 do not agree on `__array__`; nothing of ours is involved.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

# Several chunks an epoch: wishes are obeyed between chunks.
CHUNK_SECONDS = 0.02
SMALL = Recipe(epochs=4, training_images=6000, batch_size=1, hidden_units=(64,), learning_rate=1e-3)


@pytest.fixture(autouse=True)
def _started(tensorflow, runs_dir, monkeypatch):
    monkeypatch.setattr(pace, "CHUNK_SECONDS", CHUNK_SECONDS)


class Training:
    """A run that trains in a thread, as a worker trains it."""

    def __init__(self, run, data):
        self.run = run
        self._data = data
        self._thread = threading.Thread(target=self._train)
        self.problem = None

    def _train(self):
        try:
            train_run(self.run, lambda: self._data)
        except BaseException as problem:
            self.problem = problem

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        if self._thread.is_alive():
            self.run.ask(Control("stop"))
        self.join()

    def join(self):
        self._thread.join(60)
        assert not self._thread.is_alive()
        assert self.problem is None

    def until(self, condition):
        """Wait until the progress fulfils a condition."""
        follower = Follower(self.run)
        deadline = time.monotonic() + 60
        while not condition(seen := follower.poll()):
            assert time.monotonic() < deadline, seen.phase
            time.sleep(0.01)
        return seen


def events(run):
    return runs.read_events(run)[0]


def history(run):
    return [
        {name: getattr(item, name) for name in ("loss", "accuracy", "val_loss", "val_accuracy")}
        for item in Follower(run).poll().epochs
    ]


@pytest.fixture(scope="module")
def finished(tensorflow, data, tmp_path_factory):
    """One run from start to end."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FMNIST_RUNS_DIR", str(tmp_path_factory.mktemp("runs")))
        patch.setattr(pace, "CHUNK_SECONDS", CHUNK_SECONDS)
        run = runs.create(SMALL)
        train_run(run, lambda: data)
    return run


def test_the_history_is_that_of_fit(finished, data):
    seen = Silent()
    Trainer(SMALL, data).fit(seen)
    assert history(finished) == seen.epochs


def test_events_come_in_keras_order(finished):
    told = [event["event"] for event in events(finished)]
    names = [name for name, _ in itertools.groupby(told)]
    epoch = ["batch_end", "epoch_end"]
    assert names == ["worker_begin", "train_begin", *epoch * 4, "test_end", "train_end"]
    assert told.count("batch_end") >= 2 * 4


def test_windows_of_an_epoch_add_up_to_its_mean(finished):
    seen = Follower(finished).poll()
    positions = [0.0, *(point.position for point in seen.points)]
    for number, epoch in enumerate(seen.epochs):
        inside = [
            (point, point.position - before)
            for before, point in zip(positions, seen.points, strict=False)
            if number < point.position <= number + 1
        ]
        assert sum(width for _, width in inside) == pytest.approx(1)
        for name in ("loss", "accuracy"):
            mean = sum(getattr(point, name) * width for point, width in inside)
            assert mean == pytest.approx(getattr(epoch, name), rel=1e-4)


def test_positions_and_times_only_grow(finished):
    told = [event for event in events(finished) if event["event"] == "batch_end"]
    for one, other in itertools.pairwise(told):
        assert one["position"] < other["position"]
        assert one["elapsed"] < other["elapsed"]
    assert told[-1]["position"] == 4
    assert all(event["images_per_second"] > 0 and 0 <= event["accuracy"] <= 1 for event in told)
    seen = Follower(finished).poll()
    assert sum(item.seconds for item in seen.epochs) == pytest.approx(seen.elapsed)


def test_the_first_layer_is_kept_from_before_the_first_epoch_on(finished, data):
    assert finished.kept.epochs() == [0, 1, 2, 3, 4]
    before, _ = Trainer(SMALL, data).first_layer()
    assert finished.kept.first_layer(0)[0] == pytest.approx(before, rel=1e-3, abs=1e-4)
    assert abs(finished.kept.first_layer(4)[0] - finished.kept.first_layer(0)[0]).max() > 0.01


def test_pause_holds_and_its_time_does_not_count(data):
    run = runs.create(SMALL)
    with Training(run, data) as training:
        training.until(lambda seen: seen.points)
        run.ask(Control("pause"))
        paused = training.until(lambda seen: seen.phase == progress.PAUSED)
        points, elapsed, clock = len(paused.points), paused.elapsed, time.monotonic()
        time.sleep(1.0)
        assert len(Follower(run).poll().points) == points
        assert Follower(run).state() == progress.PAUSED
        run.ask(Control("run"))
        seen = training.until(lambda seen: len(seen.points) > points)
        held = time.monotonic() - clock
        assert held >= 1.0
        first = events(run)[[e["event"] for e in events(run)].index("continue") + 1]
        assert first["elapsed"] - elapsed < held - 0.9
        assert seen.phase == progress.RUNNING
        training.join()
    assert Follower(run).state() == progress.FINISHED


def test_a_pause_changes_no_number(data, finished):
    run = runs.create(SMALL)
    run.ask(Control("pause"))
    with Training(run, data) as training:
        training.until(lambda seen: seen.phase == progress.PAUSED)
        run.ask(Control())
        training.join()
    assert history(run) == history(finished)


def test_step_trains_to_the_end_of_the_epoch(data, finished):
    run = runs.create(SMALL)
    run.ask(Control("run", pause_after=1))
    with Training(run, data) as training:
        for epoch in (1, 2):
            seen = training.until(
                lambda seen, epoch=epoch: seen.phase == progress.PAUSED and seen.completed == epoch
            )
            assert seen.position == epoch
            run.ask(Control("run", pause_after=epoch + 1))
        training.until(lambda seen: seen.completed == 3)
        run.ask(Control())
        training.join()
    assert history(run) == history(finished)


def test_stop_ends_a_pause_too(data):
    run = runs.create(SMALL)
    run.ask(Control("pause"))
    with Training(run, data) as training:
        training.until(lambda seen: seen.phase == progress.PAUSED)
        run.ask(Control("stop"))
        training.join()
    assert Follower(run).state() == progress.STOPPED
    assert not run.model_path.exists()  # no epoch was complete
    assert "continue" not in [event["event"] for event in events(run)]


def test_a_new_rate_is_marked_where_it_took_effect(data, finished):
    run = runs.create(SMALL)
    run.ask(Control("run", pause_after=2))
    with Training(run, data) as training:
        training.until(lambda seen: seen.phase == progress.PAUSED)
        run.ask(Control("run", learning_rate=0.0002))
        training.join()
    seen = Follower(run).poll()
    assert [(item.position, item.learning_rate) for item in seen.rate_changes] == [(2.0, 0.0002)]
    assert [item.learning_rate for item in seen.epochs] == [0.001, 0.001, 0.0002, 0.0002]
    assert history(run)[:2] == history(finished)[:2]
    assert history(run)[2] != history(finished)[2]


def test_a_rate_that_is_already_in_use_is_not_marked(data):
    run = runs.create(SMALL)
    run.ask(Control(learning_rate=SMALL.learning_rate))
    with Training(run, data) as training:
        training.until(lambda seen: seen.completed == 1)
        run.ask(Control("stop", learning_rate=SMALL.learning_rate))
        training.join()
    assert Follower(run).poll().rate_changes == []


def test_garbage_as_a_wish_changes_nothing(data, finished):
    run = runs.create(SMALL)
    (run.folder / "control.json").write_text('{"state": "run", "learning_rate": "fast"}')
    train_run(run, lambda: data)
    assert history(run) == history(finished)


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe(epochs=3, training_images=1000, learning_rate=10, momentum=0.999, l2=1),
        Recipe(epochs=3, training_images=1000, learning_rate=10, l2=1, hidden_units=()),
    ],
    ids=["hidden", "linear"],
)
def test_a_loss_beyond_numbers_fails_in_plain_words(data, recipe):
    run = runs.create(recipe)
    train_run(run, lambda: data)
    seen = Follower(run).poll()
    assert seen.phase == progress.FAILED
    assert seen.message.startswith("The loss is no longer a number in epoch 1")
    assert "learning rate of 10 " in seen.message
    assert all(math.isfinite(point.loss) for point in seen.points)
    assert b"NaN" not in run.events_path.read_bytes()
    assert seen.test is None
