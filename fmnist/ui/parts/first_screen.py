"""The top of a page first, the rest once it stands on the screen.

A browser draws all that arrives together in one go, so that the top of a long page would come as
late as its end.
"""

from pathlib import Path

import streamlit as st

from fmnist.ui.parts.address import changed_here
from fmnist.ui.parts.session import PAGE_IS_NEW

KEY = "first-screen"  # in the session while the browser is to say that it has drawn

_component = st.components.v2.component(
    "fmnist_first_screen", js=(Path(__file__).parent / "first_screen.js").read_text()
)


def first_screen_first() -> None:
    """End the first run of a page here; the browser has it run again once it has drawn that much.

    Nobody waits: a click in between runs the whole page at once, as any click does. To be called
    once in a page. After such a click the browser may still ask with the address of before it.
    """
    if st.session_state.pop(PAGE_IS_NEW, False):
        _component(key=KEY, on_drawn_change=changed_here, height=1)
        st.stop()
