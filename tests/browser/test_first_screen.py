"""Pages whose rest comes once the browser has drawn their top."""

import pytest
from playwright.sync_api import Page, expect

from benchmarks.server import Server
from tests.browser.conftest import settle


@pytest.mark.parametrize("width", [1280, 390])
def test_the_rest_of_a_linked_view_comes_by_itself(page: Page, server: Server, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{server.url}/evaluate?model=tuned&view=Calibration")
    expect(page.get_by_text("Look closer")).to_be_attached()
    expect(page.locator(".st-key-reliability, .st-key-calibration").first).to_be_attached()
    settle(page)
    assert "view=Calibration" in page.url
    page.goto(f"{server.url}/weights?model=tuned&neuron=3")
    expect(page.get_by_role("heading", name="Layers")).to_be_attached()
    assert "neuron=3" in page.url
    page.goto(f"{server.url}/predict?source=sample&index=4")
    expect(page.get_by_text("Most similar training images")).to_be_attached()


def test_a_slow_browser_asks_for_the_rest_once(page: Page, server: Server) -> None:
    asked = []

    def count(frame: str | bytes) -> None:
        asked.extend([1] if isinstance(frame, bytes) and b'"drawn"' in frame else [])

    page.on("websocket", lambda socket: socket.on("framesent", count))
    tools = page.context.new_cdp_session(page)
    tools.send("Emulation.setCPUThrottlingRate", {"rate": 12})
    page.goto(f"{server.url}/evaluate")
    expect(page.get_by_text("Look closer")).to_be_attached()
    settle(page)
    tools.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    assert asked == [1]


def test_a_page_in_the_background_is_whole_as_well(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/")
    settle(page)
    other = page.context.new_page()
    other.goto(f"{server.url}/evaluate")
    page.bring_to_front()
    expect(other.get_by_text("Look closer")).to_be_attached()
    other.close()
