"""What each setting of a recipe costs an epoch, beside the notebook's own, in one process.

    python -m benchmarks.settings

A setting that makes the compiled loop slow shows here: dropout once took fourteen times as long.
"""

import statistics
import time
from typing import Any

from fmnist import dataset
from fmnist.recipe import OPTIMIZERS, Recipe
from fmnist.training.tensorflow_start import start_tensorflow
from fmnist.training.trainer import Trainer

EPOCHS = 4  # the first is compiled in, and does not count
BAR = 3.0  # times an epoch of the notebook, for one setting alone
CHANGES: tuple[dict[str, Any], ...] = (
    {},
    *({"optimizer": name} for name in OPTIMIZERS if name != "SGD"),
    {"momentum": 0.9}, {"l2": 0.001}, {"dropout": 0.2}, {"ema_momentum": 0.99},
    {"learning_rate_schedule": "cosine"}, {"augmentation": "flip"}, {"first_layer": "random"},
    {"shuffled_labels": 0.5},
    {"optimizer": "AdamW", "l2": 0.001, "dropout": 0.2, "ema_momentum": 0.99,
     "augmentation": "flip", "learning_rate_schedule": "cosine"},
)  # fmt: skip


class Clock:
    """Observer that notes when each epoch ends."""

    def __init__(self) -> None:
        self.ends = [time.perf_counter()]

    def on_train_begin(self) -> None:
        """Nothing is noted."""

    def on_epoch_begin(self) -> None:
        """Nothing is noted."""

    def on_train_batch_end(self, batch: int, logs: dict[str, float]) -> None:
        """Nothing is noted."""

    def on_epoch_end(self, logs: dict[str, float]) -> None:
        """Note the time."""
        self.ends.append(time.perf_counter())

    def median(self) -> float:
        """Seconds of an epoch, without the first."""
        return statistics.median(b - a for a, b in zip(self.ends[1:], self.ends[2:], strict=False))


def main() -> None:
    """Measure, and print a table."""
    start_tensorflow()
    data = dataset.load()
    notebook = 0.0
    for change in CHANGES:
        clock = Clock()
        Trainer(Recipe(epochs=EPOCHS, **change), data).fit(clock)
        seconds = clock.median()
        notebook = notebook or seconds
        ratio = seconds / notebook
        words = ", ".join(f"{name} {value}" for name, value in change.items()) or "notebook"
        verdict = "SLOW  " if len(change) == 1 and ratio > BAR else ""
        print(f"{seconds:6.2f} s {ratio:5.1f}x  {verdict}{words}")


if __name__ == "__main__":
    main()
