"""The first run of a long page sends its top alone, and nobody has to wait for the rest."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.testing.v1 import AppTest

from fmnist.ui.parts import first_screen
from tests.components import reported
from tests.pages.conftest import ROOT, WaitingLine, run_whole

# What stands in the top of a page, and what below it.
TOPS = {
    "pages/evaluate.py": "Compare with",
    "pages/weights.py": "Sort by",
}


@pytest.fixture
def opened(
    line: WaitingLine, monkeypatch: pytest.MonkeyPatch, runs_dir: Path
) -> Callable[[str], AppTest]:
    """Open a page by a link, before the browser has drawn anything of it."""
    monkeypatch.chdir(ROOT)

    def opened(page: str) -> AppTest:
        return (
            AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=90)
            .switch_page(page)
            .run()
        )

    return opened


def kinds(app: AppTest) -> list[str]:
    return [element.type for element in app.main]


@pytest.mark.slow
@pytest.mark.parametrize("page", TOPS)
def test_the_rest_comes_when_the_browser_has_drawn_the_top(
    opened: Callable[[str], AppTest], page: str
) -> None:
    app = opened(page)
    assert first_screen.KEY in app.session_state
    assert TOPS[page] in [box.label for box in app.selectbox]
    top = kinds(app)
    app.run()  # as the browser asks
    assert first_screen.KEY not in app.session_state
    assert len(kinds(app)) > len(top)
    whole = kinds(app)
    assert kinds(app.run()) == whole


def test_a_click_before_that_is_not_undone(opened: Callable[[str], AppTest]) -> None:
    """The browser says that the top is drawn before it has heard what the click did."""
    app = opened("pages/evaluate.py")
    plots = {item.key: item for item in app.get("bidi_component")}
    point = {"curve_number": 0, "point_number": [1, 1], "x": 1, "y": 1, "z": 1, "customdata": None}
    click = reported(plots["confusion"], "click", point)
    drawn = reported(plots[first_screen.KEY], "drawn", True)
    for states in (click, drawn):
        app.query_params.clear()
        app._run(WidgetStates(widgets=[*app._tree.get_widget_states().widgets, *states]))
        assert not app.exception
        assert any("Trouser, recognised" in title.value for title in app.subheader)


@pytest.mark.parametrize("page", TOPS)
def test_a_click_before_that_gives_the_whole_page_at_once(
    opened: Callable[[str], AppTest], page: str
) -> None:
    whole = len(kinds(run_whole(opened(page))))
    app = opened(page)
    box = next(box for box in app.selectbox if box.label == TOPS[page])
    box.select_index(1).run()
    assert first_screen.KEY not in app.session_state
    assert len(kinds(app)) >= whole
    assert not app.exception
