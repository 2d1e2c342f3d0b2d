import csv
import json
import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from benchmarks.server import wait_until
from fmnist.training import runs
from fmnist.training.progress import Follower
from fmnist.training.runs import Control
from tests.archives import make_run, random_network
from tests.browser.conftest import PATIENCE, Server, settle

WARM_UP = 120_000  # milliseconds: TensorFlow on a busy machine


@pytest.fixture(scope="module")
def warm(server: Server, browser) -> Server:
    """The shared server, once its training process stands by."""
    page = browser.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{server.url}/train?epochs=1&training_images=1000")
    press(page, "Start")
    expect_state(page, "Finished", WARM_UP)
    page.close()
    return server


@pytest.fixture(autouse=True)
def nothing_left_training(server: Server) -> Iterator[None]:
    """A test that fails in mid-run does not make the next ones wait for it."""
    yield
    started = [runs.RunFolder(path.name, path) for path in server.runs.iterdir()]
    for run in started:
        if run.is_locked("worker") or run.waits():
            run.ask(Control("stop"))
    deadline = time.monotonic() + PATIENCE / 1000
    while any(run.is_locked("worker") for run in started) and time.monotonic() < deadline:
        time.sleep(0.1)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def expect_state(page: Page, state: str, timeout: float = PATIENCE) -> None:
    expect(page.locator(".fmnist-status b")).to_have_text(state, timeout=timeout)


def start(page: Page, server: Server, query: str) -> str:
    """Start a run from a link and wait until its curves arrive; gives its id."""
    page.goto(f"{server.url}/train?{query}")
    press(page, "Start")
    # A run of a few thousand images has finished before the page looks again.
    expect(page.locator(".fmnist-status b")).to_have_text(re.compile("Running|Finished"))
    expect(page.locator(".fmnist-plot .scatterlayer .lines").first).to_be_attached()
    page.wait_for_url("**/train?run=*")
    return page.url.split("run=")[1]


@pytest.mark.parametrize("gap", [0, 20, 60])
def test_a_double_click_starts_one_run(page: Page, warm: Server, gap: int) -> None:
    """The second click, `gap` milliseconds later, leaves before the page has followed the first."""
    page.goto(f"{warm.url}/train?epochs=1&training_images=1000&seed=7")
    before = set(warm.runs.iterdir())
    page.get_by_role("button", name="Start", exact=True).hover()
    settle(page)
    for _ in range(2):
        page.mouse.down()
        page.mouse.up()
        page.wait_for_timeout(gap)
    page.wait_for_url("**/train?run=*")
    expect_state(page, "Finished")
    (run,) = set(warm.runs.iterdir()) - before
    assert page.url.endswith(run.name)


def plot_numbers(page: Page) -> dict[str, int]:
    return page.evaluate("window.fmnistPlots")


def epochs_shown(page: Page) -> int:
    """Epochs of the validation curve on the loss chart."""
    return page.evaluate(
        "document.querySelector('.fmnist-plot').data.find(t => t.uid === 'validation').x.length"
    )


def wait_for_epochs(page: Page, count: int) -> None:
    wait_until(
        page,
        "count => document.querySelector('.fmnist-plot')?.data"
        "?.find(t => t.uid === 'validation').x.length >= count",
        arg=count,
    )


def follow(server: Server, run_id: str) -> Follower:
    follower = Follower(runs.RunFolder(run_id, server.runs / run_id).read())
    follower.poll()
    return follower


def test_a_run_streams_to_its_end(page: Page, warm: Server) -> None:
    run_id = start(page, warm, "epochs=8&training_images=20000")
    expect_state(page, "Finished")
    expect(page.get_by_text("Test accuracy", exact=True)).to_be_visible()
    assert epochs_shown(page) == 8
    progress = follow(warm, run_id).progress
    test = progress.test
    assert progress.rate_changes == []
    assert test is not None
    expect(page.get_by_text(f"{test.accuracy:.4f}", exact=True)).to_be_visible()
    expect(page.get_by_text(f"{test.loss:.4f}", exact=True)).to_be_visible()
    expect(page.locator(".fmnist-check img")).to_have_count(3)
    expect(page.get_by_text("86,835 parameters")).to_be_visible()


