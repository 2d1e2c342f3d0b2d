"""Every page, in every state worth a picture, against the rules of axe-core (WCAG 2.2)."""

from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from benchmarks.server import wait_until
from fmnist.dataset import Dataset
from tests.archives import fitted_network, make_run
from tests.browser.conftest import PATIENCE, Server, settle

GRAVE = {"serious", "critical"}
# Faults of Streamlit's own, by rule and a part of what is at fault, each with its issue.
NOT_OURS: dict[str, str] = {}

FAULTS_ALONE = {"resultTypes": ["violations"]}  # of all other rules one example would do

# Streamlit dims what waits to be drawn anew, and lights it up again by and by.
AT_REST = (
    "!document.querySelector('[data-stale=true]') && document.getAnimations().every(motion => "
    "motion.playState !== 'running' || motion.effect.getComputedTiming().endTime === Infinity)"
)
BACKGROUND = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"

PAGES = [
    "/", "/train", "/train?sweep=learning_rate:0.1,0.01&seeds=2", "/train?run={run}",
    "/predict", "/predict?source=upload", "/predict?source=photo&image=5",
    "/predict?source=sample&index=7&model=notebook&epoch=3",
    "/weights?model={run}", "/weights?model={run}&beside=tuned",
    "/evaluate", "/evaluate?view=Per+class", "/evaluate?view=Calibration",
    "/evaluate?view=Label+lens", "/evaluate?view=Two+models&beside=notebook",
    "/learn", "/learn?part=As+it+learned&model=notebook", "/learn?part=Break+it",
    "/learn?part=You+against+it", "/learn?part=Experiments", "/learn?part=Words",
    "/predict?epoch=x",
]  # fmt: skip


@pytest.mark.parametrize("pages", [PAGES[::2], PAGES[1::2]], ids=["even", "odd"])
def test_nothing_grave_keeps_anybody_out(
    browser: Browser, start_server: Callable[..., Server], tmp_path: Path, data: Dataset,
    monkeypatch: pytest.MonkeyPatch, pages: list[str],
) -> None:  # fmt: skip
    """On a wide light screen, then on a narrow dark one: the page follows both as it stands."""
    monkeypatch.setenv("FMNIST_RUNS_DIR", str(tmp_path))
    run = make_run(fitted_network(data, (20, 10)), epochs=3)
    server = start_server(runs=tmp_path)
    found = []
    context = browser.new_context(reduced_motion="reduce")
    try:
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        for path in pages:
            page.emulate_media(color_scheme="light")
            page.set_viewport_size({"width": 1280, "height": 900})
            page.goto(server.url + path.format(run=run.id))
            page.locator(".stMain h1").wait_for()
            settle(page)
            page.locator(".st-key-first-screen").wait_for(state="detached")
            settle(page)
            found += [f"{path}, wide and light: {fault}" for fault in grave_faults(page)]
            light = page.evaluate(BACKGROUND)
            page.emulate_media(color_scheme="dark")
            page.set_viewport_size({"width": 390, "height": 900})
            wait_until(page, f"light => {BACKGROUND} !== light", light)
            settle(page)
            found += [f"{path}, narrow and dark: {fault}" for fault in grave_faults(page)]
    finally:
        context.close()
    assert not found, "\n".join(found)


def grave_faults(page: Page) -> list[str]:
    found = []
    wait_until(page, AT_REST)
    for fault in Axe().run(page, options=FAULTS_ALONE).response["violations"]:
        for node in fault["nodes"] if fault["impact"] in GRAVE else ():
            known = NOT_OURS.get(fault["id"])
            if known is None or known not in node["html"]:
                why = node.get("failureSummary", "").replace("\n", " ")
                found.append(f"{fault['id']}: {node['html'][:200]}: {why[:200]}")
    return found
