"""Record, chart and notebook say what the optimizer used, whatever people and accidents did.

Somebody changes the rate, pauses, steps, stops and resumes, and the process is killed, at any
mini-batch and between any two things that are written. What the optimizer had at each update is
written down here, beside the engine, and held against what the run says of itself.
"""

import ast
import json
import math
import time
from dataclasses import dataclass
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fmnist.recipe import Recipe
from fmnist.training import exports, job, progress, recorder, runs
from fmnist.training.progress import Follower
from fmnist.training.runs import Control
from fmnist.training.trainer import Trainer

# Keras's saving and NumPy 2 do not agree on `__array__`; nothing of ours is involved.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

CONSTANT = Recipe(
    epochs=4, training_images=300, validation_split=0.2, batch_size=20, hidden_units=(8,)
)  # 12 mini-batches an epoch
RECIPES = {
    "constant": CONSTANT,
    "cosine": Recipe.from_mapping(CONSTANT.to_dict() | {"learning_rate_schedule": "cosine"}),
}
UPDATES = CONSTANT.epochs * CONSTANT.batches_per_epoch
DEEDS = ("rate", "pause", "step", "stop", "kill", "kill before saving", "kill after saving")
RATES = (0.02, 0.005, 0.01, 0.1)


class Killed(BaseException):
    """The process is gone: nothing of ours catches this, and its locks are free."""


@dataclass(frozen=True)
class Deed:
    """What happens after so many more mini-batches, and the rate wished for with it, if any."""

    after: int
    kind: str
    rate: float | None


class World:
    """Everybody and everything around one run, acting by a script."""

    def __init__(self, run, script):
        self.run, self.script = run, list(script)
        self.wait = self.script[0].after if script else 0
        self.doom = ""
        self.later = None  # the rate wished for while the run is paused or at rest
        self.used = {}  # update -> rate of a constant, peak of a schedule
        self.trainer = None

    def wish(self, **values):
        control = self.run.control().__dict__ | values
        self.run.ask(Control(**control))

    def act(self):
        """After a mini-batch; the engine looks at the wishes next."""
        if not self.script or self.wait > 0:
            self.wait -= 1
            return
        deed = self.script.pop(0)
        self.wait = self.script[0].after if self.script else 0
        completed = Follower(self.run).poll().completed
        self.later = deed.rate
        if deed.kind == "rate" and deed.rate:
            self.wish(learning_rate=deed.rate)
        elif deed.kind == "pause":
            self.wish(state="pause", pause_after=None)
        elif deed.kind == "step":
            self.wish(state="run", pause_after=completed + 1)
        elif deed.kind == "stop":
            self.wish(state="stop", pause_after=None)
        elif deed.kind == "kill":
            raise Killed
        else:
            self.doom = deed.kind

    def hold(self, _seconds):
        """While the run is paused: set the rate, if that is the script, then let it go on."""
        if self.later:
            self.wish(learning_rate=self.later)
            self.later = None
        else:
            self.wish(state="run", pause_after=None)

    def resume(self):
        """The rate may be set while the run is at rest; then Resume is pressed."""
        if self.later:
            self.wish(learning_rate=self.later)
            self.later = None
        self.run.ask(Control(learning_rate=self.run.control().learning_rate))


class OneByOne:
    """Chunks of one mini-batch: after each, the rate is written down and the world acts."""

    def __init__(self, world):
        self.world = world

    def chunk_end(self, start, _stop):
        return start + 1

    def took(self, _batches, _seconds):
        trainer = self.world.trainer
        rate = trainer.model.optimizer.learning_rate if trainer._peak is None else trainer._peak
        update = int(trainer.model.optimizer.iterations.numpy()) - 1
        self.world.used[update] = float(rate.numpy())
        self.world.act()


@pytest.fixture(scope="module")
def trainers(tensorflow, data):
    """One compiled trainer for each recipe, put back to its start for each run: quick."""
    made = {name: Trainer(recipe, data) for name, recipe in RECIPES.items()}
    return {name: (trainer, trainer.state(0)) for name, trainer in made.items()}