def test_zoom_hover_and_hidden_traces_survive_and_no_plot_is_rebuilt(
    page: Page, warm: Server
) -> None:
    start(page, warm, "epochs=40&training_images=60000")
    wait_for_epochs(page, 2)
    plot = page.locator(".fmnist-plot").first
    made = plot_numbers(page)["plotsCreated"]

    plot.locator(".legendtoggle").nth(2).click()
    hidden = "e => e._fullData.filter(t => t.visible === 'legendonly').map(t => t.uid)"
    wait_until(page, f"({hidden})(document.querySelector('.fmnist-plot')).length === 1")
    box = plot.locator(".nsewdrag").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 2, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] - 20, steps=5)
    page.mouse.up()
    zoom = plot.evaluate("e => [...e.layout.xaxis.range, ...e.layout.yaxis.range]")
    assert plot.evaluate(hidden) == ["validation"]
    assert zoom[1] < 25

    first_epoch = plot.evaluate("e => e._fullLayout.xaxis.d2p(1)")
    page.mouse.move(box["x"] + first_epoch, box["y"] + 100)
    expect(plot.locator(".hoverlayer .legend")).to_be_visible()
    updates = plot_numbers(page)["updates"]
    wait_until(page, "old => window.fmnistPlots.updates >= old + 12", arg=updates)

    assert plot.evaluate("e => [...e.layout.xaxis.range, ...e.layout.yaxis.range]") == zoom
    assert plot.evaluate(hidden) == ["validation"]
    expect(plot.locator(".hoverlayer .legend")).to_be_visible()
    assert plot_numbers(page)["plotsCreated"] == made == 2
    press(page, "Stop")
    expect_state(page, "Stopped")
    assert plot_numbers(page)["plotsCreated"] == 2


def test_options_change_the_plot_without_rebuilding_it(page: Page, warm: Server) -> None:
    start(page, warm, "epochs=3&training_images=5000")
    expect_state(page, "Finished")
    made = plot_numbers(page)["plotsCreated"]
    page.get_by_text("Logarithmic loss", exact=True).click()
    axis = "document.querySelector('.fmnist-plot').layout.yaxis.type === 'log'"
    wait_until(page, axis)
    updates = plot_numbers(page)["updates"]
    page.get_by_role("slider").focus()
    page.keyboard.press("End")
    wait_until(page, "old => window.fmnistPlots.updates > old", arg=updates)
    assert plot_numbers(page)["plotsCreated"] == made


def test_pause_step_rate_stop_and_resume(page: Page, warm: Server) -> None:
    run_id = start(page, warm, "epochs=60")
    press(page, "Pause")
    expect_state(page, "Paused")
    paused = follow(warm, run_id).progress
    page.wait_for_timeout(1000)
    assert follow(warm, run_id).progress.position == paused.position

    page.get_by_role("spinbutton", name="Learning rate").fill("0.002")
    page.keyboard.press("Enter")
    press(page, "Step")
    wait_for_epochs(page, paused.completed + 1)
    expect_state(page, "Paused")
    stepped = follow(warm, run_id).progress
    assert stepped.completed == paused.completed + 1
    assert stepped.rate_changes[-1].learning_rate == pytest.approx(0.002)
    expect(page.locator(".fmnist-plot").first.get_by_text("rate 0.002")).to_be_visible()

    press(page, "Resume")
    expect_state(page, "Running")
    wait_for_epochs(page, stepped.completed + 1)
    press(page, "Stop")
    expect_state(page, "Stopped")
    expect(page.get_by_text("is kept: curves, weights and model")).to_be_visible()
    kept = follow(warm, run_id).progress.completed

    press(page, "Resume")
    expect_state(page, "Running")
    wait_for_epochs(page, kept + 1)
    press(page, "Stop")
    expect_state(page, "Stopped")
    numbers = [item.epoch for item in follow(warm, run_id).progress.epochs]
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_refresh_and_another_browser_find_the_run(page: Page, warm: Server, browser) -> None:
    run_id = start(page, warm, "epochs=1000")
    wait_for_epochs(page, 1)
    page.reload()
    expect_state(page, "Running")
    other = browser.new_page()
    other.set_default_timeout(PATIENCE)
    other.goto(page.url)
    expect_state(other, "Running")
    wait_for_epochs(other, 1)
    press(other, "Stop")
    expect_state(page, "Stopped")
    expect_state(other, "Stopped")
    assert epochs_shown(page) == epochs_shown(other)
    assert follow(warm, run_id).progress.rate_changes == []  # nobody asked for another
    other.close()


