"""What every page has in common: browser title, menu, badge, and a few lines of CSS."""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from fmnist import environment
from fmnist.dataset import DatasetError
from fmnist.ui.parts import address
from fmnist.ui.parts.session import PAGE, PAGE_IS_NEW
from fmnist.ui.parts.text import plain
from fmnist.ui.server import resources
from fmnist.ui.server.streamlit_internals import open_sessions

ASSETS = Path(__file__).parents[3] / "assets"
APP_NAME = "Fashion-MNIST live"
SIDEBAR_PIXELS = 220
ADMITTED = "admitted"  # whether there was room for this visitor
LINK_NOTE = "link-note"  # sentences about what of a link could not be used


@dataclass(frozen=True)
class MenuEntry:
    """One line of the menu: script of the page, name, and icon of Material Symbols."""

    page: str
    label: str
    icon: str


# Pages stand here once they work.
MENU: tuple[MenuEntry, ...] = (
    MenuEntry("streamlit_app.py", "Home", ":material/home:"),
    MenuEntry("pages/train.py", "Train", ":material/play_circle:"),
    MenuEntry("pages/predict.py", "Predict", ":material/draw:"),
    MenuEntry("pages/weights.py", "Weights", ":material/grid_on:"),
    MenuEntry("pages/evaluate.py", "Evaluate", ":material/fact_check:"),
    MenuEntry("pages/learn.py", "Learn", ":material/school:"),
)
CLASS = MenuEntry("pages/class.py", "Class", ":material/groups:")


def open_page(title: str) -> None:
    """Start a page: the first call of every page script.

    Parameters
    ----------
    title : heading of the page and, with the app's name, of the browser tab
    """
    st.set_page_config(
        page_title=title if title == APP_NAME else f"{title} · {APP_NAME}",
        page_icon=str(ASSETS / "icon.svg"),
        layout="wide",
        initial_sidebar_state=SIDEBAR_PIXELS,
    )
    st.session_state[PAGE_IS_NEW] = st.session_state.get(PAGE) != title
    st.session_state[PAGE] = title
    for sheet in ("streamlit.css", "style.css"):
        st.html(ASSETS / sheet)
    with st.sidebar:
        st.markdown(f"**{APP_NAME}**")
        for entry in MENU + (CLASS,) * (environment.mode() == "class"):
            st.page_link(
                entry.page, label=entry.label, icon=entry.icon, width="stretch",
                query_params=address.menu_parameters(entry.label),
            )  # fmt: skip
        _dataset_badge()
    st.title(title, anchor=False)
    _make_room_or_stop()
    _link_note(title)


def _make_room_or_stop() -> None:
    """Let a newcomer in if there is room; whoever is in stays."""
    if st.session_state.get(ADMITTED):
        return
    if open_sessions() > environment.max_sessions():
        st.info(
            "So many people are here at the moment that there is no room for more. "
            "Try again in a few minutes.",
            icon=":material/groups:",
        )
        st.button("Try again", icon=":material/refresh:")
        del st.session_state[PAGE]  # the page has not been opened yet
        st.stop()
    st.session_state[ADMITTED] = True


def _link_note(title: str) -> None:
    """Say what part of a link cannot be used, until the page is left."""
    if st.session_state[PAGE_IS_NEW]:
        st.session_state[LINK_NOTE] = address.not_understood(title)
    if problems := st.session_state[LINK_NOTE]:
        st.warning(
            f"Part of the link was not understood and left out. {plain(' '.join(problems))}",
            icon=":material/link_off:",
        )


def _dataset_badge() -> None:
    """Say so when what is shown and trained on is not Fashion-MNIST."""
    try:
        data = resources.dataset()
    except DatasetError:
        st.badge("No usable data", icon=":material/warning:", color="orange")
        return
    if not data.official:
        st.badge("Not Fashion-MNIST", icon=":material/warning:", color="orange")
        st.caption(f"The images are {data.name}.")
