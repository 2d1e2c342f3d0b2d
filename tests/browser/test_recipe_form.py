"""The form of a recipe, pressed as people press it."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from fmnist.recipe import PRESETS, Recipe, default, field_table
from tests.browser.conftest import Server, settle

NUMBERS = [name for name, item in field_table().items() if not item.choices]
# A field that the optimizer does not use is greyed out.
BY_OPTIMIZER = {
    "SGD": [name for name in NUMBERS if Recipe().uses(name)],
    "AdamW": [name for name in NUMBERS if not Recipe().uses(name)],
}


def recipe_of(url: str) -> Recipe:
    return Recipe.from_mapping(dict(parse_qsl(urlsplit(url).query)))


def field(page: Page, name: str) -> Locator:
    """The number's field with its buttons; groups that are closed are opened first."""
    key = "recipe_units_0" if name == "hidden_units" else f"recipe_{name}"
    found = page.locator(f".st-key-{key}")
    if not found.is_visible():
        page.locator("[data-testid=stExpander] summary").filter(
            has_text=field_table()[name].group
        ).click()
        expect(found).to_be_visible()
        found.evaluate(
            "e => Promise.allSettled(e.closest('details').getAnimations({subtree: true})"
            ".map(animation => animation.finished))"
        )
    return found


def plus_and_minus(page: Page, name: str) -> tuple[Locator, Locator]:
    if field_table()[name].stops:
        return (
            page.locator(f".st-key-add-{name} button"),
            page.locator(f".st-key-remove-{name} button"),
        )
    place = field(page, name)
    return (
        place.get_by_test_id("stNumberInputStepUp"),
        place.get_by_test_id("stNumberInputStepDown"),
    )


def press_to_another_value(page: Page, name: str, button: Locator) -> None:
    before = getattr(recipe_of(page.url), name)
    button.click()
    page.wait_for_url(lambda url: getattr(recipe_of(url), name) != before)
    settle(page)
    expect(page.locator("[data-testid=stException]")).to_have_count(0)
    expect(field(page, name).get_by_test_id("stNumberInputContainer").locator("[role=alert]")
           ).to_have_count(0)  # fmt: skip


def open_form(page: Page, server: Server, query: str) -> None:
    page.goto(f"{server.url}/train?{query}")
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_visible()
    settle(page)


def at_end(name: str, end: str) -> str:
    kind = int if name == "hidden_units" else type(default(name))
    return f"&{name}={kind(getattr(field_table()[name], end))}"


@pytest.mark.parametrize("end", ["minimum", "maximum"])
@pytest.mark.parametrize("optimizer", BY_OPTIMIZER)
def test_every_number_steps_both_ways_from_its_ends(
    page: Page, server: Server, optimizer: str, end: str
) -> None:
    names = BY_OPTIMIZER[optimizer]
    open_form(page, server, f"optimizer={optimizer}" + "".join(at_end(name, end) for name in names))
    for name in names:
        field(page, name)
        plus, minus = plus_and_minus(page, name)
        away, back = (plus, minus) if end == "minimum" else (minus, plus)
        expect(back).to_be_disabled()
        press_to_another_value(page, name, away)
        press_to_another_value(page, name, away)
        press_to_another_value(page, name, back)


def test_the_preset_tuned_is_taken_over(page: Page, server: Server) -> None:
    open_form(page, server, "")
    page.get_by_test_id("stButtonGroup").get_by_text("Tuned", exact=True).click()
    page.wait_for_url("**augmentation=taught**")
    settle(page)
    assert recipe_of(page.url) == PRESETS["tuned"]
    expect(page.locator("[data-testid=stException]")).to_have_count(0)
    expect(page.get_by_text("augmentation taught")).to_be_visible()
