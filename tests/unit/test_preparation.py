"""Changed copies of the images take minutes: a run says how far they are, and Stop stops them."""

import threading
import time

import numpy as np
import pytest

from fmnist.recipe import Recipe
from fmnist.synthetic import augment
from fmnist.training import progress, recorder, runs
from fmnist.training.job import train_run
from fmnist.training.progress import Follower
from fmnist.training.runs import Control

# Keras's saving and NumPy 2 do not agree on `__array__`; nothing of ours is involved.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

COPIES = Recipe(epochs=1, training_images=6000, augmentation="pictures", hidden_units=(8,))


def preparing(run):
    """The shares that were told so far."""
    return [event["share"] for event in runs.read_events(run)[0] if event["event"] == "preparing"]


@pytest.mark.slow
def test_the_share_grows_from_nothing_to_nearly_all(data):
    told = []
    images = data.train_images[:1000]
    made = augment.variants(images, 0, tell=told.append)
    assert told == sorted(told)
    assert told[0] == 0
    assert 0.7 < told[-1] < 1
    assert np.array_equal(made, augment.variants(images, 0))


@pytest.mark.slow
def test_stop_is_obeyed_while_the_images_are_made(tensorflow, data, runs_dir, monkeypatch):
    monkeypatch.setattr(recorder, "TELL_SECONDS", 0)
    run = runs.create(COPIES)

    def stop_in_the_middle():
        deadline = time.monotonic() + 120
        while not any(share > 0.1 for share in preparing(run)) and time.monotonic() < deadline:
            time.sleep(0.01)
        run.ask(Control("stop"))

    somebody = threading.Thread(target=stop_in_the_middle)
    somebody.start()
    train_run(run, lambda: data)
    somebody.join()
    assert Follower(run).state() == progress.STOPPED
    assert max(preparing(run)) < 0.9
    assert not run.model_path.exists()

    run.ask(Control("run"))
    train_run(run, lambda: data)
    seen = Follower(run).poll()
    assert (seen.phase, seen.completed, seen.prepared) == (progress.FINISHED, 1, None), seen.message


def test_the_share_belongs_to_a_run_that_warms_up():
    seen = progress.Progress()
    seen.feed({"event": "worker_begin", "epoch": 0})
    assert seen.prepared is None
    seen.feed({"event": "preparing", "share": 0.35})
    for damaged in (2, -1, "half", None, float("nan")):
        seen.feed({"event": "preparing", "share": damaged})
    assert (seen.phase, seen.prepared) == (progress.WARMING_UP, 0.35)
    seen.feed({"event": "train_begin", "learning_rate": 0.1, "data_name": "x",
               "data_official": True})  # fmt: skip
    assert (seen.phase, seen.prepared) == (progress.RUNNING, None)
