"""The lab notebook in a browser: what it has kept comes back, and garbage does no harm."""

import json
from dataclasses import asdict
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Page, expect

from benchmarks.server import wait_until
from fmnist.training.lab_notebook import Entry
from tests.browser.conftest import Server, settle

ENTRY = Entry("1 Nov", "Is <b> bold?", "Yes", [("0.1", "88 ± 1 %")], "a note", "python -m fmnist")
NAME = "fmnist-lab-notebook"


def open_with(page: Page, server: Server, kept: str) -> None:
    """Open the page in a browser that has kept this."""
    page.goto(server.url)
    page.evaluate("([name, text]) => localStorage.setItem(name, text)", [NAME, kept])
    page.goto(f"{server.url}/learn?part=Experiments")
    expect(page.get_by_text("Your guess")).to_be_visible()
    settle(page)


def test_what_a_browser_kept_comes_back_is_downloaded_and_cleared(
    page: Page, server: Server, tmp_path: Path
) -> None:
    open_with(page, server, json.dumps({"l2": asdict(ENTRY)}))
    expect(page.get_by_text("1 experiment.")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="As a notebook").click()
    download.value.save_as(tmp_path / "lab.ipynb")
    nbformat.validate(nbformat.read(tmp_path / "lab.ipynb", 4))
    page.reload()
    expect(page.get_by_text("1 experiment.")).to_be_visible()
    page.get_by_role("button", name="Clear it").click()
    expect(page.get_by_text("Your lab notebook")).to_be_hidden()
    wait_until(page, f"() => localStorage.getItem('{NAME}') === null")


@pytest.mark.parametrize("kept", ["{", "[1]", "null", '{"l2": {"rows": 7}}', "<script>"])
def test_garbage_that_a_browser_kept_is_left_out(page: Page, server: Server, kept: str) -> None:
    open_with(page, server, kept)
    expect(page.get_by_role("button", name="Find out")).to_be_visible()
    expect(page.get_by_text("Your lab notebook")).to_be_hidden()
