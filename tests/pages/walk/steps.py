"""The steps of a walk, and what is looked at after each."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import streamlit as st

from fmnist.sandbox.opener import Opener
from fmnist.ui.parts.parameters import PARAMETERS
from tests.pages.test_addresses import NASTY
from tests.pages.walk import invariants
from tests.pages.walk.log import Log
from tests.pages.walk.visitor import HOME, PAGES, PREDICT, TRAIN, Query, Visitor, downloads
from tests.pages.walk.widgets import BETWEEN, NASTY_TEXTS, Press, presses
from tests.pages.walk.world import World, world

TEXTS = {**NASTY, **{f"text {number}": text for number, text in enumerate(NASTY_TEXTS)}}
# Every name that stands in the address of a page.
NAMES = {
    page: [item.name for item in PARAMETERS if title in item.pages] or ["anything"]
    for title, page in PAGES.items()
}


class Walk:
    """Some tabs in one world. Each method is a step; it fails when something does not hold.

    Parameters
    ----------
    folders : of data, from `world.data_folders`
    place : empty folder for the runs
    opener : of strangers' files
    """

    def __init__(self, folders: dict[str, Path], place: Path, opener: Opener) -> None:
        self._stack = ExitStack()
        self.trail: list[str] = []
        self.log = self._stack.enter_context(Log())
        self.makers = self._stack.enter_context(downloads())
        self.world: World = self._stack.enter_context(world(folders, place, opener))
        self.tabs: list[Visitor] = []
        self.tried: set[str] = set()
        self.looks_twice, self.most_tabs = True, 2

    def close(self) -> None:
        self._stack.close()

    @property
    def tab(self) -> Visitor:
        return self.tabs[0]

    def step(self, words: str, act: Callable[[], Any]) -> None:
        """Do something, and look at what comes of it.

        That is the page that is open and, unless only single pages are wanted, its address in a
        new session.
        """
        self.trail.append(words)
        try:
            act()
            if not self.tabs:
                self.tabs.append(Visitor())
            self._look(self.tab)
            if self.looks_twice:
                again = Visitor(self.tab.page, self.tab.query)
                self._look(again)
                invariants.same_state(self.tab, again)
        except Exception as problem:
            told = f"{type(problem).__name__}: {problem}\n{self.told()}"
            raise AssertionError(told) from problem

    def told(self) -> str:
        """The walk so far, for a person to repeat."""
        lines = [f"{number:4}. {words}" for number, words in enumerate(self.trail, start=1)]
        return "\n".join(["The walk was:", *lines])

    def _look(self, visitor: Visitor) -> None:
        invariants.no_exception(visitor.app)
        self.log.check()
        invariants.right_pictures(visitor.app)

    # In the page ---------------------------------------------------------------------------------

    def presses(self) -> list[Press]:
        """Everything that can be pressed; what no browser sends only if links are not compared."""
        found = presses(self.tab)
        return [press for press in found if not (self.looks_twice and press.way == BETWEEN)]

    def untried(self) -> list[Press]:
        """What has not been pressed yet on this page, in this walk."""
        return [press for press in self.presses() if self._mark(press) not in self.tried]

    def press_everything(self, page: str, query: Query) -> None:
        """Every value of every widget that is met at an address, in the order of the page."""
        self.open(page, query)
        while found := self.untried():
            self.press(found[0])
            if self.tab.page != page or query.items() - self.tab.query.items():
                self.open(page, query)  # it has led away

    def press(self, *chosen: Press) -> None:
        """One thing, or several in the same moment."""
        self.tried |= {self._mark(press) for press in chosen}
        self.step(
            f"{self._where()}: press {', '.join(map(repr, chosen))}", lambda: self._press(chosen)
        )

    def _press(self, chosen: tuple[Press, ...]) -> None:
        for press in chosen:
            if press.download:
                self._download(press.download)
        self.tab.send(*(press.event for press in chosen))

    def _download(self, element: str) -> None:
        """Make the file, as the server does when the browser fetches it."""
        if element in self.makers:
            self.makers[element]()

    def _mark(self, press: Press) -> str:
        return f"{self.tab.page} {press.mark}"

    def _where(self) -> str:
        return Path(self.tab.page).stem.removeprefix("streamlit_app") or "home"

    # From page to page ---------------------------------------------------------------------------

    def follow(self, number: int) -> None:
        """One of the links of the page, counted from the menu's first."""
        label, page, query = self.tab.links()[number]
        self.step(f"{self._where()}: follow the link {label!r} to {page} {query}",
                  lambda: self.tab.go(page, query))  # fmt: skip

    def follow_card(self, number: int) -> None:
        """A card of a gallery: the browser loads the page anew."""
        query = invariants.card_links(self.tab.app)[number]
        self.open(PREDICT, query)

    def open(self, page: str, query: Query) -> None:
        """Somebody else opens an address, in a session of their own."""
        shown = {name: text if len(text) < 80 else f"{text[:20]}… ({len(text)})"
                 for name, text in query.items()}  # fmt: skip
        self.step(f"open {page} {shown} in a new tab", lambda: self._open(page, query))

    def _open(self, page: str, query: Query) -> None:
        self.tabs = [Visitor(page, query), *self.tabs][: self.most_tabs]

    def open_odd(self, page: str, name: str, text: str) -> None:
        """An address with one odd parameter, or with all that do not keep others from counting."""
        query = {} if page in (HOME, TRAIN) else self._some_model()
        if page == PREDICT:
            query["source"] = "sample"
        names = [other for other in NAMES[page] if other not in {*query, "run"}]
        self.open(page, query | dict.fromkeys(names if name == "all" else [name], text))

    def _some_model(self) -> Query:
        ended = self.world.ended()
        return {"model": ended[0]} if ended else {}

    def switch_tab(self) -> None:
        def switch() -> None:
            self.tabs.append(self.tabs.pop(0))
            self.tab.send()

        self.step("look at the other tab", switch)

    def reload(self) -> None:
        self.step(f"{self._where()}: reload", lambda: self._open(self.tab.page, self.tab.query))

    def lose(self, run_id: str, damage: str | None) -> None:
        """Somebody else deletes or damages a run that nobody is at work on."""
        words = "is deleted" if damage is None else f"is damaged: {damage}"
        for tab in self.tabs:
            tab.out_of_step |= damage is not None
        self.happen(f"{run_id} {words}", lambda: self.world.lose(run_id, damage))

    # Around the page -----------------------------------------------------------------------------

    def happen(self, words: str, act: Callable[[], Any]) -> None:
        """Something in the world, which the page then shows."""

        def both() -> None:
            act()
            if self.tabs:
                self.tab.send()

        self.step(words, both)

    def data(self, name: str) -> None:
        """Another data set."""
        self.happen(f"the data: {name}", lambda: self.world.set_data(name))

    def forget(self) -> None:
        """A server that has just started, with nothing cached, shows the same in every tab."""

        def compare() -> None:
            before = [invariants.words(Visitor(tab.page, tab.query).app) for tab in self.tabs]
            st.cache_resource.clear()
            st.cache_data.clear()
            for tab, said in zip(self.tabs, before, strict=True):
                invariants.same_words(said, invariants.words(Visitor(tab.page, tab.query).app))

        self.step("the server forgets what it has cached", compare)
