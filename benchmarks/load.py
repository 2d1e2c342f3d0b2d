"""Many people at once: pages, drawing and watching while two runs train.

After Streamlit's own load tests: some real browsers, which draw and open pages, and many visitors
without a browser (`benchmarks.viewer`), which open pages, watch runs, leave and come back. Prints
what each saw, the memory of the web process per session and after they have left, and how much
viewers of one run slow it; writes JSON.

    python -m benchmarks.load [--minutes 5] [--visitors 19] [--clients 100] [--rest 10]

Memory is counted from where the server stands once one visitor has seen every page: what is kept
for all visitors is there by then.
"""

import argparse
import json
import os
import random
import statistics
import tempfile
import threading
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from benchmarks.pages import strokes
from benchmarks.server import Server, chromium, open_window, resident_megabytes, server
from benchmarks.viewer import viewer
from fmnist.training import runs
from fmnist.training.progress import Follower
from fmnist.training.runs import Control

RESULTS = Path(__file__).parent / "results" / "load.json"
PAGES = ("", "train", "predict", "weights", "evaluate", "learn")
CURVES = ".fmnist-plot .scatterlayer .trace"  # of a long run they are too short to be visible
SLOWING_SECONDS, SLOWING_VIEWERS = 30, 30
BARS = {"a page, p95, s": 1.5, "drawing, p95, s": 0.5, "MB per session": 2.0,
        "MB after they left": 20.0, "30 viewers slow a run by, %": 10.0}  # fmt: skip

Seen = dict[str, list[float]]


class Crowd:
    """Visitors without a browser, each in a thread, until they are told to go home."""

    def __init__(self, served: Server, run_ids: list[str]) -> None:
        self._served, self._runs = served, run_ids
        self._lock, self._home = threading.Lock(), threading.Event()
        self._threads: list[threading.Thread] = []
        self.seen: Seen = defaultdict(list)
        self.problems: list[str] = []

    def come(self, count: int, watching: bool = False) -> None:
        """So many more visitors arrive within some seconds."""
        for number in range(count):
            thread = threading.Thread(target=self._visit, args=(number, watching), daemon=True)
            thread.start()
            self._threads.append(thread)
            time.sleep(0.1)

    def leave(self) -> None:
        """Everybody leaves."""
        self._home.set()
        for thread in self._threads:
            thread.join(60)

    def _visit(self, number: int, watching: bool) -> None:
        chance = random.Random(number)
        while not self._home.is_set():
            try:
                self._session(chance, watching)
            except Exception as problem:  # whatever it is, a visitor would have met it
                with self._lock:
                    self.problems.append(f"{type(problem).__name__}: {problem}"[:200])
            self._home.wait(chance.uniform(0.5, 3.0))  # leaves, and comes back

    def _session(self, chance: random.Random, watching: bool) -> None:
        """One open page: a run that trains, or one of the others, looked at for a while."""
        watches = watching or chance.random() < 0.4
        page = "train" if watches else chance.choice(PAGES)
        query = f"run={chance.choice(self._runs)}" if watches else ""
        start = time.perf_counter()
        with viewer(self._served.url, page, query) as visitor:
            self._note("a page", time.perf_counter() - start)
            # Who watches stays.
            until = float("inf") if watching else time.monotonic() + chance.uniform(3, 12)
            while time.monotonic() < until and not self._home.is_set():
                self._home.wait(visitor.interval if watches and visitor.fragment else 2.0)
                if watches and visitor.fragment:
                    start = time.perf_counter()
                    visitor.poll()
                    self._note("a look at a run", time.perf_counter() - start)

    def _note(self, what: str, seconds: float) -> None:
        with self._lock:
            self.seen[what].append(seconds)


def draw_and_open(browser: Browser, served: Server, until: float, seen: Seen, run: str) -> None:
    """A person with a real browser: draws, then opens pages, again and again."""
    while time.monotonic() < until:
        page = open_window(browser)
        start = time.perf_counter()
        page.goto(f"{served.url}/predict")
        page.locator("canvas").first.wait_for()
        seen["a page in a browser"].append(time.perf_counter() - start)
        seen["drawing"].append(strokes(page))
        page.goto("about:blank")
        start = time.perf_counter()
        page.goto(f"{served.url}/train?run={run}")
        page.locator(CURVES).first.wait_for(state="attached")
        seen["a page in a browser"].append(time.perf_counter() - start)
        page.wait_for_timeout(2000)
        page.context.close()


