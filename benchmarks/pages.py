"""What a person waits for on the pages, and the memory of the web process.

A real server and Chromium, the data set that is installed, every figure next to its bar. Other
work on the machine shows in the figures: run it alone. Prints a table and writes JSON.

    python -m benchmarks.pages
"""

import itertools
import json
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page

from benchmarks.server import (
    ROOT,
    Server,
    chromium,
    open_window,
    resident_megabytes,
    server,
    visit,
    wait_for_script,
    wait_until,
    wait_until_there,
)
from fmnist.training import runs
from fmnist.training.runs import RunFolder

RESULTS = Path(__file__).parent / "results" / "pages.json"
EMPTY = "server start to an empty Streamlit page"
FIRST = "server start to first prediction"
BEYOND = "first prediction beyond the empty page"
CHUNK = "one chunk of mini-batches, from the run's events"
BARS = {  # seconds, except where the name says otherwise; not every figure has one
    BEYOND: 1.5,
    "Weights: a model of 512 units": 1.0,
    "open Evaluate, 10,000 images": 1.5,
    "Evaluate: another class": 0.3,
    "Predict: pen up to new answer": 0.3,
    "Predict: the same while a run trains": 0.3,
    "Train: Start to first point": 2.5,
    "Train: Pause, in chunks": 3.0,
    "Train: Stop, in chunks": 3.0,
    "web process, megabytes": 200.0,
}
# What stands on a page when it is there.
OPENED = {
    "Home": ("/", ".fmnist-learning canvas"),
    "Train": ("/train", "[class*=st-key-start] button"),
    "Predict": ("/predict", "canvas.upper-canvas"),
    "Weights": ("/weights", ".st-key-grid .main-svg"),
    "Evaluate, 10,000 images": ("/evaluate", ".st-key-confusion .main-svg"),
}
SAMPLE = "/predict?source=sample&index=0"
STROKES = 6
TRIES = 5
# Notes the milliseconds from a click, as the page hears it, until the run's state says each word.
# Before a click Playwright looks whether the button stands still, for which no person waits.
NOTE_STATES = """() => {
    let clicked = 0;
    window.benchStates = {};
    document.addEventListener("click", () => {
        clicked = performance.now();
        window.benchStates = {};
    }, true);
    new MutationObserver(() => {
        const word = document.querySelector(".fmnist-status b")?.innerText;
        window.benchStates[word] ??= performance.now() - clicked;
    }).observe(document.body, {subtree: true, childList: true, characterData: true});
}"""
WISH_SHOWN = "window.benchStates['Stopping…'] ?? window.benchStates['Stopped']"
GRID_UPDATES = "Number(document.querySelector('.st-key-grid .fmnist-plot')?.dataset.updates ?? 0)"
FIRST_POINT = "document.querySelector('.st-key-loss .fmnist-plot')?.data?.some(t => t.x?.length)"

Figures = dict[str, float]


def first_predictions(browser: Browser) -> Figures:
    """Several servers, one after the other, each after one with an empty page, for scale."""
    tries = []
    for _ in range(TRIES):
        with tempfile.TemporaryDirectory() as folder:
            script = Path(folder) / "empty.py"
            script.write_text("import streamlit\nstreamlit.header('Empty')\n")
            empty, _ = from_start(browser, script, "", "h2")
        app, answers = from_start(
            browser,
            ROOT / "streamlit_app.py",
            "/predict?source=sample&index=0",
            ".fmnist-answer h2",
        )
        tries.append({EMPTY: empty, "server start to first reply": answers, FIRST: app})
        tries[-1][BEYOND] = app - empty
    return {name: statistics.median(figures[name] for figures in tries) for name in tries[0]}


def from_start(browser: Browser, script: Path, path: str, there: str) -> tuple[float, float]:
    """From the start of the server process to what is waited for, and to its first reply.

    The browser's window is open by then, as a person's is; nothing is in its cache.
    """
    page = open_window(browser)
    with server(wait=False, script=script) as served:
        served.wait_until_it_answers()
        answers = time.perf_counter() - served.started
        page.goto(served.url + path, wait_until="commit")
        wait_until_there(page, there)
        seconds = time.perf_counter() - served.started
        wait_for_script(page)
        page.context.close()
    return seconds, answers


