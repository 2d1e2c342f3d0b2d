"""Anything a person can do on any page, at random, and a look at the page after each action."""

import io
import random
import time
from collections import deque
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from PIL import Image
from playwright.sync_api import BrowserContext, ElementHandle, Error, Page

from tests.archives import archive, random_network
from tests.browser.watching import watch

SCRIPT = (Path(__file__).parent / "walk.js").read_text()
SECONDS = 60  # until a page that is still busy is a finding
TRIES = 8  # to find something that nothing else lies on
REMEMBERED = 25  # last actions that a finding is told with
TEXTS = ["", "0", "1", "-1", "0.5", "7", "1e9", "99999999999999999999", "abc", "<b>x</b>", "ü 漢"]
KEYS = ["ArrowRight", "ArrowLeft", "ArrowUp", "ArrowDown", "Home", "End", "PageUp", "Tab", "Escape"]
WIDTHS = [390, 600, 900, 1280]

# What a walk does besides using what stands on the page, and how often among a hundred actions.
TRAVEL = {
    **{"back": 4, "forward": 3, "reload": 3, "resize": 4, "theme": 2, "other_tab": 5},
    "address": 7,
}
ADDRESSES = ["/", "/train", "/predict", "/weights", "/evaluate"]
# Headings of what Streamlit lays over a page when something is wrong with it.
TROUBLE = ("Connection error", "Bad message format", "Page not found", "Script")


def files() -> list[dict[str, Any]]:
    """Good and bad ones of every kind that a page takes."""
    picture = io.BytesIO()
    pixels = np.random.default_rng(0).integers(0, 255, (60, 40, 3)).astype(np.uint8)
    Image.fromarray(pixels).save(picture, "PNG")
    contents = {
        "noise.png": picture.getvalue(),
        "cut.png": picture.getvalue()[:300],
        "model.keras": archive(random_network((12,))),
        "cut.keras": archive(random_network((12,)))[:500],
        "empty.jpg": b"",
    }
    return [
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
        for name, content in contents.items()
    ]


class WalkError(AssertionError):
    """Something that should not be, with the actions that led to it."""


