"""Anybody's Keras in the app: plain ``fit`` in another process, recorded by the callback."""

import json
import os
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from fmnist.network import read_network
from fmnist.recipe import Recipe
from fmnist.training import progress, runs
from fmnist.training.foreign import Foreign
from fmnist.training.progress import Follower
from fmnist.training.run_words import describe
from fmnist.training.runs import Control, RunError
from fmnist.training.summaries import Summaries

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
HEAD = """
import os
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
import keras, numpy as np
from fmnist.training.callback import RunCallback
rng = np.random.default_rng(0)
"""
MLP = """
x, y = rng.random((600, 28, 28), np.float32), rng.integers(0, 10, 600)
model = keras.Sequential([keras.Input((28, 28)), keras.layers.Flatten(),
    keras.layers.Dense(12, "relu"), keras.layers.Dense(10, "softmax")])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
"""


def script(*parts):
    return [sys.executable, "-c", "\n".join(textwrap.dedent(part) for part in (HEAD, *parts))]


def run_script(*parts, **options):
    return subprocess.run(
        script(*parts), cwd=ROOT, capture_output=True, text=True, check=False, **options
    )


def only_run():
    (run,) = runs.list_runs()
    return run


def test_an_mlp_of_ones_own_is_recorded_with_everything(runs_dir):
    done = run_script(
        MLP,
        """
        history = model.fit(x, y, epochs=3, batch_size=50, validation_split=0.25, verbose=0,
                            callbacks=[RunCallback("my <b>idea</b>", data="noise")])
        import json; print(json.dumps(history.history))
        """,
    )
    assert done.returncode == 0, done.stderr
    history = json.loads(done.stdout.splitlines()[-1])
    run = only_run()
    seen = Follower(run).poll()
    assert seen.phase == progress.FINISHED and Follower(run).state() == progress.FINISHED
    for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
        assert [getattr(epoch, name) for epoch in seen.epochs] == pytest.approx(history[name])
    assert (seen.data_name, seen.data_official) == ("noise", False)
    assert run.foreign.title == "my <b>idea</b>"
    assert (run.foreign.parameters, run.foreign.optimizer, run.epochs) == (9550, "Adam", 3)
    assert run.kept.epochs() == [0, 1, 2, 3]
    assert run.kept.first_layer(3)[0].shape == (784, 12)
    assert read_network(run.model_path, "it").layers[0].units == 12
    assert "9,550 parameters · Adam · 3 epochs" in describe(run)


def test_any_other_model_is_recorded_as_far_as_it_goes(runs_dir):
    """A convolution by the functional API, without validation and accuracy, from a generator."""
    done = run_script(
        """
        entry = keras.Input((8, 8, 1))
        out = keras.layers.Dense(1)(keras.layers.Flatten()(keras.layers.Conv2D(3, 3)(entry)))
        model = keras.Model(entry, out)
        schedule = keras.optimizers.schedules.CosineDecay(0.001, 100)
        model.compile(keras.optimizers.SGD(schedule), "mse")
        def batches():
            while True:
                yield rng.random((16, 8, 8, 1)), rng.random((16, 1))
        model.fit(batches(), steps_per_epoch=5, epochs=2, verbose=0, callbacks=[RunCallback()])
        """
    )
    assert done.returncode == 0, done.stderr
    run = only_run()
    seen = Follower(run).poll()
    assert seen.phase == progress.FINISHED and seen.completed == 2
    assert seen.epochs[0].loss > 0
    assert seen.epochs[0].val_loss != seen.epochs[0].val_loss  # NaN: there is none
    assert run.kept.epochs() == [] and not run.has_model()
    item = Summaries().of(run)
    assert (item.best, item.last) == (None, None)
    assert "Conv2D" in " ".join(run.foreign.layers)


def test_the_page_stops_it_pauses_it_and_sets_its_rate(runs_dir):
    process = subprocess.Popen(
        script(
            MLP,
            """
            model.fit(x, y, epochs=100000, verbose=0, callbacks=[RunCallback("long")])
            print("went on after fit", float(model.optimizer.learning_rate))
            """,
        ),
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        until(lambda: runs.list_runs() and Follower(only_run()).poll().completed >= 2)
        run = only_run()
        assert Follower(run).state() == progress.RUNNING
        run.ask(Control("pause", learning_rate=0.0625))
        until(lambda: Follower(run).state() == progress.PAUSED)
        with pytest.raises(RunError, match="at work"):
            runs.delete(run.id)
        run.ask(Control("stop", learning_rate=0.0625))
        out, _ = process.communicate(timeout=120)
    finally:
        process.kill()
        process.wait()
    assert out.splitlines()[-1] == "went on after fit 0.0625"
    seen = Follower(run).poll()
    assert Follower(run).state() == progress.STOPPED
    assert [change.learning_rate for change in seen.rate_changes] == [0.0625]


def test_a_program_that_dies_leaves_an_interrupted_run(runs_dir):
    run_script(
        MLP,
        """
        class Die(keras.callbacks.Callback):
            def on_epoch_end(self, epoch, logs=None):
                os._exit(1) if epoch == 1 else None
        model.fit(x, y, epochs=5, verbose=0, callbacks=[RunCallback(), Die()])
        """,
    )
    assert Follower(only_run()).state() == progress.INTERRUPTED


def test_a_disk_that_refuses_ends_the_recording_and_not_the_training(locked, tmp_path):
    done = run_script(
        MLP,
        """
        history = model.fit(x, y, epochs=2, verbose=0, callbacks=[RunCallback("x")])
        print(len(history.history["loss"]))
        """,
        env=os.environ | {"FMNIST_RUNS_DIR": str(locked)},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "2"
    assert "This run is not recorded any more" in done.stderr


def test_a_full_disk_in_mid_run_ends_the_recording_and_not_the_training(small_disk):
    done = run_script(
        MLP,
        """
        class Fill(keras.callbacks.Callback):
            def on_epoch_end(self, epoch, logs=None):
                if epoch == 1:
                    with open(os.environ["FMNIST_RUNS_DIR"] + "/filler", "wb") as file:
                        try:
                            file.write(b"x" * 400_000)
                        except OSError:
                            pass
        history = model.fit(x, y, epochs=6, verbose=0, callbacks=[RunCallback("x"), Fill()])
        print(len(history.history["loss"]))
        """,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "6"
    assert "not recorded any more" in done.stderr


@pytest.mark.parametrize(
    "garbage",
    [7, [], {}, {"title": "x"}, {"title": 7, "layers": [], "parameters": 1, "optimizer": "a",
     "epochs": 1}, {"title": "a" * 999, "layers": [], "parameters": 1, "optimizer": "a",
     "epochs": 1}, {"title": "a", "layers": ["x"] * 999, "parameters": 1, "optimizer": "a",
     "epochs": 1}, {"title": "a", "layers": [], "parameters": -1, "optimizer": "a", "epochs": 1},
     {"title": "a", "layers": [], "parameters": 1, "optimizer": "a", "epochs": 1e99}],
)  # fmt: skip
def test_garbage_in_its_place_is_a_damaged_run(runs_dir, garbage):
    run = runs.create(Recipe(), foreign=Foreign("a", (), 1, "SGD", 2))
    assert runs.open_run(run.id) == run
    path = run.folder / "recipe.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"foreign": garbage}))
    with pytest.raises(RunError, match="damaged"):
        runs.open_run(run.id)


def until(condition):
    waiting = threading.Event()
    for _ in range(1200):
        if condition():
            return
        waiting.wait(0.1)
    raise AssertionError("it did not happen within two minutes")