def train_wide(browser: Browser, served: Server) -> str:
    """A short run with 512 units: warms a training process up, and is looked at later; its id."""
    page = visit(browser, f"{served.url}/train?hidden_units=512&epochs=1")
    press(page, "Start")
    page.wait_for_selector(".fmnist-status b.finished")
    run = page.url.split("run=")[1]
    page.context.close()
    return run


def openings(browser: Browser, served: Server, wide: str) -> Figures:
    """Each page by its address, in a browser that has been on the site before."""
    page = visit(browser, served.url)
    wait_for_script(page)
    page.wait_for_timeout(1000)
    seconds: dict[str, list[float]] = {}
    for _ in range(TRIES):
        for name, (path, there) in {
            **OPENED,
            "Weights, 512 units": (f"/weights?model={wide}", ".st-key-grid .main-svg"),
        }.items():
            page.goto("about:blank")  # taking down the page before is no part of opening this one
            start = time.perf_counter()
            page.goto(served.url + path, wait_until="commit")
            wait_until_there(page, there)
            seconds.setdefault(f"open {name}", []).append(time.perf_counter() - start)
            wait_for_script(page)
            page.wait_for_timeout(1000)  # a person looks at a page before opening the next
    page.context.close()
    return {name: statistics.median(found) for name, found in seconds.items()}


def wide_model(browser: Browser, served: Server) -> Figures:
    """Choosing the model of 512 units on the Weights page, to its drawn neurons; and back."""
    page = visit(browser, f"{served.url}/weights")
    page.wait_for_selector(".st-key-grid .main-svg")
    page.wait_for_timeout(2000)
    choice = page.get_by_role("combobox", name="Model")
    seconds = []
    for name in ("Run of", "Tuned") * TRIES:
        choice.click()
        choice.fill(name)
        option = page.get_by_role("option", name=name).first
        option.wait_for()
        drawn = page.evaluate(GRID_UPDATES)
        start = time.perf_counter()
        option.click()
        wait_until(page, f"drawn => {GRID_UPDATES} > drawn", arg=drawn)
        seconds.append(time.perf_counter() - start)
        page.wait_for_timeout(1500)
    page.context.close()
    return {"Weights: a model of 512 units": statistics.median(seconds[::2])}


def filters(browser: Browser, served: Server) -> Figures:
    """The class filter of Evaluate's image list, from the click to the new images."""
    page = visit(browser, f"{served.url}/evaluate")
    sentence = "of 10,000 test images"
    page.get_by_text(sentence).wait_for()
    wait_for_script(page)
    seconds = []
    for name in ("Trouser", "Pullover", "Dress"):
        before = page.get_by_text(sentence).inner_text()
        page.get_by_role("combobox", name="True class").click()
        page.get_by_role("combobox", name="True class").fill(name)
        option = page.get_by_role("option", name=name, exact=True)
        option.wait_for()
        start = time.perf_counter()
        option.click()
        wait_until(
            page,
            "([text, before]) => { const found = [...document.querySelectorAll('p')]"
            ".find(e => e.innerText.includes(text)); return found && found.innerText !== before }",
            arg=[sentence, before],
        )
        seconds.append(time.perf_counter() - start)
        page.wait_for_timeout(300)
    page.context.close()
    return {"Evaluate: another class": statistics.median(seconds)}


def strokes(page: Page) -> float:
    """Strokes on the canvas, from lifting the pen to the new bars of the answer."""
    canvas = page.locator("canvas.upper-canvas")
    canvas.wait_for()
    wait_for_script(page)
    box = canvas.bounding_box()
    assert box is not None
    updates = "Number(document.querySelector('.st-key-bars .fmnist-plot')?.dataset.updates ?? -1)"
    seconds = []
    for number in range(STROKES):
        page.wait_for_timeout(1000)
        before = page.evaluate(updates)
        y = box["y"] + 70 + 30 * number
        page.mouse.move(box["x"] + 90, y)
        page.mouse.down()
        page.mouse.move(box["x"] + 230, y + 12, steps=8)
        start = time.perf_counter()
        page.mouse.up()
        wait_until(page, f"before => {updates} > before", arg=before)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds[1:])  # the first one is a whole page's change


