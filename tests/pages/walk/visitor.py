"""One tab of a browser: what Streamlit's `AppTest` leaves to the browser is done here."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.testing.v1 import AppTest

from fmnist.ui.parts import first_screen
from fmnist.ui.parts.frame import APP_NAME, MENU
from fmnist.ui.parts.parameters import PARAMETERS, WidgetParameter
from tests.components import reported

ROOT = Path(__file__).parents[3]
HOME = "streamlit_app.py"
PAGES = {APP_NAME: HOME} | {entry.label: entry.page for entry in MENU if entry.page != HOME}
# How the addresses of pages begin, after the server's name: "", "train" and so on.
PATHS = {"" if page == HOME else Path(page).stem: page for page in PAGES.values()}
TRAIN, PREDICT, WEIGHTS, EVALUATE = (
    f"pages/{name}.py" for name in ("train", "predict", "weights", "evaluate")
)
BOUND = {item.name for item in PARAMETERS if isinstance(item, WidgetParameter)}
SECONDS = 90  # before a page counts as stuck

Query = dict[str, Any]  # text by name, or a list of texts where a name stands there twice


@dataclass(frozen=True)
class Event:
    """What a browser sends when a person touches something.

    Attributes
    ----------
    state : the new state of one widget
    address : name in the address that the browser keeps the same as the widget; empty if none
    text : what then stands there; None when it is the default, which needs no parameter
    prepare : called before it is sent; stages the content of files
    component : the state of the component that reports it, if one does
    """

    state: WidgetState | None = None
    address: str = ""
    text: Any = None
    prepare: Callable[[], Any] = field(default=lambda: None)
    component: WidgetState | None = None


class Visitor:
    """A tab: one session of the app, at one address."""

    def __init__(self, page: str = HOME, query: Query | None = None) -> None:
        self.app = AppTest.from_file(str(ROOT / HOME), default_timeout=SECONDS)
        self._canvas: dict[str, WidgetState] = {}
        self.out_of_step = False  # a hand at the disk has changed what this session has read
        self.go(page, query or {})

    @property
    def page(self) -> str:
        """The script of the page that is open."""
        return PAGES[self.app.session_state["page"]]

    @property
    def query(self) -> Query:
        """What stands in the address after the page's name."""
        return dict(self.app.query_params)

    def go(self, page: str, query: Query) -> None:
        """Follow a link inside the app: another page, or another address of this one.

        On the page that is open, Chromium leaves what Streamlit binds to widgets where it is.
        """
        if self.app.session_state.get("page") and page == self.page:
            query = {name: said for name, said in self.query.items() if name in BOUND} | query
        self.app.switch_page(page)
        self.app.query_params = dict(query)
        self.send()

    def send(self, *events: Event) -> None:
        """Rerun the page; what a person did in the same moment is sent together."""
        for event in events:
            event.prepare()
            if event.address:
                self.app.query_params.pop(event.address, None)
                if event.text is not None:
                    self.app.query_params[event.address] = event.text
        states = {state.id: state for state in self.app._tree.get_widget_states().widgets}
        states |= {state.id: state for state in self._components()}
        new = [state for event in events for state in (event.component, event.state) if state]
        states |= {state.id: state for state in new}
        self.app._run(WidgetStates(widgets=states.values()))
        self.app._page_hash = ""  # a button may have led to another page; the next run stays there
        if first_screen.KEY in self.app.session_state:
            self.send()  # the rest of the page, for which a browser asks when the top is drawn

    def draw(self, drawing: dict[str, Any]) -> Event:
        """Something is drawn on the canvas, which the browser goes on reporting from then on."""
        canvas = next(item for item in self.components() if item.key == "canvas")
        text = json.dumps({"drawing": drawing, "backgroundFit": None})
        state = WidgetState(id=canvas.proto.id, json_value=text)
        return Event(prepare=lambda: self._canvas.update({state.id: state}))

    def components(self) -> list[Any]:
        """Plots, tiles and canvas: components of the project's own."""
        return list(self.app.get("bidi_component"))

    def drawings(self) -> list[WidgetState]:
        """What is drawn on the canvas that is on the page, if anything."""
        return list(self._components())

    def _components(self) -> Iterator[WidgetState]:
        present = {item.proto.id for item in self.components()}
        return (state for key, state in self._canvas.items() if key in present)

    def links(self) -> list[tuple[str, str, Query]]:
        """Label, page and query of every link inside the app, menu first."""
        found = []
        for item in [*self.app.sidebar.get("page_link"), *self.app.main.get("page_link")]:
            query = {name: text[-1] for name, text in parse_qs(item.proto.query_string).items()}
            found.append((item.proto.label, PATHS[item.proto.page.strip("/")], query))
        return found


def click_event(component: Any, value: Any, name: str = "click") -> Event:
    """A click on a plot, or what another component reports, as the browser sends it."""
    its_state, event = reported(component, name, value)
    return Event(event, component=its_state)


@contextmanager
def downloads() -> Iterator[dict[str, Callable[[], object]]]:
    """What makes the file of each download button of the latest run, by the button's id."""
    makers: dict[str, Callable[[], object]] = {}
    add = MediaFileManager.add_deferred

    def remember(self: MediaFileManager, make: Any, *args: Any, **options: Any) -> Any:
        makers[args[2] if len(args) > 2 else options.get("element_id", "")] = make
        return add(self, make, *args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MediaFileManager, "add_deferred", remember)
        yield makers
