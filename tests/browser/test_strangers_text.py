"""What strangers write into links, names and records is text: nothing is fetched, nothing made."""

import http.server
import io
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import quote

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from fmnist.network import Network
from fmnist.training.runs import EventLog
from tests.archives import archive, make_run, random_network
from tests.browser.conftest import Server, settle

# Parameters of the pages; "/train" reads every field of the recipe as well.
PARAMETERS = {
    "/": ["run", "model"],
    "/train": ["run", "optimizer", "hidden_units", "epochs", "![a](x)"],
    "/predict": ["model", "source", "index", "certainty"],
    "/weights": ["model", "neuron", "epoch", "order"],
    "/evaluate": ["model", "compare", "view", "cell"],
}


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    """A stranger's server: its address, and what was asked of it."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            """Be quiet."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as stranger:
        thread = threading.Thread(target=stranger.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{stranger.server_port}", asked
        stranger.shutdown()
        thread.join()


@pytest.fixture
def leaves(page: Page, server: Server, listener: tuple[str, list[str]]) -> Callable[[], list[str]]:
    """Requests that went anywhere but to the app, and elements that would send one."""
    stranger, asked = listener
    gone: list[str] = []
    ours = (server.url, server.url.replace("http", "ws", 1), "data:", "blob:")
    page.on("request", lambda request: request.url.startswith(ours) or gone.append(request.url))

    def look() -> list[str]:
        made = page.evaluate(
            """stranger => [...document.querySelectorAll("[src],[href]")]
                .map(each => each.getAttribute("src") ?? each.getAttribute("href"))
                .filter(address => address.includes(stranger))""",
            stranger,
        )
        return [*gone, *asked, *made]

    return look


def evil(stranger: str) -> str:
    """All ways in one: Markdown's picture and link, a bare address, HTML."""
    return f"![a]({stranger}/m.png) [b]({stranger}/l) {stranger}/t <img src={stranger}/h.png>"


@pytest.mark.parametrize("path", PARAMETERS)
def test_no_link_makes_markup(
    page: Page, server: Server, listener: tuple[str, list[str]], leaves: Callable[[], list[str]],
    path: str,
) -> None:  # fmt: skip
    words = quote(evil(listener[0]))
    for name in PARAMETERS[path]:
        page.goto(f"{server.url}{path}?{quote(name)}={words}")
        settle(page)
        assert leaves() == [], name


def test_the_message_repeats_the_link_as_text(
    page: Page, server: Server, listener: tuple[str, list[str]], leaves: Callable[[], list[str]]
) -> None:
    page.goto(f"{server.url}/train?run={quote(f'![a]({listener[0]}/m.png)')}")
    expect(page.get_by_test_id("stAlert")).to_contain_text("![a](http:")
    assert leaves() == []


def test_names_in_an_uploaded_model_are_text(
    page: Page, server: Server, listener: tuple[str, list[str]], leaves: Callable[[], list[str]]
) -> None:
    words = f"![a]({listener[0]}/m.png) <img src={listener[0]}/h.png>"  # a name has 100 characters
    network = random_network((17,))
    layers = tuple(replace(layer, name=words) for layer in network.layers)
    page.goto(f"{server.url}/weights")
    settle(page)
    box = page.get_by_role("combobox", name="Model")
    box.click()
    box.fill(".keras file")
    page.get_by_role("option", name="A .keras file of yours").click()
    page.locator("input[type=file]").set_input_files(
        {
            "name": f"![a]({listener[0].replace('/', ':')}).keras",
            "mimeType": "application/zip",
            "buffer": archive(Network(layers)),
        }
    )
    expect(page.get_by_text("17 neurons.")).to_be_visible()
    settle(page)
    expect(page.locator("td", has_text="![a](http:").first).to_be_visible()
    assert leaves() == []


def test_names_of_pictures_are_text(
    page: Page, server: Server, listener: tuple[str, list[str]], leaves: Callable[[], list[str]]
) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (40, 40), "white").save(buffer, "PNG")
    name = f"![a]({listener[0].replace('/', ':')}) <img src=x onerror=alert(1)> \u202egnp."
    page.goto(f"{server.url}/predict?source=upload")
    settle(page)
    upload = page.locator("input[type=file]")
    for files in ([buffer.getvalue()], [b"no picture"], [buffer.getvalue(), b"no picture"]):
        upload.set_input_files(
            [
                {"name": f"{name}{number}.png", "mimeType": "image/png", "buffer": content}
                for number, content in enumerate(files)
            ]
        )
        page.wait_for_timeout(500)
        settle(page)
        assert leaves() == []
        assert page.locator("img[src='x']").count() == 0


def test_a_record_of_a_run_is_text(
    page: Page, server: Server, listener: tuple[str, list[str]], leaves: Callable[[], list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("FMNIST_RUNS_DIR", str(server.runs))
    words = evil(listener[0])
    run = make_run(random_network((8,)))
    log = EventLog(run)
    log.append("train_begin", data_name=words, data_official=False, learning_rate=0.01)
    log.append("failed", message=words)
    log.close()
    for address in ("/", f"/train?run={run.id}", f"/weights?model={run.id}",
                    f"/evaluate?model={run.id}", f"/predict?model={run.id}"):  # fmt: skip
        page.goto(f"{server.url}{address}")
        settle(page)
        assert leaves() == [], address
    page.goto(f"{server.url}/train?run={run.id}")
    expect(page.get_by_text("![a](http:").first).to_be_visible()
