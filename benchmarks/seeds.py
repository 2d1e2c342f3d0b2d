"""Five seeds of the notebook's recipe, started as one group, against one run of it.

``python -m benchmarks.seeds`` prints the ratio of the two times, both from Start to the end, with a
training process that stands by.
"""

import argparse
import os
import tempfile
import time

from fmnist.recipe import Recipe
from fmnist.training import groups
from fmnist.training.progress import FINISHED, LIVE, Follower
from fmnist.training.queue import JobQueue

BAR = 2.8
SEEDS = 5


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=Recipe().epochs)
    chosen = parser.parse_args()
    ratios = []
    with tempfile.TemporaryDirectory() as folder:
        os.environ["FMNIST_RUNS_DIR"] = folder
        recipe = Recipe(epochs=chosen.epochs)
        for _ in range(chosen.rounds):
            one, several = once(recipe), once(recipe, SEEDS)
            ratios.append(several / one)
            print(f"one run {one:.1f} s, {SEEDS} seeds {several:.1f} s: {ratios[-1]:.2f} times")
    print(f"median {sorted(ratios)[len(ratios) // 2]:.2f}, bar {BAR}")


def once(recipe: Recipe, seeds: int = 1) -> float:
    """Seconds from Start to the end of all, on a queue that is warm and has done nothing else."""
    queue = JobQueue()
    try:
        while not queue.ready():
            time.sleep(0.05)
        start = time.perf_counter()
        recipes = groups.plan(recipe, {}, seeds) if seeds > 1 else [recipe]
        made = queue.start_group(recipes, "", groups.new_id())
        readers = [Follower(run) for run in made]  # as pages do, each event is read once
        while any(reader.state() in LIVE for reader in readers):
            time.sleep(0.1)
        seconds = time.perf_counter() - start
        assert all(reader.state() == FINISHED for reader in readers)
        return seconds
    finally:
        queue.close()


if __name__ == "__main__":
    main()
