import gzip
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.server import wait_until
from fmnist.classes import CLASS_NAMES
from fmnist.ui.parts.frame import MENU
from fmnist.ui.parts.plot import LIBRARY, LIBRARY_FILE
from tests.browser.conftest import PATIENCE, Server, settle

PATHS = ["/", *(f"/{entry.page.removeprefix('pages/').removesuffix('.py')}" for entry in MENU[1:])]
PICTURES = ".fmnist-learning a"
CHANGED = """before => [...document.querySelectorAll('.fmnist-learning a')].some(
    (link, number) => link.getAttribute('aria-label') !== before[number])"""


def labels(page: Page) -> list[str]:
    """What each of the ten pictures is called just now, and what it is."""
    return [link.get_attribute("aria-label") or "" for link in page.locator(PICTURES).all()]


def test_on_home_answers_change_as_epochs_pass_until_somebody_pauses(
    page: Page, server: Server
) -> None:
    page.goto(server.url)
    expect(page.get_by_role("heading", name="Fashion-MNIST live")).to_be_visible()
    expect(page.locator(PICTURES)).to_have_count(10)
    for name, label in zip(CLASS_NAMES, labels(page), strict=True):
        assert f"of the class {name}, called" in label
    wait_until(page, "() => document.querySelector('.fmnist-learning').dataset.epoch > 1")
    first = labels(page)
    wait_until(page, CHANGED, first)
    page.get_by_role("button", name="Pause").click()
    epoch = page.locator(".fmnist-learning .epoch").inner_text()
    page.wait_for_timeout(1500)
    assert page.locator(".fmnist-learning .epoch").inner_text() == epoch
    page.get_by_role("button", name="Other pictures").click()
    assert page.locator(".fmnist-learning .epoch").inner_text() == "Before training"
    page.get_by_role("button", name="Play").press("Enter")  # by keyboard
    expect(page.locator(".fmnist-learning .epoch")).to_contain_text("After epoch")


def test_a_picture_on_home_opens_on_predict_with_its_way_through_the_epochs(
    page: Page, server: Server
) -> None:
    page.goto(server.url)
    page.locator(PICTURES).nth(8).click()
    page.wait_for_url("**/predict?**")
    expect(page.get_by_text("As the network learned")).to_be_visible()
    expect(page.get_by_text("the data set calls it Bag")).to_be_visible()


def test_who_wants_less_motion_sees_home_at_rest(browser: Browser, server: Server) -> None:
    context = browser.new_context(reduced_motion="reduce")
    try:
        page = context.new_page()
        page.goto(server.url)
        expect(page.locator(".fmnist-learning .epoch")).to_have_text("After epoch 50 of 50")
        page.wait_for_timeout(1500)
        expect(page.locator(".fmnist-learning .epoch")).to_have_text("After epoch 50 of 50")
        page.get_by_role("button", name="Play").click()
        expect(page.locator(".fmnist-learning .epoch")).to_have_text("After epoch 1 of 50")
    finally:
        context.close()


def test_plotly_is_kept_by_browsers_and_compressed_for_those_who_can(server: Server) -> None:
    url = f"{server.url}/{LIBRARY}"
    with urllib.request.urlopen(url) as plain:
        assert "immutable" in plain.headers["Cache-Control"]
        content = plain.read()
    request = urllib.request.Request(url, headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request) as packed:
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.read()) == content == LIBRARY_FILE.read_bytes()


def test_home_leads_to_train(page: Page, server: Server) -> None:
    page.goto(server.url)
    page.get_by_role("button", name="Train the network").click()
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_visible()
    assert page.url.startswith(f"{server.url}/train")


@pytest.mark.parametrize("path", PATHS)
def test_a_cold_deep_link_has_the_same_menu(
    page: Page, start_server: Callable[..., Server], path: str
) -> None:
    server = start_server()
    page.goto(server.url + path)
    menu = page.locator("[data-testid=stSidebar] [data-testid=stPageLink]")
    expect(menu).to_have_count(len(MENU))
    for link, entry in zip(menu.all(), MENU, strict=True):
        expect(link).to_contain_text(entry.label)


