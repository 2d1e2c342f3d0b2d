"""What many runs cost: the page of a run that trains, every other page, and the next Start.

A real server shows its pages to visitors without a browser, with 5 runs in its folder and with 500:
processor time of the web process, and bytes sent. The scripts of the pages are run in this process
as well, in a folder with no run and in one with forty runs of 500 epochs; and a run is made beside
5 others and beside 500. What counts are the ratios. Prints a table and writes JSON.

    python -m benchmarks.many_runs
"""

import json
import os
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import psutil
from streamlit.testing.v1 import AppTest

from benchmarks.server import ROOT, Server, server
from benchmarks.viewer import Viewer, viewer
from fmnist.recipe import Recipe
from fmnist.training import runs
from fmnist.training.runs import Run
from fmnist.ui.parts import first_screen

RESULTS = Path(__file__).parent / "results" / "many_runs.json"
MODEL = ROOT / "assets" / "models" / "notebook.keras"
RUNS, EPOCHS, POINTS = 40, 500, 8
SHORT = 50  # epochs
FEW, MANY = 5, 500
TRIES, POLLS = 7, 100
VIEWERS, SECONDS, POLL_SECONDS = 10, 8, 0.4
BAR = 1.1  # what a poll may cost with many runs, in polls with few
PAGES = ("streamlit_app.py", "pages/train.py", "pages/predict.py", "pages/weights.py",
         "pages/evaluate.py")  # fmt: skip
LIVE = "Train, a run that trains"
BARRED = ("one poll, ms", "one poll, kB", f"{VIEWERS} viewers, ms a second")

Figures = dict[str, float]


def made_run(epochs: int, complete: int, seed: int = 0) -> Run:
    """A run as a worker leaves it, or has it in hand until all epochs are complete."""
    run = runs.create(Recipe(epochs=epochs, seed=seed))
    lines = []

    def append(event: str, **values: object) -> None:
        lines.append(json.dumps({"event": event, "time": time.time(), **values}))

    append("worker_begin", epoch=0)
    append("train_begin", learning_rate=0.01, data_name="Fashion-MNIST", data_official=True)
    figures = {"loss": 0.31234567, "accuracy": 0.887654321, "elapsed": 1.23456789}
    for epoch in range(complete):
        for point in range(POINTS):
            position = epoch + (point + 1) / POINTS
            append("batch_end", position=position, images_per_second=123456.7, **figures)
        append("epoch_end", epoch=epoch + 1, learning_rate=0.01, seconds=0.3, **figures,
               val_loss=0.33, val_accuracy=0.88)  # fmt: skip
    if complete == epochs:
        append("test_end", loss=0.3, accuracy=0.88, samples=[])
        append("train_end", state="finished")
    run.events_path.write_text("\n".join(lines) + "\n")
    run.kept.save(complete, np.zeros((784, 100), np.float32), np.zeros(100, np.float32))
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
        if first_screen.KEY in app.session_state:
            app.run()  # the rest of the page
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


def measure_pages(folder: Path) -> Figures:
    """Every page without runs, then with forty long ones."""
    found = {}
    (folder / "none").mkdir()
    os.environ["FMNIST_RUNS_DIR"] = str(folder / "none")
    for page in PAGES:
        found[f"{page}: no runs"] = seconds_to_draw(page)[1]
    os.environ["FMNIST_RUNS_DIR"] = str(folder / "long")
    for _ in range(RUNS):
        made_run(EPOCHS, EPOCHS)
    for page in PAGES:
        first, later = seconds_to_draw(page)
        if page == PAGES[0]:
            found[f"{page}: {RUNS} long runs, first visit"] = first
        found[f"{page}: {RUNS} long runs"] = later
    return found


def measure_create(folder: Path) -> Figures:
    """Making a run beside few and beside many others."""
    os.environ["FMNIST_RUNS_DIR"] = str(folder / "many")
    os.environ["FMNIST_MAX_RUNS"] = str(10 * MANY)
    found = {}
    first = made_run(EPOCHS, EPOCHS).folder
    for present in (FEW, MANY):
        for number in range(present):
            shutil.copytree(first, folder / "many" / f"20200101-000000-{present:03x}{number:03x}")
        found[f"make a run beside {present} others"] = median(lambda: runs.create(Recipe()))
    os.environ["FMNIST_MAX_RUNS"] = str(MANY)
    found[f"the same, and delete the oldest beyond {MANY}"] = median(lambda: runs.create(Recipe()))
    return found