class Walk:
    """A visitor with two tabs who does anything.

    Parameters
    ----------
    context : of the browser, without pages
    url : of the server
    seed : of all choices
    """

    def __init__(self, context: BrowserContext, url: str, seed: int) -> None:
        self._url = url
        self._random = random.Random(seed)
        self._files = files()
        self._problems: list[str] = []
        self._done: deque[str] = deque(maxlen=REMEMBERED)
        self._addresses = list(ADDRESSES)
        context.add_init_script(SCRIPT)
        self._tabs = [self._open(context), self._open(context)]
        self._page = self._tabs[0]

    def step(self) -> str:
        """One action and a look at what came of it; what was done. Raises WalkError."""
        self._page.bring_to_front()
        names = [*TRAVEL, "use"]
        weights = [*TRAVEL.values(), 100 - sum(TRAVEL.values())]
        action = self._random.choices(names, weights)[0]
        try:
            done = getattr(self, f"_{action}")()
        except Error as problem:
            if not _navigated(problem):
                raise
            done = f"{action}, cut short by a new page"
        self._done.append(done)
        self._look()
        self._done[-1] += f" -> {self._page.url.removeprefix(self._url)}"
        return self._done[-1]

    def _open(self, context: BrowserContext) -> Page:
        page = context.new_page()
        page.set_default_timeout(SECONDS * 1000)
        watch(page, self._problems)
        page.on("dialog", lambda dialog: dialog.dismiss())
        page.goto(self._url, wait_until="commit")
        return page

    # What a browser offers

    def _back(self) -> str:
        self._page.go_back(wait_until="commit")
        if not self._page.url.startswith(self._url):
            self._page.goto(self._url, wait_until="commit")
        return "back"

    def _forward(self) -> str:
        self._page.go_forward(wait_until="commit")
        return "forward"

    def _reload(self) -> str:
        self._page.reload(wait_until="commit")
        return "reload"

    def _resize(self) -> str:
        width = self._random.choice(WIDTHS)
        self._page.set_viewport_size({"width": width, "height": 900})
        return f"resize to {width}"

    def _theme(self) -> str:
        scheme = self._random.choice(["light", "dark"])
        self._page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        return scheme

    def _other_tab(self) -> str:
        self._page = self._tabs[1 - self._tabs.index(self._page)]
        self._page.bring_to_front()
        return f"tab {self._tabs.index(self._page)}"

    def _address(self) -> str:
        """One of a page, or one where this walk has been."""
        address = self._random.choice(self._addresses)
        self._page.goto(self._url + address, wait_until="commit")
        return f"address {address}"

    # What a page offers

    def _use(self) -> str:
        counts: dict[str, int] = self._page.evaluate("walk.look()")
        for _ in range(TRIES if counts else 0):
            kind = self._random.choice(sorted(counts))
            index = self._random.randrange(counts[kind])
            found = self._page.evaluate("([kind, index]) => walk.take(kind, index)", [kind, index])
            if kind == "upload":
                handle = self._page.evaluate_handle("index => walk.element('upload', index)", index)
                return f"{found['name']}: {self._upload(handle.as_element())}"
            if found["free"]:
                return f"{kind} {found['name']} {getattr(self, f'_{kind}')(found)}".strip()
        self._page.keyboard.press("Escape")
        return "Escape: nothing can be reached"

    def _click(self, box: dict[str, Any]) -> None:
        self._page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    def _press(self, box: dict[str, Any]) -> str:
        twice = self._random.random() < 0.1
        self._click(box)
        if twice:
            self._click(box)
        return "twice" if twice else ""

    _toggle = _follow = _press

    def _type(self, box: dict[str, Any]) -> str:
        text, end = self._random.choice(TEXTS), self._random.choice(["Enter", "Tab", "Escape"])
        self._click(box)
        self._page.keyboard.press("ControlOrMeta+A")
        self._page.keyboard.insert_text(text)
        self._page.keyboard.press(end)
        return f"{text!r} {end}"

    def _slide(self, box: dict[str, Any]) -> str:
        self._click(box)
        keys = self._random.choices(KEYS, k=3)
        for key in keys:
            self._page.keyboard.press(key)
        return " ".join(keys)

    def _draw(self, box: dict[str, Any]) -> str:
        self._page.mouse.move(*self._place(box))
        self._page.mouse.down()
        for _ in range(self._random.randint(0, 4)):
            self._page.mouse.move(*self._place(box), steps=3)
        self._page.mouse.up()
        return ""

    def _point(self, box: dict[str, Any]) -> str:
        """Hover, and click or drag, on a plot."""
        self._page.mouse.move(*self._place(box))
        self._page.mouse.down()
        dragged = self._random.random() < 0.3
        if dragged:
            self._page.mouse.move(*self._place(box), steps=3)
        self._page.mouse.up()
        return "dragged" if dragged else ""

    def _place(self, box: dict[str, Any]) -> tuple[float, float]:
        across, down = self._random.random(), self._random.random()
        return box["x"] + across * box["width"], box["y"] + down * box["height"]

    def _upload(self, element: ElementHandle | None) -> str:
        assert element is not None
        several = element.get_attribute("multiple") is not None
        chosen = self._random.sample(self._files, self._random.randint(1, 3) if several else 1)
        element.set_input_files(chosen)
        return " ".join(file["name"] for file in chosen)

    # How the page is

    def _look(self) -> None:
        """Wait until the page rests, and see what it says."""
        deadline = time.monotonic() + SECONDS
        state: dict[str, Any] = {}
        while not _rests(state):
            if time.monotonic() > deadline:
                self._found([f"still busy after {SECONDS} s: {state}"])
            self._page.wait_for_timeout(15)
            try:
                state = self._page.evaluate("walk.state()")
            except Error as problem:
                if not _navigated(problem):
                    raise
        wrong = [*self._problems, *state["exceptions"]]
        wrong += [error for error in state["errors"] if not self._is_about_a_file(error)]
        wrong += [text for text in state["dialogs"] if text.startswith(TROUBLE)]
        wrong += ["it is wider than the window"] if state["overflow"] > 0 else []
        if wrong:
            self._found(wrong)
        address = self._page.url.removeprefix(self._url)
        if address not in self._addresses:
            self._addresses.append(address)

    def _is_about_a_file(self, error: str) -> bool:
        """Whether it names a file that this walk gave: most of them cannot be used."""
        return any(file["name"] in error for file in self._files)

    def _found(self, wrong: list[str]) -> NoReturn:
        raise WalkError("\n".join(["", *wrong, "after", *self._done]))


def _rests(state: dict[str, Any]) -> bool:
    there = state.get("script") == "notRunning" and state["connection"] == "CONNECTED"
    return bool(there and state["heading"])


def _navigated(problem: Error) -> bool:
    """Whether a question got no answer because the page was left meanwhile."""
    return any(
        part in problem.message
        for part in ("context was destroyed", "ERR_ABORTED", "walk is not defined", "frame was")
    )