def live(name, script, trainers, data, patch):
    """A run that goes through the script and then to its end; returns it and its world."""
    trainer, start = trainers[name]
    run = runs.create(RECIPES[name])
    world = World(run, script)
    world.trainer = trainer
    trainer.model.pace = OneByOne(world)
    save = recorder.save_arrays

    def save_arrays(path, arrays):
        doom, world.doom = world.doom, ""
        if doom == "kill before saving":
            raise Killed
        save(path, arrays)
        if doom == "kill after saving":
            raise Killed

    def make_trainer(*_):
        trainer.restore(start)
        return trainer

    clock = SimpleNamespace(
        perf_counter=time.perf_counter, monotonic=time.monotonic, sleep=world.hold
    )
    patch.setattr(recorder, "time", clock)
    patch.setattr(recorder, "save_arrays", save_arrays)
    patch.setattr(job, "Trainer", make_trainer)
    for _ in range(len(script) + 1):
        try:
            job.train_run(run, lambda: data)
        except Killed:
            assert Follower(run).state() == progress.INTERRUPTED
        if Follower(run).poll().phase == progress.FINISHED:
            return run, world
        world.resume()
    raise AssertionError("the script is over and the run is not")


def factor(name, update):
    """By how much the schedule has fallen before that update."""
    return 0.5 * (1 + math.cos(math.pi * update / UPDATES)) if name == "cosine" else 1.0


def notebook_rates(run, seen):
    """The rates of the exported notebook, read from its code."""
    if not seen.rate_changes:
        return {}
    cells = json.loads(exports.notebook(run.recipe, seen))["cells"]
    (line,) = (
        line
        for cell in cells
        for line in "".join(cell["source"]).splitlines()
        if line.startswith("rates = ")
    )
    return ast.literal_eval(line.removeprefix("rates = ").partition("  #")[0])


def check(name, run, world):
    seen, batches = Follower(run).poll(), CONSTANT.batches_per_epoch
    assert sorted(world.used) == list(range(UPDATES))
    used = {update: value * factor(name, update) for update, value in world.used.items()}
    rates = notebook_rates(run, seen)
    marks = {change.position: change.learning_rate for change in seen.rate_changes}
    assert list(marks) == sorted(marks) and len(marks) == len(seen.rate_changes)
    peak = CONSTANT.learning_rate
    for update in range(UPDATES):
        mark = [rate for position, rate in marks.items() if round(position * batches) == update]
        assert rates.get(update) == (mark[0] if mark else None)  # notebook and chart agree
        if mark:
            assert used[update] == pytest.approx(mark[0], rel=1e-4)
            peak = mark[0] / factor(name, update)
        assert used[update] == pytest.approx(peak * factor(name, update), rel=1e-4)
    assert len(seen.epochs) == CONSTANT.epochs
    for epoch in seen.epochs:
        last = epoch.epoch * batches - 1
        expected = world.used[last] * factor(name, last + 1)  # as Keras logs it: the present rate
        assert epoch.learning_rate == pytest.approx(expected, rel=1e-4, abs=1e-9)


def deeds():
    return st.builds(
        Deed, st.integers(0, 20), st.sampled_from(DEEDS), st.sampled_from((None, *RATES))
    )


LIE = [Deed(15, "rate", 0.1), Deed(3, "kill", None)]  # the lie that was found: epoch 2 at 0.01


@pytest.mark.parametrize("name", RECIPES)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(script=st.lists(deeds(), max_size=6))
@example(script=LIE)
@example(script=[Deed(15, "rate", 0.1), Deed(3, "stop", None)])
@example(script=[Deed(11, "rate", 0.1), Deed(0, "kill", 0.02)])
@example(script=[Deed(10, "kill before saving", None), Deed(2, "rate", 0.1), Deed(0, "stop", 0.02)])
@example(script=[Deed(5, "rate", 0.1), Deed(2, "kill after saving", None), Deed(12, "pause", 0.02)])
@example(script=[Deed(5, "rate", 0.1), Deed(8, "rate", 0.02), Deed(0, "kill", 0.1)])
def test_the_record_says_what_the_optimizer_used(name, script, trainers, data, runs_dir):
    with pytest.MonkeyPatch.context() as patch:
        run, world = live(name, script, trainers, data, patch)
        check(name, run, world)
        runs.delete(run.id)


def test_the_check_notices_a_lie(trainers, data, runs_dir, monkeypatch):
    run, world = live("constant", LIE, trainers, data, monkeypatch)
    check("constant", run, world)
    world.used[30] *= 2
    with pytest.raises(AssertionError):
        check("constant", run, world)


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_a_wish_obeyed_before_is_not_obeyed_again_on_resume(end, trainers, data, runs_dir):
    """A schedule has moved on since: setting the same rate again would take it back up."""
    script = [Deed(5, "rate", 0.005), Deed(20, end, None)]
    with pytest.MonkeyPatch.context() as patch:
        run, world = live("cosine", script, trainers, data, patch)
    check("cosine", run, world)
    (change,) = Follower(run).poll().rate_changes
    assert change.learning_rate == 0.005
    peaks = [world.used[update] for update in range(6, UPDATES)]
    assert peaks == [peaks[0]] * len(peaks)
