"""The real app on a free port, and a real browser to look at it with."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Error, Page, sync_playwright

from benchmarks.processes import ROOT, started

CHROMIUM_OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

# In the page itself or in a component that is walled off from it.
_IS_THERE = """selector => {
    const walled = document.querySelectorAll('[data-testid=stBidiComponentIsolated]');
    return [document, ...[...walled].map(component => component.shadowRoot)].some(
        root => root?.querySelector(selector)?.getBoundingClientRect().height > 0);
}"""


@dataclass(frozen=True)
class Server:
    """A running app.

    Attributes
    ----------
    url : where it is served, without a slash at the end
    runs : its folder of runs
    log : file with what it prints
    process : the web process
    started : when the process was started, on the clock of ``time.perf_counter``
    """

    url: str
    runs: Path
    log: Path
    process: subprocess.Popen[bytes]
    started: float

    @property
    def pid(self) -> int:
        """Id of the web process."""
        return self.process.pid

    def stop(self) -> None:
        """Ask it to end, as a service manager does, and wait until it has."""
        self.process.terminate()
        self.process.wait(timeout=60)

    def wait_until_it_answers(self, seconds: float = 90) -> None:
        """Return as soon as it does. Raises RuntimeError with its log if it ends or never does."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                urllib.request.urlopen(f"{self.url}/_stcore/health").close()
                return
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.02)
        raise RuntimeError(f"The server at {self.url} did not start:\n{self.log.read_text()}")


@contextmanager
def server(
    *,
    script: Path = ROOT / "streamlit_app.py",
    runs: Path | None = None,
    base_path: str = "",
    env: Mapping[str, str] | None = None,
    wait: bool = True,
) -> Iterator[Server]:
    """The app on a free port, ended with its training processes.

    Parameters
    ----------
    script : of another app, to compare with
    runs : folder of runs; by itself an empty one, deleted at the end
    base_path : what stands before every page in the address, as behind a proxy
    env : environment variables on top of those of this process
    wait : until it answers; otherwise the caller does
    """
    port = free_port()
    path = f"/{base_path}" if base_path else ""
    base = ["--server.baseUrlPath", base_path] if base_path else []
    with tempfile.TemporaryDirectory() as folder:
        runs = runs or Path(folder) / "runs"
        runs.mkdir(exist_ok=True)
        log = Path(folder) / "server.log"
        began = time.perf_counter()
        with (
            log.open("wb") as output,
            started(
                [*server_command(port, script), *base],
                gently=True,
                env={**os.environ, **(env or {}), "FMNIST_RUNS_DIR": str(runs)},
                stdout=output,
                stderr=subprocess.STDOUT,
            ) as process,
        ):
            served = Server(f"http://127.0.0.1:{port}{path}", runs, log, process, began)
            if wait:
                served.wait_until_it_answers()
            yield served


def server_command(port: int, script: Path = ROOT / "streamlit_app.py") -> list[str]:
    """What starts an app on a port of this machine."""
    return [
        *(sys.executable, "-m", "streamlit", "run", str(script)),
        *("--server.port", str(port), "--server.address", "127.0.0.1"),
    ]


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def chromium() -> Iterator[Browser]:
    """The Chromium that is installed, otherwise the one that Playwright brought."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_OPTIONS))
        yield browser
        browser.close()


def open_window(browser: Browser, width: int = 1280, scheme: str = "light") -> Page:
    """A new visitor's empty page: no cookies, nothing cached."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    page.set_default_timeout(120_000)
    return page


def visit(browser: Browser, url: str, width: int = 1280, scheme: str = "light") -> Page:
    """A new visitor's page, as soon as the browser has begun to load it."""
    page = open_window(browser, width, scheme)
    page.goto(url, wait_until="commit")
    return page


def wait_until(page: Page, expression: str, arg: Any = None) -> None:
    """Wait until a JavaScript expression, or a function given `arg`, is true in the page.

    Playwright's own ``wait_for_function`` evaluates text in the page on its second look, which the
    content policy of the app forbids.

    Raises
    ------
    TimeoutError
        After two minutes; the message has the expression.
    """
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            if page.evaluate(expression, arg):
                return
        except Error as problem:
            if "context was destroyed" not in problem.message:  # by a new address
                raise
        page.wait_for_timeout(4)  # lets Playwright take in what the page reports
    raise TimeoutError(f"It did not become true in the page: {expression}")


def wait_until_there(page: Page, selector: str) -> None:
    """Wait until an element stands on the page; Playwright itself looks only every half second."""
    wait_until(page, _IS_THERE, selector)


def wait_for_script(page: Page) -> None:
    """Wait until the page's script has run to its end."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")


def resident_megabytes(pid: int) -> float:
    """Memory of a process that is resident, in units of a million bytes."""
    output = subprocess.check_output(["ps", "-o", "rss=", "-p", str(pid)], text=True)
    return int(output) * 1024 / 1e6
