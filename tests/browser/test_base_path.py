"""All pages when the app is served under a path, as behind a proxy."""

import io
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, expect

from benchmarks.server import Server, server, wait_until
from fmnist.ui.parts.frame import MENU
from fmnist.ui.predict.outlines import points
from tests.browser.conftest import settle
from tests.browser.test_predict import ANSWER, trace

BASE = "fashion/mnist"
HEADINGS = {entry.label: entry.label for entry in MENU} | {"Home": "Fashion-MNIST live"}


@pytest.fixture(scope="module")
def based(environment: None) -> Iterator[Server]:
    """A server whose pages all lie under `BASE`."""
    with server(base_path=BASE) as based:
        yield based


@pytest.fixture
def visitor(page: Page, based: Server) -> Iterator[Page]:
    """A visitor who asks for nothing outside the base path, and for nothing that is not there."""
    strayed: list[str] = []

    def look(url: str) -> None:
        address = urlsplit(url)
        if address.scheme in ("http", "ws") and not f"{address.path}/".startswith(f"/{BASE}/"):
            strayed.append(url)

    page.on("request", lambda request: look(request.url))
    page.on("websocket", lambda socket: look(socket.url))
    page.on(
        "response",
        lambda answer: answer.status >= 400 and strayed.append(f"{answer.status} {answer.url}"),
    )
    yield page
    assert not strayed


def test_every_page_opens_by_its_address_and_by_the_menu(visitor: Page, based: Server) -> None:
    addresses = {}
    for entry in MENU:
        name = "" if entry.label == "Home" else entry.label.lower()
        visitor.goto(f"{based.url}/{name}")
        expect(visitor.locator(".stMain h1")).to_have_text(HEADINGS[entry.label])
        settle(visitor)
        addresses[entry.label] = f"{based.url}/{name}"
    for label, address in addresses.items():
        link = visitor.locator("[data-testid=stSidebar] [data-testid=stPageLink] a")
        link.filter(has_text=label).click()
        expect(visitor.locator(".stMain h1")).to_have_text(HEADINGS[label])
        assert visitor.url.partition("?")[0] == address
    before_the_last = HEADINGS[MENU[-2].label]
    visitor.go_back()
    expect(visitor.locator(".stMain h1")).to_have_text(before_the_last)
    visitor.reload()
    expect(visitor.locator(".stMain h1")).to_have_text(before_the_last)


def test_plots_are_drawn_and_a_mistake_leads_to_predict(visitor: Page, based: Server) -> None:
    visitor.goto(f"{based.url}/evaluate?model=tuned")
    wait_until(visitor, "window.fmnistPlots?.plotsCreated > 0")
    visitor.locator("a.fmnist-card").first.click()
    expect(visitor.locator(ANSWER)).to_contain_text("the data set calls it")
    assert visitor.url.startswith(f"{based.url}/predict?source=sample&index=")


def test_drawings_and_uploads_are_answered(visitor: Page, based: Server) -> None:
    visitor.goto(f"{based.url}/predict")
    visitor.locator("canvas.upper-canvas").wait_for()
    trace(visitor, 0)
    expect(visitor.locator(f"{ANSWER} h2")).to_be_visible()

    visitor.goto(f"{based.url}/predict?source=upload")
    files = visitor.locator("[data-testid=stFileUploader] input[type=file]")
    files.wait_for(state="attached")
    image = Image.new("RGB", (300, 300), "white")
    ImageDraw.Draw(image).polygon([(3 * x, 3 * y) for x, y in points(3)], fill=(120, 30, 60))
    content = io.BytesIO()
    image.save(content, "PNG")
    with visitor.expect_response(lambda answer: "/upload_file/" in answer.url) as answer:
        files.set_input_files(
            [{"name": "dress.png", "mimeType": "image/png", "buffer": content.getvalue()}]
        )
    assert answer.value.status == 204
    expect(visitor.locator(f"{ANSWER} h2")).to_be_visible()


def test_a_run_is_started_opened_by_its_link_and_downloaded(
    visitor: Page, based: Server, browser: Browser
) -> None:
    visitor.goto(based.url)  # a proxy or a person may leave out the slash at the end
    visitor.get_by_role("button", name="Train the network").click()
    visitor.wait_for_url(f"{based.url}/train")
    visitor.goto(f"{based.url}/train?epochs=1")
    visitor.get_by_role("button", name="Start", exact=True).click()
    model = visitor.get_by_role("button", name="Model (.keras)")
    with visitor.expect_download() as download:
        model.click()
    assert download.value.path().stat().st_size > 100_000
    run = visitor.url
    assert run.startswith(f"{based.url}/train?run=")

    visitor.goto(f"{based.url}/")
    link = visitor.locator(".stMain a[href*='run=']").first
    link.click()
    expect(visitor.get_by_role("button", name="Model (.keras)")).to_be_visible()
    assert visitor.url == run