def drawing(browser: Browser, served: Server) -> Figures:
    page = visit(browser, f"{served.url}/predict")
    figures = {"Predict: pen up to new answer": strokes(page)}
    page.context.close()
    return figures


def training(browser: Browser, served: Server) -> Figures:
    """Start, Pause and Stop with a warm training process; in between a visit to Predict."""
    page = visit(browser, f"{served.url}/train?epochs=200")
    page.get_by_role("button", name="Start", exact=True).wait_for()
    wait_for_script(page)
    page.wait_for_timeout(1000)
    figures = {
        "Train: Start to first point": timed(
            lambda: press(page, "Start"), lambda: wait_until(page, FIRST_POINT)
        )
    }
    page.wait_for_timeout(2000)
    pauses, resumes, stops, wishes = [], [], [], []
    page.evaluate(NOTE_STATES)
    for _ in range(TRIES):
        press(page, "Pause")
        pauses.append(since_click(page, "Paused"))
        page.wait_for_timeout(1500)
        press(page, "Resume")
        resumes.append(since_click(page, "Running"))
        page.wait_for_timeout(1500)
    page.get_by_role("link", name="Predict").click()
    figures["Predict: the same while a run trains"] = strokes(page)
    page.get_by_role("link", name="Train").click()
    page.wait_for_selector(".fmnist-status b.running")
    for attempt in range(TRIES):
        page.wait_for_timeout(2000)
        press(page, "Stop")
        stops.append(since_click(page, "Stopped"))
        # It may be done before a page could say that it was asked.
        wishes.append(page.evaluate(WISH_SHOWN) / 1000)
        if attempt + 1 < TRIES:
            press(page, "Resume")
            since_click(page, "Running")
    run = page.url.split("run=")[1]
    page.context.close()
    figures[CHUNK] = chunk = chunk_seconds(served, run)
    answers = {"Pause": pauses, "Resume": resumes, "Stop": stops, "Stop is shown": wishes}
    for name, seconds in answers.items():
        figures[f"Train: {name}"] = statistics.median(seconds)
    for name in ("Pause", "Stop"):
        figures[f"Train: {name}, in chunks"] = figures[f"Train: {name}"] / chunk
    return figures


def chunk_seconds(served: Server, run: str) -> float:
    """Median time between two looks of the training process at what people ask, as it says."""
    events, _ = runs.read_events(RunFolder(run, served.runs / run).read())
    pairs = itertools.pairwise(events)
    return statistics.median(
        later["elapsed"] - event["elapsed"]
        for event, later in pairs
        if event["event"] == later["event"] == "batch_end"
    )


def since_click(page: Page, word: str) -> float:
    """Wait until the run's state says a word; seconds since the click, as the page counts them."""
    wait_until(page, "word => word in window.benchStates", word)
    return float(page.evaluate("word => window.benchStates[word]", word)) / 1000


def timed(act: Callable[[], object], wait: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    wait()
    return time.perf_counter() - start


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def measure() -> Figures:
    figures: Figures = {}
    with chromium() as browser:
        figures |= told(first_predictions(browser))
    with chromium() as browser, server() as served:
        wide = train_wide(browser, served)
        figures |= told(openings(browser, served, wide))
        figures |= told(wide_model(browser, served))
        figures |= told(filters(browser, served))
        figures |= told(drawing(browser, served))
        figures |= told(training(browser, served))
        figures |= told({"web process, megabytes": resident_megabytes(served.pid)})
    return figures


def told(figures: Figures) -> Figures:
    """Print figures beside their bars as soon as they are known."""
    for name, value in figures.items():
        bar = BARS.get(name)
        verdict = "" if bar is None else f"{bar:8g}  {'met' if value <= bar else 'MISSED'}"
        digits = 0 if "megabytes" in name else 2
        print(f"{name:40}{value:8.{digits}f}{verdict}", flush=True)
    return figures


def main() -> None:
    print(f"{'seconds, or megabytes':40}{'found':>8}{'bar':>8}")
    figures = measure()
    RESULTS.parent.mkdir(exist_ok=True)
    result = {
        "machine": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "figures": figures,
        "bars": BARS,
    }
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")
    print(f"written to {RESULTS}")


if __name__ == "__main__":
    main()
