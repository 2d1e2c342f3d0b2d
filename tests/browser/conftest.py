"""A real server on a free port, and a real browser."""

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from benchmarks.server import Server, chromium
from benchmarks.server import server as serve
from tests.browser.watching import watch

SIZE: ViewportSize = {"width": 1280, "height": 900}
PATIENCE = 90_000  # milliseconds; only ever waited out when something is wrong

expect.set_options(timeout=PATIENCE)


@pytest.fixture
def start_server() -> Iterator[Callable[..., Server]]:
    """Start servers of a test's own; all that are still up are stopped at its end."""
    with contextlib.ExitStack() as stack:

        def start(runs: Path | None = None, base_path: str = "", **env: str) -> Server:
            return stack.enter_context(serve(runs=runs, base_path=base_path, env=env))

        yield start


@pytest.fixture(scope="session")
def server(environment: None) -> Iterator[Server]:
    """The server that most tests share."""
    with serve() as server:
        yield server


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
def problems() -> list[str]:
    """What went wrong in the page so far; a test that provokes something looks, and clears it."""
    return []


@pytest.fixture(scope="session")
def window(browser: Browser) -> Iterator[BrowserContext]:
    """A window whose cache lasts, so that not every test loads all of Streamlit anew."""
    context = browser.new_context(viewport=SIZE, accept_downloads=True)
    yield context
    context.close()


@pytest.fixture
def page(
    window: BrowserContext, problems: list[str], start_server: Callable[..., Server]
) -> Iterator[Page]:
    """A visitor whom no server knows, gone before the test's own servers.

    Whatever goes wrong in the page fails the test.
    """
    page = window.new_page()
    page.set_viewport_size(SIZE)
    page.set_default_timeout(PATIENCE)
    watch(page, problems)
    yield page
    forget(window, page)
    assert not problems


def forget(window: BrowserContext, page: Page) -> None:
    """Leave nothing of a visitor but the cache: no tab, no cookie, nothing in any storage."""
    storage = {"origin": page.evaluate("location.origin"), "storageTypes": "all"}
    tools = window.new_cdp_session(page)
    page.goto("about:blank")
    tools.send("Storage.clearDataForOrigin", storage)
    window.clear_cookies()
    for tab in window.pages:
        tab.close()


def settle(page: Page) -> None:
    """Wait until the page's script has run to its end."""
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
