"""The table of runs by mouse and by keyboard, wide and narrow."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from benchmarks.server import Server
from fmnist.training import runs
from tests.browser.conftest import settle
from tests.pages.train_runs import finish, make_run


@pytest.fixture
def many(start_server: Callable[..., Server], tmp_path: Path, monkeypatch) -> Server:
    """A server with twelve runs, of which the first has the best accuracy."""
    monkeypatch.setenv("FMNIST_RUNS_DIR", str(tmp_path))
    for seed in range(12):
        run = make_run(seed=seed, epochs=3 if seed == 5 else 2)
        if seed % 2 == 0:
            finish(run)
    return start_server(runs=tmp_path)


@pytest.mark.parametrize("width", [1280, 390])
def test_filter_sort_compare_rename_delete_and_undo(page: Page, many: Server, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{many.url}/train")
    lines = page.locator(".fmnist-runs tbody tr")
    expect(lines).to_have_count(8)
    page.get_by_role("button", name="Show all 12").click()
    expect(lines).to_have_count(12)

    page.get_by_label("Filter the runs").fill("finished SGD")
    expect(lines).to_have_count(6)
    expect(page.locator(".fmnist-runs [role=status]")).to_have_text("6 of 12 runs")
    page.get_by_label("Filter the runs").fill("")

    page.get_by_role("button", name="Test", exact=True).press("Enter")
    expect(page.get_by_role("columnheader", name="Test")).to_have_attribute(
        "aria-sort", "descending"
    )
    expect(lines.first).to_contain_text("87.73%")

    page.get_by_role("button", name="Run", exact=True).click()
    first = lines.first.get_attribute("data-run")
    lines.first.get_by_role("button", name="Rename").click()
    page.get_by_label("Name", exact=True).fill("<b>mine</b>")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="<b>mine</b>")).to_be_visible()
    assert first is not None and (many.runs / first / "label.json").is_file()

    page.get_by_role("button", name="Delete: <b>mine</b>").click()
    expect(page.get_by_role("link", name="<b>mine</b>")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("link", name="<b>mine</b>")).to_be_visible()
    settle(page)

    page.get_by_role("checkbox", name="Compare <b>mine</b>").check()
    page.locator(".fmnist-runs tbody tr:not(:has(b)) input[type=checkbox]").last.check()
    page.get_by_role("button", name="Compare 2 runs").click()
    page.wait_for_url(f"**/train?run={first}&compare=*")
    expect(
        page.get_by_text("validation, <b>mine</b>").or_(page.locator(".legend"))
    ).not_to_have_count(0)


def test_a_run_is_opened_from_home(page: Page, many: Server) -> None:
    page.goto(many.url)
    newest = runs.folders()[0].id
    link = page.locator(".fmnist-runs tbody a").first
    link.click()
    page.wait_for_url(f"**/train?run={newest}")
    expect(page.locator(".fmnist-status b")).to_be_visible()
