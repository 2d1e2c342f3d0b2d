"""Whether the wait that a page tells is true within a third: runs of several people in one line.

``python -m benchmarks.waits`` starts runs of different lengths at once, notes every two seconds
what each that waits is told, and compares that with what became of it. The first of them tell what
the app says before anything has been trained here.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections import defaultdict

from fmnist.recipe import Recipe
from fmnist.training import expected
from fmnist.training.queue import JobQueue
from fmnist.training.runs import Run
from fmnist.training.summaries import Summaries

EPOCHS = (20, 50, 10, 30, 20, 50, 10, 30)
PEOPLE = 4
LOOK_SECONDS = 2.0
SHORT = 3.0  # seconds of a wait that nobody minds to be told wrongly
WITHIN = 1 / 3


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["FMNIST_RUNS_DIR"] = folder
        queue = JobQueue()
        try:
            told, begun = follow(queue)
        finally:
            queue.close()
    errors = []
    for run_id, looks in told.items():
        for when, wait in looks:
            true = begun[run_id] - when
            if true > SHORT:
                errors.append((when, wait / true - 1))
    errors.sort()
    for name, part in (("all", errors), ("after the first 15 s", [e for e in errors if e[0] > 15])):
        sizes = [abs(error) for _, error in part]
        good = sum(size <= WITHIN for size in sizes)
        print(f"{name}: {len(sizes)} told, {good / len(sizes):.0%} within a third, median error "
              f"{statistics.median(sizes):.0%}, worst {max(sizes):.0%}")  # fmt: skip


def follow(queue: JobQueue) -> tuple[dict[str, list[tuple[float, float]]], dict[str, float]]:
    """What each run was told and when, and when it was taken: seconds from the first Start."""
    while not queue.ready():
        time.sleep(0.05)
    reader, start = Summaries(), time.monotonic()
    made: list[Run] = [
        queue.start(Recipe(epochs=epochs, seed=number), f"person{number % PEOPLE}")
        for number, epochs in enumerate(EPOCHS)
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
    return told, begun


if __name__ == "__main__":
    main()