def test_downloads_are_what_they_say(page: Page, warm: Server, tmp_path: Path) -> None:
    start(page, warm, "epochs=2&training_images=2000&seed=5")
    expect_state(page, "Finished")

    def fetch(name: str) -> bytes:
        with page.expect_download() as download:
            press(page, name)
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        return path.read_bytes()

    assert fetch("Model (.keras)")[:2] == b"PK"
    rows = list(csv.DictReader(fetch("History (.csv)").decode().splitlines()))
    assert [row["epoch"] for row in rows] == ["1", "2"]
    assert json.loads(fetch("Recipe (.json)"))["seed"] == 5
    assert json.loads(fetch("Notebook (.ipynb)"))["nbformat"] == 4


def test_a_killed_training_process_interrupts_and_resume_carries_on(
    page: Page, start_server: Callable[..., Server]
) -> None:
    server = start_server(FMNIST_WORKERS="1")
    page.goto(f"{server.url}/train?epochs=1000&training_images=20000")
    press(page, "Start")
    expect_state(page, "Running", WARM_UP)
    wait_for_epochs(page, 2)
    for worker in children(server.process.pid):
        os.kill(worker, signal.SIGKILL)
    expect_state(page, "Interrupted")
    expect(page.get_by_text("Training was interrupted at epoch")).to_be_visible()
    kept = epochs_shown(page)
    press(page, "Resume")
    expect_state(page, "Running", WARM_UP)
    wait_for_epochs(page, kept + 1)

    address = page.url
    page.goto("about:blank")  # a page whose server ends complains of that
    server.stop()
    again = start_server(runs=server.runs)
    page.goto(address.replace(server.url, again.url))
    expect_state(page, "Interrupted")
    wait_for_epochs(page, kept + 1)


def test_no_training_process_outlives_its_server(start_server: Callable[..., Server]) -> None:
    server = start_server()
    deadline = time.monotonic() + PATIENCE / 1000
    while not (workers := children(server.process.pid)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert workers, "a training process is warmed up without a visit"
    server.process.kill()
    server.process.wait()
    deadline = time.monotonic() + PATIENCE / 1000
    while any(map(alive, workers)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(map(alive, workers))


def test_the_menu_leads_from_a_run_to_the_form_and_back_to_the_run(
    page: Page, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FMNIST_RUNS_DIR", str(server.runs))
    run = make_run(random_network((8,)))
    page.goto(f"{server.url}/train?run={run.id}")
    expect(page.locator(".fmnist-status")).to_be_visible()
    settle(page)
    page.get_by_test_id("stSidebar").get_by_role("link", name="Train").click()
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_visible()
    expect(page).to_have_url(f"{server.url}/train")
    page.go_back()
    expect(page.locator(".fmnist-status")).to_be_visible()
    assert page.url == f"{server.url}/train?run={run.id}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_run_fits_on_a_phone(page: Page, warm: Server, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 390, "height": 844})
    start(page, warm, "epochs=2&training_images=2000")
    expect_state(page, "Finished")
    expect(page.locator(".fmnist-tiles canvas")).to_have_count(16)
    assert page.evaluate("document.querySelector('.stMain').scrollWidth") <= 390


def test_start_and_stop_by_keyboard(page: Page, warm: Server) -> None:
    page.goto(f"{warm.url}/train?epochs=60")
    page.get_by_role("button", name="Start", exact=True).focus()
    page.keyboard.press("Enter")
    expect_state(page, "Running")
    page.get_by_role("button", name="Stop", exact=True).focus()
    page.keyboard.press("Enter")
    expect_state(page, "Stopped")


def children(parent: int) -> list[int]:
    """Training processes of a server."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            status = (folder / "stat").read_text().rsplit(")", 1)[1].split()
            command = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if int(status[1]) == parent and b"fmnist.training.worker" in command:
            found.append(int(folder.name))
    return found


def alive(process: int) -> bool:
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return status.rsplit(")", 1)[1].split()[0] != "Z"
