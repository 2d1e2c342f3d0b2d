import io
import re
import time

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, expect

from benchmarks.server import wait_until
from fmnist.dataset import Dataset
from fmnist.ui.predict.outlines import SIZE, points
from tests.archives import fitted_network, make_run
from tests.browser.conftest import PATIENCE, Server

ANSWER = ".fmnist-answer"


@pytest.fixture(scope="module")
def model(server: Server, data: Dataset) -> str:
    """Id of a finished run on the server; its network is mostly right."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FMNIST_RUNS_DIR", str(server.runs))
        return make_run(fitted_network(data)).id


def trace(page: Page, label: int) -> None:
    """Draw the outline of a class with the mouse."""
    canvas = page.locator("canvas.upper-canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    line = [(box["x"] + x * SIZE / 100, box["y"] + y * SIZE / 100) for x, y in points(label)]
    page.mouse.move(*line[0])
    page.mouse.down()
    for x, y in [*line[1:], line[0]]:
        page.mouse.move(x, y, steps=4)
    page.mouse.up()


def test_a_drawing_is_answered_undone_and_done_again(page: Page, server: Server, model: str):
    page.goto(f"{server.url}/predict?model={model}")
    expect(page.locator(ANSWER)).to_contain_text("Draw an item of clothing")
    page.locator("canvas.upper-canvas").wait_for()
    trace(page, 0)
    expect(page.locator(f"{ANSWER} h2")).to_be_visible()
    expect(page.locator(".fmnist-strip").first).to_contain_text("Centre")
    page.get_by_title("Undo").click()
    expect(page.locator(ANSWER)).to_contain_text("Draw an item of clothing")
    page.get_by_title("Redo").click()
    expect(page.locator(f"{ANSWER} h2")).to_be_visible()
    page.get_by_title("Reset canvas & history").click()
    expect(page.locator(ANSWER)).to_contain_text("Draw an item of clothing")


def test_a_drawing_is_still_there_after_a_look_at_the_samples(
    page: Page, server: Server, model: str
):
    page.goto(f"{server.url}/predict?model={model}")
    page.locator("canvas.upper-canvas").wait_for()
    trace(page, 1)
    expect(page.locator(f"{ANSWER} h2")).to_be_visible()
    page.get_by_role("radio", name="Samples").click()
    expect(page.locator(ANSWER)).to_contain_text("the data set calls it")
    assert "source=sample" in page.url
    page.get_by_role("radio", name="Draw").click()
    page.locator("canvas.upper-canvas").wait_for()
    expect(page.locator(f"{ANSWER} h2")).to_be_visible()
    expect(page.locator(".fmnist-strip").first).to_contain_text("Fill")


def test_drawing_by_touch(browser: Browser, server: Server, model: str):
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{server.url}/predict?model={model}")
    canvas = page.locator("canvas.upper-canvas")
    canvas.wait_for()
    canvas.scroll_into_view_if_needed()
    time.sleep(0.5)
    box = canvas.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    line = [(box["x"] + x * SIZE / 100, box["y"] + y * SIZE / 100) for x, y in points(8)]
    session = context.new_cdp_session(page)

    def touch(kind: str, *places: tuple[float, float]) -> None:
        session.send(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in places]},
        )

    touch("touchStart", line[0])
    for place in [*line[1:], line[0]]:
        touch("touchMove", place)
    touch("touchEnd")
    expect(page.locator(f"{ANSWER} h2")).to_be_visible()
    context.close()


def test_an_upload_its_overrides_and_a_bad_file(page: Page, server: Server, model: str):
    page.goto(f"{server.url}/predict?source=upload&model={model}")
    files = page.locator("input[type=file]")
    files.wait_for(state="attached")
    image = Image.new("RGB", (300, 300), "white")
    ImageDraw.Draw(image).polygon([(3 * x, 3 * y) for x, y in points(3)], fill=(120, 30, 60))
    content = io.BytesIO()
    image.save(content, "JPEG")
    dress = {"name": "dress.jpg", "mimeType": "image/jpeg", "buffer": content.getvalue()}
    files.set_input_files([dress])
    expect(page.locator(f"{ANSWER} h2")).to_be_visible()
    expect(page.get_by_text("From picture to 28×28")).to_be_visible()
    page.get_by_text("Change a stage").click()
    page.get_by_role("group", name="Negate the brightness").or_(
        page.get_by_role("radiogroup", name="Negate the brightness")
    ).get_by_text("No").click()
    expect(page.locator(ANSWER)).to_contain_text("Your changes moved")
    page.get_by_role("button", name="Start over").click()
    expect(page.locator(ANSWER)).not_to_contain_text("Your changes moved")

    bad = {"name": "bad.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n cut"}
    files.set_input_files([bad])
    expect(page.locator(".fmnist-sheet")).to_contain_text("bad.png")
    expect(page.locator(".fmnist-sheet")).to_contain_text("dress.jpg")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as CSV").click()
    lines = download.value.path().read_text().splitlines()
    assert lines[0].startswith("file,")
    assert len(lines) == 3


def test_a_link_opens_a_sample_and_a_click_another(page: Page, server: Server, model: str):
    page.goto(f"{server.url}/predict?source=sample&index=23&model={model}")
    expect(page.get_by_text("Test image 23.")).to_be_visible()
    expect(page.locator(ANSWER)).to_contain_text("the data set calls it")
    strip = page.locator(".fmnist-plot").first
    wait_until(page, "() => document.querySelector('.fmnist-plot')?.data?.length == 1")
    box = strip.bounding_box()
    assert box is not None
    # the fourth image of the first row, whatever margins keep the images square
    place = page.evaluate(
        """() => {
            const plot = document.querySelector('.fmnist-plot'), layout = plot._fullLayout;
            const box = plot.getBoundingClientRect();
            return [box.left + layout.xaxis._offset + layout.xaxis.d2p(3 * 30 + 15),
                    box.top + layout.yaxis._offset + layout.yaxis.d2p(15)];
        }"""
    )
    page.mouse.click(*place)
    expect(page.get_by_text("Test image 3.")).to_be_visible()
    expect(page).to_have_url(re.compile("index=3"))


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_is_wider_than_the_page(page: Page, server: Server, model: str, width: int):
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{server.url}/predict?source=sample&model={model}")
    expect(page.get_by_text("Most similar training images")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
