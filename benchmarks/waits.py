"""Whether the wait that a page tells is true within a third: runs of several people in one line.

``python -m benchmarks.waits`` starts many runs at once, notes every two seconds what each that
waits is told, and compares that with what became of it; ``--people 16`` is a class whose runs are
not all alike. The first looks are at what the app says before anything has been trained here.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass

from fmnist.recipe import Recipe
from fmnist.training import expected
from fmnist.training.queue import JobQueue
from fmnist.training.runs import Run
from fmnist.training.summaries import Summaries

# What a class starts, again and again: the notebook's recipe, and what people change in it.
RECIPES = (
    Recipe(epochs=50),
    Recipe(epochs=20, learning_rate=0.1),
    Recipe(epochs=50, hidden_units=(300, 100)),
    Recipe(epochs=30, optimizer="Adam", learning_rate=0.001),
    Recipe(epochs=50, batch_size=64, momentum=0.9),
    Recipe(epochs=50, dropout=0.2),
)
LOOK_SECONDS = 2.0
SHORT = 3.0  # seconds of a wait that nobody minds to be told wrongly
WITHIN = 1 / 3


@dataclass(frozen=True)
class Told:
    """What somebody who waits was told, and what became of it: seconds from the first Start."""

    when: float
    wait: float
    begun: float

    @property
    def true(self) -> float:
        """Seconds that the wait took."""
        return self.begun - self.when

    @property
    def error(self) -> float:
        """Share by which the seconds were too many or too few."""
        return abs(self.wait / self.true - 1)

    def words_hold(self) -> bool:
        """Whether the sentence on the page was true, within a third."""
        if self.wait < expected.WITHIN_A_MINUTE:
            return self.true <= 60 * (1 + WITHIN)
        return abs(expected.told_minutes(self.wait) * 60 / self.true - 1) <= WITHIN


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=8, help="who start a run each (%(default)s)")
    people = parser.parse_args().people
    with tempfile.TemporaryDirectory() as folder:
        os.environ["FMNIST_RUNS_DIR"] = folder
        queue = JobQueue()
        try:
            told = follow(queue, people)
        finally:
            queue.close()
    told = [item for item in told if item.true > SHORT]
    long = [item for item in told if item.wait >= expected.WITHIN_A_MINUTE]
    for name, part in (
        ("all", told),
        ("after the first 15 s", [item for item in told if item.when > 15]),
        ("told in minutes", long),
    ):
        if part:
            good = sum(item.error <= WITHIN for item in part) / len(part)
            true = sum(item.words_hold() for item in part) / len(part)
            print(
                f"{name}: {len(part)} told, {good:.0%} within a third, median error "
                f"{statistics.median(item.error for item in part):.0%}, worst "
                f"{max(item.error for item in part):.0%}; the page's words held for {true:.0%}"
            )


def follow(queue: JobQueue, people: int) -> list[Told]:
    """What each run was told and when, and when it was taken."""
    while not queue.ready():
        time.sleep(0.05)
    reader, start = Summaries(), time.monotonic()
    made: list[Run] = [
        queue.start(RECIPES[number % len(RECIPES)], f"person{number}") for number in range(people)
    ]
    told: dict[str, list[tuple[float, float]]] = defaultdict(list)
    begun: dict[str, float] = {}
    next_look = 0.0
    while len(begun) < len(made):
        now = time.monotonic() - start
        waiting = {item.run.id for item in queue.line().waiting}
        for run in made:
            if run.id not in waiting:
                begun.setdefault(run.id, now)
        if now >= next_look:
            next_look = now + LOOK_SECONDS
            for run_id, wait in expected.waits(queue.line(), reader, queue.capacity()).items():
                told[run_id].append((now, wait))
        time.sleep(0.1)
    return [
        Told(when, wait, begun[run_id]) for run_id, looks in told.items() for when, wait in looks
    ]


if __name__ == "__main__":
    main()
