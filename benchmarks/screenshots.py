"""Pictures of every page from a real server and a real run: for the README, and to look at.

    python -m benchmarks.screenshots [--folder test-results/screenshots]

The README's picture, Train while it learns, goes to assets/screenshot.png.
"""

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[1]
README_PICTURE = ROOT / "assets" / "screenshot.png"
PAGES = {
    "home": "/",
    "train": "/train",
    "predict": "/predict?source=sample&index=0",
    "weights": "/weights",
    "neuron": "/weights?neuron=7",
    "evaluate": "/evaluate",
}


@contextmanager
def server():
    """The app on a free port, with runs of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as runs:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "streamlit_app.py",
             "--server.port", str(port), "--server.headless", "true"],
            cwd=ROOT, env=os.environ | {"FMNIST_RUNS_DIR": runs},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        url = f"http://127.0.0.1:{port}"
        try:
            wait_for(url)
            yield url
        finally:
            process.terminate()
            process.wait(20)


def wait_for(url: str) -> None:
    for _ in range(600):
        try:
            urllib.request.urlopen(f"{url}/_stcore/health").close()
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    raise RuntimeError("the server did not start within a minute")


def open_page(browser: Browser, url: str, width: int, scheme: str) -> Page:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.goto(url)
    settle(page)
    return page


def settle(page: Page) -> None:
    """Wait until the script has run and the plots are drawn."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.wait_for_timeout(2500)


def train(browser: Browser, url: str, folder: Path) -> str:
    """Start the notebook's run, photograph it while it learns and at its end; its address."""
    page = open_page(browser, f"{url}/train", 1280, "light")
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_selector(".fmnist-status b.running")
    page.wait_for_timeout(6000)
    page.screenshot(path=folder / "train-running-1280-light.png")
    shutil.copyfile(folder / "train-running-1280-light.png", README_PICTURE)
    page.wait_for_selector(".fmnist-status b.finished")
    settle(page)
    return page.url.removeprefix(url)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=ROOT / "test-results" / "screenshots")
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with server() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=options)
        pages = PAGES | {"train-finished": train(browser, url, folder)}
        for name, address in pages.items():
            for width in (1280, 390):
                for scheme in ("light", "dark"):
                    page = open_page(browser, url + address, width, scheme)
                    picture = folder / f"{name}-{width}-{scheme}.png"
                    page.screenshot(path=picture, full_page=True)
                    page.context.close()
                    print(picture)
        browser.close()


if __name__ == "__main__":
    main()
