"""Joining the class under a nickname, and the link by which others join."""

from html import escape

import segno
import streamlit as st

from fmnist.training import classroom
from fmnist.training.files import RunError
from fmnist.ui.parts.text import plain
from fmnist.ui.server import owner

NICKNAME, NOT_JOINED = "nickname", "not-joined"


def join_form(nickname: str | None) -> None:
    """Draw the nickname, and the field to choose or change it."""
    if message := st.session_state.pop(NOT_JOINED, None):
        st.error(plain(message), icon=":material/error:")
    if nickname is not None:
        st.markdown(f"You are in the class as **{plain(nickname)}**.")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.text_input(
            "Your nickname" if nickname is None else "Another nickname",
            key=NICKNAME,
            placeholder="At most 30 characters; everybody in the class sees it",
            width=380,
        )
        st.button("Join" if nickname is None else "Change", type="primary", on_click=_join)


def link_for_others() -> None:
    """Draw the link of the class, and its QR code."""
    link = st.context.url
    if not isinstance(link, str) or not link.startswith("http"):
        return
    link = link.split("?")[0]
    picture = segno.make_qr(link).svg_data_uri(scale=5, border=2, dark="#000", light="#fff")
    st.html(f'<img class="fmnist-qr" alt="QR code of the link" src="{escape(picture)}">')
    st.code(link, language=None, wrap_lines=True)


def _join() -> None:
    try:
        classroom.join(owner.person(), st.session_state[NICKNAME] or "")
        st.session_state[NICKNAME] = ""
    except RunError as problem:
        st.session_state[NOT_JOINED] = str(problem)
