"""Files of a run folder: recipe, control, events, first layers."""

import json
import math
from dataclasses import astuple
from pathlib import Path
from zlib import crc32

import numpy as np

from fmnist.charts.training import View, training_figure
from fmnist.layers import parameter_count
from fmnist.recipe import Recipe, field_table
from fmnist.recipe_words import brief, describe
from fmnist.training import exports
from fmnist.training.progress import MAX_EPOCHS, Follower, Progress
from fmnist.training.run import LATEST, Run
from fmnist.training.values import LARGEST
from tests.fuzz.corpus_records import RUN_ID

PIECES = 3


class RunFolder:
    """One run whose files are written again and again."""

    def __init__(self, folder: Path) -> None:
        self._run = Run(RUN_ID, folder / RUN_ID, Recipe(), 0.0)
        (self._run.folder / "kernels").mkdir(parents=True)

    def recipe(self, content: bytes) -> bool:
        """A recipe within its limits, which survives JSON and the address, or RunError."""
        (self._run.folder / "recipe.json").write_bytes(content)
        run = self._run.read()
        assert 0 <= run.created <= LATEST
        check_recipe(run.recipe)
        return True

    def control(self, content: bytes) -> bool:
        """A wish within its limits; whatever cannot be read is the default, without a word."""
        (self._run.folder / "control.json").write_bytes(content)
        wish = self._run.control()
        assert wish.state in ("run", "pause", "stop")
        after, rate = wish.pause_after, wish.learning_rate
        assert after is None or (type(after) is int and after >= 0)
        assert rate is None or 0 < rate <= LARGEST
        assert wish.holds(2) in (True, False)
        return True

    def events(self, content: bytes) -> bool:
        """Figures within their limits, the same whether the file is there at once or grows."""
        self._run.events_path.write_bytes(content)
        whole, coarse = Follower(self._run), Follower(self._run, points=False)
        assert whole.state() in ("waiting", "interrupted", "stopped", "failed", "finished")
        progress = whole.poll()
        check_progress(progress)
        assert [astuple(item) for item in coarse.poll().epochs] == [
            astuple(item) for item in progress.epochs
        ]
        growing = Follower(self._run)
        for piece in range(1, PIECES + 1):
            self._run.events_path.write_bytes(content[: len(content) * piece // PIECES])
            growing.poll()
        assert growing.progress == progress, "another progress when read in pieces"
        if crc32(content) % 4 == 0:
            show(progress)
        return True

    def kernel(self, content: bytes) -> bool:
        """A first layer of finite numbers, or RunError."""
        (self._run.folder / "kernels" / "0001.npz").write_bytes(content)
        kernel, bias = self._run.kept.first_layer(1)
        assert kernel.shape == (784, bias.size) and kernel.dtype == bias.dtype == np.float32
        assert np.isfinite(kernel).all() and np.isfinite(bias).all()
        return True


def check_recipe(recipe: Recipe) -> None:
    """Each field is within its limits; JSON, address and words cope with it."""
    for name, item in field_table().items():
        value = getattr(recipe, name)
        if item.choices:
            assert value in item.choices
            continue
        for number in value if isinstance(value, tuple) else (value,):
            assert type(number) in (int, float) and math.isfinite(number)
            assert item.minimum <= number <= item.maximum, (name, number)  # type: ignore[operator]
    assert Recipe.from_mapping(json.loads(json.dumps(recipe.to_dict()))) == recipe
    assert Recipe.from_mapping(recipe.to_query()) == recipe
    assert describe(recipe).isprintable() and brief(recipe).isprintable()
    assert parameter_count(recipe) > 0 and recipe.batches_per_epoch > 0


def check_progress(progress: Progress) -> None:
    """Numbers that can be drawn, of epochs in their order."""
    numbers = [epoch.epoch for epoch in progress.epochs]
    assert numbers == sorted(set(numbers)) and all(0 < number <= MAX_EPOCHS for number in numbers)
    for record in (*progress.epochs, *progress.points, *progress.rate_changes):
        assert all(type(value) in (int, float) for value in astuple(record)), record
        assert all(0 <= value <= LARGEST for value in astuple(record)), record
    assert math.isfinite(progress.elapsed) and math.isfinite(progress.images_per_second)
    assert 0 <= progress.position <= MAX_EPOCHS
    assert type(progress.data_name) is type(progress.message) is str
    for sample in progress.test.samples if progress.test else ():
        assert 0 <= sample.index < 10_000 and len(sample.probabilities) == 10
        assert {sample.true_class, sample.predicted_class} <= set(range(10))


def show(progress: Progress) -> None:
    """Charts and exports of whatever was read, as JSON without NaN."""
    for view in (View(), View(smoothing=0.9, log_loss=True)):
        for metric in ("loss", "accuracy"):
            figure = training_figure(progress, metric, 3, view)  # type: ignore[arg-type]
            json.dumps(figure, allow_nan=False, default=np.ndarray.tolist)
    assert exports.history_csv(progress).count("\n") >= 1 + len(progress.epochs)
    json.loads(exports.notebook(Recipe(epochs=3), progress))
