"""The address bar of a real browser: back and forward, and links that say what was seen."""

import re

import pytest
from playwright.sync_api import Page, expect

from fmnist.dataset import Dataset
from fmnist.training.runs import Run
from tests.archives import fitted_network, make_run
from tests.browser.conftest import Server, settle
from tests.browser.test_recipe_form import field
from tests.browser.test_weights import shown_epoch


@pytest.fixture
def run(server: Server, data: Dataset, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("FMNIST_RUNS_DIR", str(server.runs))
    return make_run(fitted_network(data, (12, 8)), epochs=4)


def test_back_and_forward_in_the_form(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/train")
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_visible()
    settle(page)
    epochs = field(page, "epochs").locator("input")
    for number in ("7", "9"):
        epochs.fill(number)
        epochs.press("Enter")
        page.wait_for_url(f"**epochs={number}*")
        settle(page)
    page.go_back()
    expect(epochs).to_have_value("7")
    page.go_back()
    expect(epochs).to_have_value("50")
    expect(page).to_have_url(f"{server.url}/train")
    page.go_forward()
    expect(epochs).to_have_value("7")
    expect(page).to_have_url(re.compile("epochs=7"))


def test_back_from_another_source_leads_to_the_canvas(page: Page, server: Server, run: Run) -> None:
    page.goto(f"{server.url}/predict?model={run.id}")
    expect(page.locator(".st-key-canvas-frame")).to_be_visible()
    page.get_by_role("radio", name="Samples").click()
    page.wait_for_url("**source=sample*")
    settle(page)
    page.go_back()
    expect(page.locator(".st-key-canvas-frame")).to_be_visible()
    expect(page.get_by_role("spinbutton")).to_have_count(0)


def test_a_reload_finds_the_epoch_and_a_link_takes_it_along(
    page: Page, server: Server, run: Run
) -> None:
    page.goto(f"{server.url}/weights?model={run.id}")
    expect(page.get_by_text("close up")).to_be_visible()
    settle(page)  # what is pressed while a page is drawn may be lost
    slider = page.get_by_role("slider").first
    slider.focus()
    slider.press("ArrowLeft")
    page.wait_for_url("**epoch=3*")
    page.reload()
    expect(page.get_by_text("close up")).to_be_visible()
    assert shown_epoch(page) == "3"


def test_a_reload_finds_the_curves_as_they_were_seen(page: Page, server: Server, run: Run) -> None:
    page.goto(f"{server.url}/train?run={run.id}")
    page.get_by_text("Logarithmic loss").click()
    page.wait_for_url("**log_loss=*")
    settle(page)
    page.reload()
    toggle = page.get_by_role("switch", name="Logarithmic loss")
    expect(toggle.or_(page.get_by_role("checkbox", name="Logarithmic loss"))).to_be_checked()
    page.get_by_role("button", name="New run").click()
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_visible()
    expect(page).not_to_have_url(re.compile("log_loss|run="))
    page.go_back()
    expect(page).to_have_url(re.compile(f"run={run.id}"))
    expect(page.get_by_role("button", name="New run")).to_be_visible()