# With a real server ---------------------------------------------------------------------------


def measure_server() -> tuple[Figures, Figures]:
    """What pages cost with few runs, and with many."""
    os.environ["FMNIST_MAX_RUNS"] = str(10 * MANY)
    with server() as served:
        os.environ["FMNIST_RUNS_DIR"] = str(served.runs)
        live = made_run(SHORT, SHORT // 2)
        lock = live.acquire("worker")
        found = []
        for present in (FEW, MANY):
            while len(runs.folders()) < present:
                run = made_run(SHORT, SHORT, seed=len(runs.folders()))
                shutil.copyfile(MODEL, run.model_path)
            found.append(costs(served, f"run={live.id}"))
        lock.release()
    few, many = found
    return few, many


def costs(served: Server, live: str) -> Figures:
    """Processor time of the web process in milliseconds, and kilobytes that it sends."""
    pages = {
        "Home": ("", ""),
        "Train, the form": ("train", ""),
        LIVE: ("train", live),
        "Predict": ("predict", ""),
        "Weights": ("weights", ""),
        "Evaluate": ("evaluate", ""),
    }
    process = psutil.Process(served.pid)
    found = {}
    for name, (page, query) in pages.items():
        with viewer(served.url, page, query):
            pass  # what is read once in a server's life

        def load(page: str = page, query: str = query) -> float:
            with viewer(served.url, page, query) as visitor:
                return visitor.received

        before = spent(process)
        received = [load() for _ in range(TRIES)]
        found[f"load {name}, ms"] = 1000 * (spent(process) - before) / TRIES
        found[f"load {name}, kB"] = statistics.median(received) / 1000
    return found | polls(served, process, live)


def polls(served: Server, process: psutil.Process, live: str) -> Figures:
    """One look at a run that trains, and ten people who look at it as browsers do."""
    with viewer(served.url, "train", live) as visitor:
        visitor.poll()
        before, received = spent(process), visitor.received
        for _ in range(POLLS):
            visitor.poll()
        one = 1000 * (spent(process) - before) / POLLS
        received = visitor.received - received
    with ExitStack() as stack:
        visitors = [stack.enter_context(viewer(served.url, "train", live)) for _ in range(VIEWERS)]
        threads = [threading.Thread(target=watch, args=(visitor,)) for visitor in visitors]
        before = spent(process)
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        all_of_them = 1000 * (spent(process) - before) / SECONDS
    return {
        "one poll, ms": one,
        "one poll, kB": received / POLLS / 1000,
        f"{VIEWERS} viewers, ms a second": all_of_them,
    }


def watch(visitor: Viewer) -> None:
    """Look again and again, as the clock of a browser asks for."""
    end = time.monotonic() + SECONDS
    while (now := time.monotonic()) < end:
        visitor.poll()
        time.sleep(max(0.0, now + POLL_SECONDS - time.monotonic()))


def spent(process: psutil.Process) -> float:
    """Processor time of a process so far, in seconds."""
    times = process.cpu_times()
    return float(times.user + times.system)


def main() -> None:
    """Measure, print, keep."""
    os.chdir(ROOT)
    few, many = measure_server()
    print(f"{'web process':40}{FEW:>6} runs{MANY:>6} runs{'ratio':>8}")
    for what in few:
        ratio = many[what] / max(few[what], 1e-9)
        bar = f"{BAR:6g}  {'met' if ratio <= BAR else 'MISSED'}" if what in BARRED else ""
        print(f"{what:40}{few[what]:11.1f}{many[what]:11.1f}{ratio:8.2f}{bar}", flush=True)
    with tempfile.TemporaryDirectory() as name:
        found = measure_pages(Path(name)) | measure_create(Path(name))
    for what, seconds in found.items():
        print(f"{what:60} {seconds * 1000:9.1f} ms")
    RESULTS.parent.mkdir(exist_ok=True)
    result = {f"{FEW} runs": few, f"{MANY} runs": many, "seconds": found}
    RESULTS.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
