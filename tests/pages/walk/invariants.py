"""What holds after every step, whatever was pressed."""

import base64
import html
import io
import re
from typing import Any
from urllib.parse import parse_qs

import numpy as np
from PIL import Image
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Widget

from fmnist.dataset import DatasetError
from fmnist.ui.learn.experiments import STARTED
from fmnist.ui.learn.game import ANSWERS
from fmnist.ui.learn.lesson import LESSON
from fmnist.ui.learn.notebook import ENTRIES
from fmnist.ui.parts.address import UPLOAD
from fmnist.ui.parts.parameters import PARAMETERS, WidgetParameter
from fmnist.ui.parts.run_list import LINES
from fmnist.ui.parts.run_table import DELETED
from fmnist.ui.parts.session import OWN_PICTURE
from fmnist.ui.server import resources
from tests.pages.walk.visitor import PREDICT, Query, Visitor

# Widgets whose state is not in the address, by key, each with its reason.
NOT_IN_THE_LINK = {
    r"files|model-file|beside-file|Hold one item .+": "a visitor's file belongs to the session",
    r"tool|brush|guide": "tools of a drawing, which is not in the link either",
    r"rate_.+": "a new visitor sees the rate of now; an open field stays as it was typed",
    r"compare-.+": "named after the two models, which are in the link; it opens with the first",
    r"truth-[0-9a-f]+": "what a visitor says of a picture belongs to the session",
    r"several_(field|values)_.": "values that make no sense yet are in no link; test_groups.py has "
    "those that do",
    r"experiment-(guess|note)-.+": "what a visitor guesses and notes belongs to the session",
    r"explained": "about one answer; the class that was given is explained at first",
}
# The same of what needs a picture of the visitor's own, so that a link shows nothing of it at all.
NEEDS_THE_PICTURE = r"(kind|invert|fill|turn|mirror|threshold|crop|crop-x|crop-y)-\d+|map"
# The same once a picture has been taken from Predict to Learn: with it no test picture is chosen.
WITH_OWN_PICTURE = r"learn-(mine|mine-is|picture)"
# The same of the epochs of a model while they play: the next moment it is another.
PLAYS = r"[a-z-]+-epoch"
SLIDERS = ("grid", "beside-grid", "predict", "evaluate", "learn")
IMG = re.compile(r'<img src="data:image/png;base64,([A-Za-z0-9+/=]+)" alt="([^"]*)"')
CARD = re.compile(r'<a class="fmnist-card" href="predict\?([^"]*)"')
CARDS = 8  # of a gallery are compared: how far somebody has read on is not in the address
NOT_IN_WORDS = {"samples": "the images on offer are no state; the one that is chosen is"}
TEXTS = ("title", "subheader", "markdown", "caption", "metric")
ALERTS = ("info", "warning", "error")


def no_exception(app: AppTest) -> None:
    assert not app.exception, [
        (item.message, "\n".join(item.stack_trace)) for item in app.exception
    ]


# Pictures ------------------------------------------------------------------------------------


def right_pictures(app: AppTest) -> None:
    """A picture that names its number in the data set is that one of the data that is there."""
    try:
        data = resources.dataset()
    except DatasetError:
        return
    for content, description in IMG.findall(bodies(app)):
        for images, pattern in (
            (data.test_images, r"\. test image (\d+)"),
            (data.train_images, r"\. no\. (\d+), "),
            (data.train_images, r"\. image ([\d,]+)$"),
        ):
            if found := re.search(pattern, description):
                number = int(found[1].replace(",", ""))
                picture = np.asarray(Image.open(io.BytesIO(base64.b64decode(content))))
                assert np.array_equal(picture, images[number]), f"wrong picture: {description}"


def bodies(app: AppTest) -> str:
    """All HTML of a page."""
    return "\n".join(item.proto.body for item in app.get("html"))


def card_links(app: AppTest) -> list[Query]:
    """Where the cards of galleries lead to: addresses of Predict."""
    queries = [parse_qs(html.unescape(query)) for query in CARD.findall(bodies(app))]
    return [{name: text[-1] for name, text in query.items()} for query in queries]


# The address ---------------------------------------------------------------------------------


