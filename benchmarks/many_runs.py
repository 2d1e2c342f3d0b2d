"""What forty long runs cost the pages, and what many runs cost the next Start.

The scripts of the pages are run as a visit runs them, without a browser, in a folder with no run
and in one with forty runs of 500 epochs; and a run is made beside 5 others and beside 500. What
counts are the ratios. Prints a table and writes JSON.

    python -m benchmarks.many_runs
"""

import json
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from streamlit.testing.v1 import AppTest

from benchmarks.server import ROOT
from fmnist.recipe import Recipe
from fmnist.training import runs
from fmnist.training.runs import EventLog, Run
from fmnist.ui.parts import frame

RESULTS = Path(__file__).parent / "results" / "many_runs.json"
RUNS, EPOCHS, POINTS = 40, 500, 8
FEW, MANY = 5, 500
TRIES = 7
PAGES = ("streamlit_app.py", "pages/train.py", "pages/predict.py", "pages/weights.py",
         "pages/evaluate.py")  # fmt: skip


def long_run() -> Run:
    """A finished run of 500 epochs, as a worker leaves it; without its model."""
    run = runs.create(Recipe(epochs=EPOCHS))
    lines = []

    def append(event: str, **values: object) -> None:
        lines.append(json.dumps({"event": event, "time": time.time(), **values}))

    append("worker_begin", epoch=0)
    append("train_begin", learning_rate=0.01, data_name="Fashion-MNIST", data_official=True)
    figures = {"loss": 0.31234567, "accuracy": 0.887654321, "elapsed": 1.23456789}
    for epoch in range(EPOCHS):
        for point in range(POINTS):
            position = epoch + (point + 1) / POINTS
            append("batch_end", position=position, images_per_second=123456.7, **figures)
        append("epoch_end", epoch=epoch + 1, learning_rate=0.01, seconds=0.3, **figures,
               val_loss=0.33, val_accuracy=0.88)  # fmt: skip
    append("test_end", loss=0.3, accuracy=0.88, samples=[])
    append("train_end", state="finished")
    run.events_path.write_text("\n".join(lines) + "\n")
    run.save_kernel(EPOCHS, np.zeros((784, 100), np.float32), np.zeros(100, np.float32))
    return run


def seconds_to_draw(page: str) -> tuple[float, float]:
    """The first visit of a server, and the median of those after it."""
    taken = []
    for _ in range(TRIES + 1):
        app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
        if page != PAGES[0]:
            app.switch_page(page)
        start = time.perf_counter()
        app.run()
        taken.append(time.perf_counter() - start)
        assert not app.exception, app.exception
    return taken[0], statistics.median(taken[1:])


def median(action: Callable[[], object]) -> float:
    """Seconds that something takes."""
    taken = []
    for _ in range(TRIES):
        start = time.perf_counter()
        action()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def measure_pages(folder: Path) -> dict[str, float]:
    """Every page without runs, then with forty long ones."""
    found = {}
    (folder / "none").mkdir()
    os.environ["FMNIST_RUNS_DIR"] = str(folder / "none")
    for page in PAGES:
        found[f"{page}: no runs"] = seconds_to_draw(page)[1]
    os.environ["FMNIST_RUNS_DIR"] = str(folder / "long")
    for _ in range(RUNS):
        EventLog(long_run()).close()
    for page in PAGES:
        first, later = seconds_to_draw(page)
        if page == PAGES[0]:
            found[f"{page}: {RUNS} long runs, first visit"] = first
        found[f"{page}: {RUNS} long runs"] = later
    return found


def measure_create(folder: Path) -> dict[str, float]:
    """Making a run beside few and beside many others."""
    os.environ["FMNIST_RUNS_DIR"] = str(folder / "many")
    os.environ["FMNIST_MAX_RUNS"] = str(10 * MANY)
    found = {}
    first = long_run().folder
    for present in (FEW, MANY):
        for number in range(present):
            shutil.copytree(first, folder / "many" / f"20200101-000000-{present:03x}{number:03x}")
        found[f"make a run beside {present} others"] = median(lambda: runs.create(Recipe()))
    os.environ["FMNIST_MAX_RUNS"] = str(MANY)
    found[f"the same, and delete the oldest beyond {MANY}"] = median(lambda: runs.create(Recipe()))
    return found


def main() -> None:
    """Measure, print, keep."""
    frame.FIRST_SCREEN_SECONDS = 0
    os.chdir(ROOT)
    with tempfile.TemporaryDirectory() as name:
        found = measure_pages(Path(name)) | measure_create(Path(name))
    for what, seconds in found.items():
        print(f"{what:60} {seconds * 1000:9.1f} ms")
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
