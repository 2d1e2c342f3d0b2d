"""Separate browsers on one server: who started a run controls it, whoever has its link watches."""

import re

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import PATIENCE, settle
from tests.browser.test_train import WARM_UP, expect_state, press
from tests.browser.watching import watch

LONG = "epochs=500&training_images=2000&hidden_units=16"


@pytest.fixture
def person(browser: Browser, start_server):
    """Opens browsers of different people, each with its own cookies; gone before the server is."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def open_one(width: int = 1280) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        watch(page, problems)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert not problems


def test_owner_viewer_and_the_owner_s_second_tab(person, start_server) -> None:
    server = start_server(FMNIST_MODE="class")
    owner, viewer = person(), person()
    owner.goto(f"{server.url}/train?{LONG}")
    press(owner, "Start")
    expect_state(owner, "Running", WARM_UP)
    link = owner.url

    viewer.goto(link)
    expect_state(viewer, "Running")
    expect(viewer.get_by_text("You are watching")).to_be_visible()
    for name in ("Pause", "Step", "Stop"):
        expect(viewer.get_by_role("button", name=name, exact=True)).to_have_count(0)
    before = viewer.locator(".fmnist-status span").first.inner_text()
    expect(viewer.locator(".fmnist-status span").first).not_to_have_text(before)  # it is live

    tab = owner.context.new_page()
    tab.goto(link)
    press(tab, "Pause")
    for page in (owner, viewer, tab):
        expect_state(page, "Paused")
    tab.reload()
    expect(tab.get_by_role("button", name="Resume", exact=True)).to_be_enabled()
    press(owner, "Stop")
    expect_state(viewer, "Stopped")
    expect(viewer.get_by_role("button", name="Resume", exact=True)).to_have_count(0)

    press(viewer, "New run")
    expect(viewer.get_by_label("Epochs", exact=True)).to_have_value("500")
    settle(viewer)
    expect(viewer.get_by_text("Earlier runs")).to_have_count(0)  # the owner's is none of theirs


def test_the_cookie_is_out_of_reach_of_scripts_and_a_forged_one_controls_nothing(
    person, start_server
) -> None:
    server = start_server(FMNIST_MODE="public")
    owner = person()
    owner.goto(f"{server.url}/train?{LONG}")
    press(owner, "Start")
    expect_state(owner, "Running", WARM_UP)
    assert "fmnist" not in owner.evaluate("document.cookie")
    (cookie,) = [c for c in owner.context.cookies() if c["name"] == "fmnist_person"]
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
    kept = "".join(
        path.read_text(errors="replace") for path in server.runs.rglob("*") if path.is_file()
    )
    assert cookie["value"] not in kept

    thief = person()
    hashed = re.search(r'"owner": ?"([0-9a-f]+)"', kept)
    thief.context.add_cookies([{"name": "fmnist_person", "value": hashed[1], "url": server.url}])
    thief.goto(owner.url)
    expect(thief.get_by_text("You are watching")).to_be_visible()
    press(owner, "Stop")
    expect_state(owner, "Stopped")


def test_a_class_of_a_teacher_and_two_learners(person, start_server) -> None:
    key = "k" * 24
    server = start_server(FMNIST_MODE="class", FMNIST_TEACHER_KEY=key)
    teacher, first, second = person(), person(390), person(390)
    teacher.goto(f"{server.url}/class?key={key}")
    expect(teacher.get_by_role("button", name="Begin a round")).to_be_visible()
    assert key not in teacher.url and key not in teacher.evaluate("document.cookie")
    expect(teacher.get_by_role("img", name="QR code of the link")).to_be_visible()

    for page, name in ((first, "Ada"), (second, "<i>Grace</i>")):
        page.goto(f"{server.url}/class")
        expect(page.get_by_role("button", name="Begin a round")).to_have_count(0)
        page.get_by_label("Your nickname").fill(name)
        page.get_by_label("Your nickname").press("Enter")
        press(page, "Join")
        expect(page.get_by_text(f"You are in the class as {name}")).to_be_visible()
    expect(teacher.get_by_text("2 joined")).to_be_visible()

    teacher.get_by_label("Budget of epochs").fill("2")
    teacher.get_by_label("Budget of epochs").press("Enter")
    press(teacher, "Begin a round")
    field = teacher.get_by_role("textbox", name="One recipe for all")
    field.fill("/train?epochs=2")
    field.press("Enter")
    press(teacher, "Start it for all")
    expect(teacher.get_by_role("cell", name="<i>Grace</i>", exact=True)).to_be_visible(
        timeout=WARM_UP
    )
    expect(teacher.get_by_role("cell", name="Ada", exact=True)).to_be_visible()
    expect(teacher.get_by_role("columnheader", name="Test accuracy")).to_have_count(0)

    first.goto(f"{server.url}/train")  # the learner finds the run among their own
    lines = first.locator(".fmnist-runs tbody tr")
    expect(lines).to_have_count(1)
    lines.get_by_role("link").first.click()
    expect_state(first, "Finished", WARM_UP)
    expect(first.get_by_text("You are watching")).to_have_count(0)
    press(teacher, "End the round")
    expect(teacher.get_by_role("columnheader", name="Test accuracy")).to_be_visible()


def test_who_comes_when_the_house_is_full_is_asked_to_try_again(person, start_server) -> None:
    server = start_server(FMNIST_MAX_SESSIONS="1")
    first, second = person(), person()
    first.goto(f"{server.url}/train")
    expect(first.get_by_role("button", name="Start", exact=True)).to_be_visible()
    second.goto(f"{server.url}/train")
    expect(second.get_by_text("no room for more")).to_be_visible()
    expect(second.get_by_role("button", name="Start", exact=True)).to_have_count(0)
    settle(first)
    first.get_by_role("link", name="Predict").first.click()  # whoever is in stays
    expect(first.locator(".stMain h1")).to_have_text("Predict")
    first.context.close()
    second.get_by_role("button", name="Try again").click()
    expect(second.get_by_role("button", name="Start", exact=True)).to_be_visible()
