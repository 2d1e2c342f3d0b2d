"""The content policy in a real browser: strangers get nothing, and what the pages need works."""

import http.server
import io
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from benchmarks.server import CHROMIUM_OPTIONS, wait_until
from fmnist.dataset import Dataset
from fmnist.ui.server.uploads import MEGABYTE
from tests.browser.conftest import PATIENCE, Server, settle
from tests.browser.watching import watch

ANSWER = ".fmnist-answer"
FAKE_CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
# It starts twice: at full size, and in the width of its place once that is known. In between there
# is no picture to take.
CAMERA_RUNS = """() => {
    const video = document.querySelector('video');
    return 0 < video.videoWidth && video.videoWidth <= video.getAttribute('width');
}"""


@pytest.fixture
def stranger() -> Iterator[tuple[str, list[str]]]:
    """Another server: its address, and what was asked of it. ``/frame?<url>`` frames a page."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            path, _, url = self.path.partition("?")
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            if path == "/frame":
                self.wfile.write(f'<iframe src="{url}"></iframe>'.encode())

        def log_message(self, *_: object) -> None:
            """Be quiet."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()


LOADS = {
    "picture": "url => { const i = new Image(); i.src = url; document.body.append(i); }",
    "script": "url => { const s = document.createElement('script'); s.src = url;"
    " document.body.append(s); }",
    "style": "url => { const l = document.createElement('link'); l.rel = 'stylesheet';"
    " l.href = url; document.head.append(l); }",
    "background": "url => { document.body.style.backgroundImage = `url(${url})`; }",
    "frame": "url => { const f = document.createElement('iframe'); f.src = url;"
    " document.body.append(f); }",
    "fetch": "url => fetch(url, {mode: 'no-cors'}).catch(() => 0)",
    "socket": "url => { try { new WebSocket(url.replace('http', 'ws')); } catch { } }",
    "beacon": "url => navigator.sendBeacon(url)",
    "form": "url => { const f = document.createElement('form'); f.action = url;"
    " document.body.append(f); f.submit(); }",
}


@pytest.mark.parametrize("kind", LOADS)
def test_nothing_slipped_into_a_page_reaches_a_stranger(
    browser: Browser, server: Server, stranger: tuple[str, list[str]], kind: str
) -> None:
    url, asked = stranger
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{server.url}/")
    settle(page)
    with page.expect_console_message(lambda said: "Content Security Policy" in said.text):
        page.evaluate(LOADS[kind], f"{url}/{kind}")
    page.goto(f"{url}/the-browser-can-reach-it")
    assert asked[0] == "/the-browser-can-reach-it"
    context.close()


def test_an_inline_script_does_not_run(browser: Browser, server: Server) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{server.url}/")
    settle(page)
    with page.expect_console_message(lambda said: "Content Security Policy" in said.text):
        page.evaluate(
            "() => { const d = document.createElement('div');"
            " d.innerHTML = '<img src=x: onerror=\"window.ran = 1\">'; document.body.append(d); }"
        )
    assert page.evaluate("window.ran") is None
    context.close()


def test_a_strangers_page_cannot_frame_the_app(
    browser: Browser, server: Server, stranger: tuple[str, list[str]]
) -> None:
    context = browser.new_context()
    page = context.new_page()
    with page.expect_console_message(lambda said: "frame" in said.text):
        page.goto(f"{stranger[0]}/frame?{quote(server.url, safe=':/')}")
    assert page.frames[1].url.startswith("chrome-error:")
    context.close()


@pytest.fixture
def clothes(data: Dataset) -> bytes:
    """A picture of a T-shirt, as a file."""
    item = data.test_images[np.flatnonzero(data.test_labels == 0)[0]]
    file = io.BytesIO()
    Image.fromarray(255 - np.kron(item, np.ones((10, 10), np.uint8))).save(file, "PNG")
    return file.getvalue()


def test_uploads_work_up_to_the_limit_and_again_below_it(
    page: Page, server: Server, clothes: bytes, problems: list[str], tmp_path: Path
) -> None:
    page.goto(f"{server.url}/predict?source=upload")
    files = page.locator("[data-testid=stFileUploader] input[type=file]")
    files.set_input_files([{"name": "one.png", "mimeType": "image/png", "buffer": clothes}])
    expect(page.locator(f"{ANSWER} h2")).to_be_visible()
    for number in range(6):
        large = tmp_path / f"{number}.png"
        large.write_bytes(clothes + bytes(19 * MEGABYTE))
        with page.expect_response(lambda answer: "/upload_file/" in answer.url) as answer:
            files.set_input_files(large)
        assert answer.value.status == (204 if number < 5 else 413)
    expect(page.locator("[data-testid=stFileUploader]")).to_contain_text("413")
    settle(page)
    remove = page.locator("[data-testid=stFileChipDeleteBtn] button, [aria-label^=Remove]").first
    with page.expect_response(lambda answer: answer.request.method == "DELETE"):
        remove.click()
    assert problems and all("413" in problem for problem in problems), problems
    problems.clear()


def test_a_photo_is_taken_and_answered(server: Server, open_browser: Callable[..., Browser]):
    browser = open_browser([*CHROMIUM_OPTIONS, *FAKE_CAMERA])
    context = browser.new_context(permissions=["camera"])
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    problems: list[str] = []
    watch(page, problems)
    page.goto(f"{server.url}/predict?source=camera")
    shutter = page.get_by_role("button", name="Take Photo")
    shutter.wait_for()
    wait_until(page, CAMERA_RUNS)
    shutter.click()
    expect(page.locator(f"{ANSWER} h2")).to_be_visible()
    context.close()
    assert not problems