def test_pages_under_a_base_path_find_their_server_at_once(
    page: Page, start_server: Callable[..., Server]
) -> None:
    """The page fixture fails on a request that was answered with 404."""
    server = start_server(base_path="from/the/left")
    for path in ("/", "/weights", "/train?epochs=3", "/train/"):
        page.goto(server.url + path)
        settle(page)
        expect(page.locator(".stMain h1")).to_be_visible()
        assert page.url.rstrip("/") == (server.url + path).rstrip("/")
    page.get_by_role("link", name="Weights").click()
    page.wait_for_url(f"{server.url}/weights**")
    page.go_back()
    page.wait_for_url(f"{server.url}/train**")


def test_the_main_menu_offers_nothing_that_is_forbidden(page: Page, server: Server) -> None:
    page.goto(server.url)
    settle(page)
    page.get_by_role("button", name="Main menu").click()
    expect(page.get_by_text("Print", exact=True)).to_be_visible()
    expect(page.get_by_text("Record screen", exact=True)).to_be_hidden()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_is_wider_than_a_phone(page: Page, server: Server, path: str, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(server.url + path)
    expect(page.locator(".stMain h1")).to_be_visible()
    settle(page)
    # The style sheet may come a moment after the text; a page that stays too wide times out here.
    wait_until(page, "document.querySelector('.stMain').scrollWidth <= 390")


def test_two_visitors_may_come_at_once(browser, start_server: Callable[..., Server]) -> None:
    server = start_server()
    contexts = [browser.new_context() for _ in range(3)]
    pages = [context.new_page() for context in contexts]
    for visitor in pages:
        visitor.set_default_timeout(PATIENCE)
        visitor.goto(f"{server.url}/train", wait_until="commit")
    for visitor in pages:
        expect(visitor.get_by_role("button", name="Start", exact=True)).to_be_visible()
        expect(visitor.locator("[data-testid=stException]")).to_have_count(0)
    for context in contexts:
        context.close()


def test_with_no_network_home_says_so_and_tries_again(
    page: Page, start_server: Callable[..., Server], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FMNIST_DATA_DIR", raising=False)
    server = start_server(KERAS_HOME=str(tmp_path), https_proxy="http://127.0.0.1:9")
    page.goto(server.url)
    line = page.get_by_text("Fashion-MNIST could not be downloaded: no network.")
    expect(line).to_be_visible()
    expect(page.locator("[data-testid=stAlert]")).to_have_count(0)
    expect(page.get_by_text("Connection refused")).to_be_hidden()
    page.get_by_text("Details", exact=True).click()
    expect(page.get_by_text("Connection refused")).to_be_visible()
    page.get_by_role("button", name="Retry").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(line).to_be_visible()
    page.goto(f"{server.url}/evaluate")
    expect(page.get_by_text("Test accuracy")).to_be_visible()
    expect(page.get_by_text("Not Fashion-MNIST").first).to_be_visible()
    expect(line).to_have_count(0)


def test_a_tour_points_at_real_things_and_can_be_left(page: Page, server: Server) -> None:
    page.goto(server.url)
    page.get_by_role("button", name="New here?").click()
    box = page.get_by_role("dialog")
    for number in range(1, 6):
        expect(box).to_contain_text(f"{number} of 5")
        expect(page.locator(".fmnist-tour-target")).to_be_visible()  # what it points at
        box.get_by_role("button", name="Next" if number < 5 else "Done").press("Enter")
    expect(box).to_be_hidden()
    expect(page.locator(".fmnist-tour-target")).to_have_count(0)
    page.reload()
    page.get_by_role("button", name="Show me round again").click()
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()


def test_the_tour_fits_a_phone_and_ends_with_the_page(page: Page, server: Server) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(server.url)
    page.get_by_role("button", name="New here?").click()
    box = page.get_by_role("dialog")
    for _ in range(4):
        place = box.bounding_box()
        assert place is not None and place["x"] >= 0 and place["x"] + place["width"] <= 390
        assert place["y"] >= 0 and place["y"] + place["height"] <= 844
        box.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Train the network").dispatch_event("click")
    page.wait_for_url("**/train**")
    expect(box).to_be_hidden()
