"""A real server on a free port, and a real browser."""

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.server import Server, chromium
from benchmarks.server import server as serve

PATIENCE = 90_000  # milliseconds; only ever waited out when something is wrong

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def start_server(environment: None) -> Iterator[Callable[..., Server]]:
    """Start servers of one's own; all that are still up are stopped at the end of the session."""
    with contextlib.ExitStack() as stack:

        def start(runs: Path | None = None, base_path: str = "", **env: str) -> Server:
            return stack.enter_context(serve(runs=runs, base_path=base_path, env=env))

        yield start


@pytest.fixture(scope="session")
def server(start_server: Callable[..., Server]) -> Server:
    """The server that most tests share."""
    return start_server()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium when it is installed, otherwise the one that Playwright brought."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def open_browser(browser: Browser) -> Iterator[Callable[[list[str]], Browser]]:
    """Start the same Chromium with other options; all are closed at the end of the test."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with contextlib.ExitStack() as stack:

        def launch(options: list[str]) -> Browser:
            # By the Playwright that runs already: there cannot be two of them.
            another = browser.browser_type.launch(executable_path=path, args=options)
            stack.callback(another.close)
            return another

        yield launch


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh visitor; errors of its scripts and breaches of its content policy fail the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    problems = watch(page)
    yield page
    context.close()
    assert not problems


def watch(page: Page) -> list[str]:
    """What goes wrong in a page from now on: errors of scripts, breaches of its content policy."""
    problems: list[str] = []
    page.on("pageerror", lambda problem: problems.append(str(problem)))
    page.on(
        "console",
        lambda said: "Content Security Policy" in said.text and problems.append(said.text[:500]),
    )
    return problems


def settle(page: Page) -> None:
    """Wait until the page's script has run to its end."""
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
