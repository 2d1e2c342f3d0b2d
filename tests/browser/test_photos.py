"""Photos in a real browser: tap and box on the photo, paste, drop, undo of a stroke by key."""

import base64
import re

import pytest
from playwright.sync_api import Browser, Page, expect

from fmnist.classes import folder_name
from fmnist.prediction import examples
from tests.browser.conftest import Server
from tests.browser.test_predict import ANSWER, trace

PHOTO = ".photo"
GIVE = """([kind, content]) => {
  const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  const files = new DataTransfer();
  files.items.add(new File([bytes], "given.jpg", { type: "image/jpeg" }));
  const event = kind === "paste"
    ? new ClipboardEvent("paste", { clipboardData: files, bubbles: true, cancelable: true })
    : new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true });
  document.body.dispatchEvent(event);
}"""


def at(page: Page, x: float, y: float) -> tuple[float, float]:
    """Place on the screen of a place in the photo."""
    box = page.locator(PHOTO).bounding_box()
    assert box is not None
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def outline(page: Page) -> str:
    return page.locator(f"{PHOTO} img").nth(1).get_attribute("src") or ""


def wait_for_another_outline(page: Page, before: str) -> str:
    expect(page.locator(f"{PHOTO} img").nth(1)).not_to_have_attribute("src", before)
    return outline(page)


def test_a_tap_and_a_box_correct_what_was_found(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/predict?image=8&model=tuned")
    expect(page.locator(f"{ANSWER} h2")).to_be_visible()
    page.locator(PHOTO).scroll_into_view_if_needed()
    expect(page.locator(f"{PHOTO} img").nth(1)).to_be_visible()
    whole = outline(page)
    page.mouse.click(*at(page, 0.5, 0.6))
    tapped = wait_for_another_outline(page, whole)
    expect(page).to_have_url(re.compile("taps%3A50-60|taps:50-60"))
    page.get_by_role("button", name="Undo").last.click()
    assert wait_for_another_outline(page, tapped) == whole
    page.mouse.move(*at(page, 0.3, 0.4))
    page.mouse.down()
    page.mouse.move(*at(page, 0.5, 0.6), steps=5)
    page.mouse.move(*at(page, 0.7, 0.9), steps=5)
    page.mouse.up()
    wait_for_another_outline(page, whole)
    expect(page.locator(f"{PHOTO} .box")).to_be_visible()
    expect(page).to_have_url(re.compile("box"))
    page.reload()
    expect(page.locator(f"{PHOTO} .box")).to_be_visible()
    expect(page.get_by_role("button", name="Undo").last).to_be_enabled()


@pytest.mark.parametrize("way", ["paste", "drop"])
def test_a_picture_can_be_pasted_and_dropped_anywhere(page: Page, server: Server, way: str) -> None:
    page.goto(f"{server.url}/predict?source=upload&model=tuned")
    field = page.locator('.st-key-files input[type="file"]')
    expect(field).to_have_attribute("accept", "image/*")  # phones then offer their camera
    content = (examples.FOLDER / f"{folder_name(7)}.jpg").read_bytes()
    page.evaluate(GIVE, [way, base64.b64encode(content).decode()])
    expect(page.locator(f"{ANSWER} h2")).to_be_visible()
    expect(page.locator(PHOTO)).to_be_visible()
    expect(page.locator(f"{PHOTO} img").first).to_have_attribute("alt", re.compile("^given.jpg"))


def test_control_z_takes_a_stroke_back(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/predict?model=tuned")
    page.locator("canvas.upper-canvas").wait_for()
    trace(page, 0)
    expect(page.locator(f"{ANSWER} h2")).to_be_visible()
    page.keyboard.press("Control+z")
    expect(page.locator(ANSWER)).to_contain_text("Draw an item of clothing")
    page.keyboard.press("Control+Shift+Z")
    expect(page.locator(f"{ANSWER} h2")).to_be_visible()


def test_by_finger_a_tap_corrects_and_a_button_lets_draw_a_box(
    browser: Browser, server: Server
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    page.goto(f"{server.url}/predict?image=8&model=tuned")
    expect(page.locator(f"{ANSWER} h2")).to_be_visible()
    page.locator(PHOTO).scroll_into_view_if_needed()
    whole = outline(page)
    page.touchscreen.tap(*at(page, 0.5, 0.6))
    wait_for_another_outline(page, whole)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()
