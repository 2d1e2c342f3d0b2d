"""Each part of Learn as people use it: by mouse, by keyboard, and on a phone."""

import re

import pytest
from playwright.sync_api import Page, expect

from benchmarks.server import wait_until
from fmnist import catalogue
from fmnist.arrays import scale
from fmnist.classes import CLASS_NAMES
from fmnist.dataset import Dataset
from tests.browser.conftest import Server, settle

PARTS = ("One step", "As it learned", "Break it", "You against it", "Experiments", "Words")


def open_part(page: Page, server: Server, part: str, **more: str) -> None:
    query = "&".join(f"{name}={value}" for name, value in {"part": part, **more}.items())
    page.goto(f"{server.url}/learn?{query}")
    expect(page.get_by_role("heading", name="Learn", exact=True)).to_be_visible()
    settle(page)


def loss(page: Page) -> float:
    text = page.get_by_text("The loss is").inner_text()
    found = re.search(r"= ([0-9.]+)\.", text)
    assert found, text
    return float(found[1])


def test_one_step_by_keyboard_and_a_neuron_by_mouse(page: Page, server: Server) -> None:
    open_part(page, server, "One step", model="notebook", untrained="true")
    before = loss(page)
    page.get_by_role("button", name="Ten steps").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Before the last step it was")).to_be_visible()
    assert loss(page) < before
    page.get_by_role("button", name="Undo").press("Enter")
    expect(page.get_by_text("Before the last step it was")).to_be_hidden()
    assert loss(page) == before
    strip = page.locator(".st-key-learn-layer-1 .nsewdrag").first
    strip.click()
    page.wait_for_url(re.compile(r"[?&]at=1-\d+"))
    expect(page.get_by_text(re.compile(r"what neuron \d+ of layer 2 adds up"))).to_be_visible()


def test_breaking_by_keyboard(page: Page, server: Server) -> None:
    open_part(page, server, "Break it", model="notebook")
    metric = page.locator("[data-testid=stMetricValue]").first
    before = metric.inner_text()
    page.get_by_role("slider", name="How many of the first hidden layer").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(metric).not_to_have_text(before)


def test_a_whole_game_by_the_keys_0_to_9(page: Page, server: Server) -> None:
    open_part(page, server, "You against it", model="notebook")
    # Streamlit listens to the keys of new buttons up to 0.3 s after it has drawn them, as measured.
    expect(page.locator(".st-key-game-9")).to_be_visible()
    page.wait_for_timeout(1000)
    for number in range(1, 21):
        expect(page.get_by_text(f"Picture {number} of 20")).to_be_visible()
        page.locator("body").press(str(number % 10))
    expect(page.get_by_text(re.compile(r"^\d+ of 20$")).first).to_be_visible()
    expect(page.get_by_text("People on all pictures")).to_be_visible()


def test_a_guess_by_keyboard(page: Page, server: Server) -> None:
    open_part(page, server, "Experiments", experiment="wrong-labels")
    expect(page.get_by_role("button", name="Find out")).to_be_disabled()
    page.get_by_role("radio", name="Next to nothing").focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Find out")).to_be_enabled()


def test_a_picture_goes_from_predict_to_learn(page: Page, server: Server, data: Dataset) -> None:
    page.goto(f"{server.url}/predict?source=sample&index=3&model=notebook")
    page.get_by_role("button", name="Take this picture to Learn").click()
    page.wait_for_url("**/learn**")
    expect(page.get_by_text("My picture from Predict")).to_be_visible()
    network = catalogue.open_model("notebook").network
    answer = int(network.logits(scale(data.test_images[3:4])).argmax())  # one may say otherwise
    expect(page.get_by_text(f"It is: {CLASS_NAMES[answer]}")).to_be_visible()


@pytest.mark.parametrize("part", PARTS)
def test_nothing_is_wider_than_a_phone(page: Page, server: Server, part: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    open_part(page, server, part, model="notebook")
    wait_until(page, "() => document.querySelectorAll('.stMain h1').length === 1")
    main = page.locator("[data-testid=stMain]")
    assert main.evaluate("element => element.scrollWidth <= element.clientWidth")


@pytest.mark.parametrize("part", PARTS)
def test_at_twice_the_size_nothing_is_lost(page: Page, server: Server, part: str) -> None:
    """A browser zoomed to 200% shows a page as one half as wide would."""
    page.set_viewport_size({"width": 640, "height": 450})
    open_part(page, server, part, model="notebook")
    main = page.locator("[data-testid=stMain]")
    assert main.evaluate("element => element.scrollWidth <= element.clientWidth")