def same_state(here: Visitor, again: Visitor) -> None:
    """A new session at the same address shows the same, but for what cannot be in an address."""
    assert here.page == again.page
    if any(box.value == UPLOAD for box in here.app.selectbox):
        return  # all of the page is about a visitor's file, which belongs to the session alone
    kept = {name: text for name, text in here.query.items() if not means_nothing(name, again)}
    assert again.query == kept, f"the address {here.query} becomes {again.query}"
    left_out = list(NOT_IN_THE_LINK)
    if own_picture := here.page == PREDICT and bool(own_pictures(here)):
        left_out.append(NEEDS_THE_PICTURE)
    if OWN_PICTURE in here.app.session_state:
        left_out.append(WITH_OWN_PICTURE)
    if playing := any(here.app.session_state.get(f"{name}-playing") for name in SLIDERS):
        left_out.append(PLAYS)
    (ours, aside), (theirs, aside_there) = (widgets(tab, left_out) for tab in (here, again))
    assert ours == theirs, f"the address {here.query} does not bring back " + differences(
        ours, theirs
    )
    # Neither how far down the list of damaged runs, nor what can be undone, is in the link.
    read_on = any(key in here.app.session_state for key in (LINES, DELETED))
    read_on = read_on or in_hand(here)
    left_aside = own_picture or aside != aside_there or playing
    if not left_aside and not (read_on or here.out_of_step):
        same_words(words(here.app), words(again.app))


def in_hand(here: Visitor) -> bool:
    """Whether the visitor has trained by hand, answered or guessed, which is theirs alone."""
    state = here.app.session_state
    lesson = state.get(LESSON) if LESSON in state else None
    return bool(lesson and lesson.before) or any(
        key in state and bool(state[key]) for key in (ANSWERS, STARTED, ENTRIES, OWN_PICTURE)
    )


def means_nothing(name: str, again: Visitor) -> bool:
    """Whether a new session has taken the text of a widget out of the address.

    It counts as none, and a session that has the widget already may leave it there. Had it meant
    something, the widget would show it here and not in the new session, and the two would differ.
    """
    of_widgets = {item.name for item in PARAMETERS if isinstance(item, WidgetParameter)}
    return name in of_widgets and name not in again.query


def widgets(visitor: Visitor, left_out: list[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Value of every widget by its key: those that the address says, and those left out."""
    found: tuple[dict[str, Any], dict[str, Any]] = {}, {}
    for item in visitor.app._tree:
        if isinstance(item, Widget) and item.type not in ("button", "download_button"):
            name = item.key or item.proto.label
            by_design = any(re.fullmatch(pattern, name) for pattern in left_out)
            found[by_design][f"{item.type} {name}"] = item.value
    return found


def own_pictures(visitor: Visitor) -> list[Any]:
    """Files, a photo or a drawing that the visitor gave to Predict."""
    inputs = [*visitor.app.file_uploader, *visitor.app.get("camera_input")]
    return [item.value for item in inputs if item.value] + visitor.drawings()


# Words ---------------------------------------------------------------------------------------


def words(app: AppTest) -> list[str]:
    """What a page says. Not its alerts: one about a bad link is said once, and the link mended."""
    alerts = {id(item) for kind in ALERTS for item in app.get(kind)}
    found = []
    for item in app._tree:
        if item.type in TEXTS and id(item) not in alerts:
            found.append(f"{item.type}: {getattr(item, 'label', '')} {item.value}")
        elif item.type == "html":
            first_cards = item.proto.body.split('class="fmnist-card"')[: 1 + CARDS]
            found.append(f"html: {''.join(first_cards)}")
        elif item.type == "bidi_component" and item.key not in NOT_IN_WORDS:
            found.append(f"component {item.key}: {item.proto.json}")
    return found


def same_words(before: list[str], after: list[str]) -> None:
    gone = [item for item in before if item not in after]
    new = [item for item in after if item not in before]
    assert not gone and not new, f"only here: {short(gone)}\nonly there: {short(new)}"


def differences(ours: dict[str, Any], theirs: dict[str, Any]) -> str:
    names = [name for name in {**ours, **theirs} if ours.get(name) != theirs.get(name)]
    return "; ".join(f"{n}: {ours.get(n)!r} here, {theirs.get(n)!r} there" for n in names)


def short(items: list[str]) -> list[str]:
    return [item if len(item) < 400 else f"{item[:300]}…{item[-90:]}" for item in items[:6]]
