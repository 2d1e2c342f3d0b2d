"""A page that is left while something of it is still being asked for."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Server, settle

# Both before the server can answer: first the menu, then something on the page that is left.
LEAVE_AND_USE = """selector => {
    const used = document.querySelector(selector);
    document.querySelector('[data-testid=stSidebar] a').click();
    used.click();
}"""
# Of the first two a part of the page is asked for, of the last the whole page.
USES = {
    "a list of images": ("/evaluate", ".st-key-list [role=radio]:not([aria-checked=true])"),
    "a source of pictures": ("/predict", ".st-key-source [role=radio]:not([aria-checked=true])"),
    "a button": ("/train", "[class*=st-key-start] button"),
}


@pytest.mark.parametrize(("path", "used"), USES.values(), ids=USES)
def test_it_is_left(page: Page, server: Server, path: str, used: str) -> None:
    page.goto(server.url + path)
    page.locator(used).first.wait_for()
    settle(page)
    page.evaluate(LEAVE_AND_USE, used)
    expect(page.get_by_role("heading", level=1)).to_have_text("Fashion-MNIST live")
    settle(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Fashion-MNIST live")
    expect(page.get_by_role("heading", name="The model")).to_be_visible()
