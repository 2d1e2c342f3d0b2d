"""The lab notebook on the page: kept in the browser, downloaded as a page or a notebook."""

from pathlib import Path
from typing import Any

import streamlit as st

from fmnist.training import lab_notebook
from fmnist.training.lab_notebook import Entry
from fmnist.ui.parts.component import component

ENTRIES, STORAGE = "lab-notebook", "lab-notebook-storage"
ASKED = "lab-notebook-asked"  # whether the browser has said what it kept

_component = component(
    "fmnist_lab_notebook", js=(Path(__file__).parent / "notebook.js").read_text()
)


def keep_entry(name: str, entry: Entry) -> None:
    """Write an experiment down, or anew."""
    _entries()[name] = entry


def notebook(started: dict[str, Any]) -> None:
    """Draw what has been written down so far, and the ways to take it along.

    Parameters
    ----------
    started : the experiments of this session, which a cleared notebook forgets as well
    """
    entries = _entries()
    asked = bool(st.session_state.get(ASKED))
    _component(
        key=STORAGE,
        data={"asked": asked, "entries": lab_notebook.to_json(entries)},
        default={"kept": None},
        on_kept_change=_take_kept,
        height=1,
    )
    if not entries:
        return
    st.divider()
    st.subheader("Your lab notebook", anchor=False)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.download_button(
            "As a page (.html)", lambda: lab_notebook.as_page(entries), "lab-notebook.html",
            "text/html", icon=":material/download:", on_click="ignore",
        )  # fmt: skip
        st.download_button(
            "As a notebook (.ipynb)", lambda: lab_notebook.as_ipynb(entries), "lab-notebook.ipynb",
            "application/x-ipynb+json", icon=":material/download:", on_click="ignore",
        )  # fmt: skip
        st.button("Clear it", icon=":material/delete:", on_click=_clear, args=(started,))
    st.caption(
        f"{len(entries)} experiment{'s' * (len(entries) != 1)}. This browser keeps it, and nobody "
        "else has it."
    )


def _entries() -> dict[str, Entry]:
    found: dict[str, Entry] = st.session_state.setdefault(ENTRIES, {})
    return found


def _clear(started: dict[str, Any]) -> None:
    _entries().clear()
    started.clear()


def _take_kept() -> None:
    """Take over what the browser has kept; what was seen in this session is newer."""
    said = st.session_state[STORAGE]
    entries = _entries()
    for name, entry in lab_notebook.from_json(said.get("kept")).items():
        entries.setdefault(name, entry)
    st.session_state[ASKED] = True