def see_everything(browser: Browser, served: Server) -> None:
    """One visitor opens every page and draws, so that what all share has been made."""
    page = open_window(browser)
    for name in (*PAGES, "evaluate?view=Label+lens", "predict"):
        page.goto(f"{served.url}/{name}")
        page.locator(".stMain h1").wait_for()
        page.wait_for_timeout(3000)
    page.locator("canvas").first.wait_for()
    strokes(page)
    page.context.close()


def start_run(browser: Browser, served: Server, seed: int) -> str:
    """A long run, started as people do; its id."""
    page = open_window(browser)
    page.goto(f"{served.url}/train?epochs=1000&seed={seed}")
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_url("**/train?run=*")
    page.locator(CURVES).first.wait_for(state="attached")
    run = page.url.split("run=")[1]
    page.context.close()
    return run


def epochs_in(run_id: str, seconds: float) -> float:
    """Seconds that an epoch of a run takes, measured by its own clock over a while."""
    follower = Follower(runs.open_run(run_id))
    before = len(follower.poll().epochs)
    time.sleep(seconds)
    fresh = follower.poll().epochs[before:]
    return statistics.median(epoch.seconds for epoch in fresh)


def slowing(served: Server, run: str) -> float:
    """By how many per cent thirty viewers slow a run: nobody, they, nobody."""
    before = epochs_in(run, SLOWING_SECONDS)
    crowd = Crowd(served, [run])
    crowd.come(SLOWING_VIEWERS, watching=True)
    with_them = epochs_in(run, SLOWING_SECONDS)
    crowd.leave()
    after = epochs_in(run, SLOWING_SECONDS)
    return 100 * (with_them / statistics.mean((before, after)) - 1)


def p95(values: list[float]) -> float:
    """95 of a hundred took no longer."""
    return statistics.quantiles(values, n=20)[-1] if len(values) > 1 else values[0]


def measure(chosen: argparse.Namespace, served: Server, browser: Browser) -> dict[str, Any]:
    """The whole test."""
    made = [start_run(browser, served, 0)]
    figures: dict[str, Any] = {"30 viewers slow a run by, %": slowing(served, made[0])}
    made.append(start_run(browser, served, 1))
    see_everything(browser, served)
    calm = resident_megabytes(served.pid)
    crowd, seen = Crowd(served, made), defaultdict(list)
    until = time.monotonic() + 60 * chosen.minutes
    crowd.come(chosen.visitors)
    extra = Crowd(served, made)
    threading.Thread(target=extra.come, args=(chosen.clients,), daemon=True).start()
    draw_and_open(browser, served, until, seen, made[0])
    full = resident_megabytes(served.pid)
    for each in (crowd, extra):
        each.leave()
    for name in made:
        follower = Follower(runs.open_run(name))
        epochs = [epoch.epoch for epoch in follower.poll().epochs]
        figures.setdefault("lost events", 0)
        figures["lost events"] += len(epochs) != (epochs[-1] if epochs else 0)
        runs.open_run(name).ask(Control("stop"))
    time.sleep(60 * chosen.rest)
    pages = [*crowd.seen["a page"], *extra.seen["a page"], *seen["a page in a browser"]]
    sessions = 1 + chosen.visitors + chosen.clients
    return figures | {
        "sessions at a time": sessions,
        "pages opened": len(pages),
        "a page, median, s": statistics.median(pages),
        "a page, p95, s": p95(pages),
        "a look at a run, p95, s": p95(
            [*crowd.seen["a look at a run"], *extra.seen["a look at a run"]]
        ),
        "drawings": len(seen["drawing"]),
        "drawing, p95, s": p95(seen["drawing"]),
        "MB per session": (full - calm) / sessions,
        "MB after they left": resident_megabytes(served.pid) - calm,
        "errors": len(crowd.problems) + len(extra.problems),
        "the first errors": [*crowd.problems, *extra.problems][:5],
    }


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--visitors", type=int, default=19)
    parser.add_argument("--clients", type=int, default=0)
    parser.add_argument("--rest", type=float, default=10.0, help="minutes after all have left")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        os.environ["FMNIST_RUNS_DIR"] = folder
        with server(runs=Path(folder)) as served:
            figures = measure(chosen, served, browser)
    for name, value in figures.items():
        told = f"{value:.2f}" if isinstance(value, float) else value
        print(f"{name:32} {told}" + (f"   (bar {BARS[name]})" if name in BARS else ""))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
