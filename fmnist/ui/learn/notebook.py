"""The lab notebook: what a visitor has guessed and seen, as one page to print or keep."""

import html
from dataclasses import dataclass

import streamlit as st

ENTRIES = "lab-notebook"


@dataclass(frozen=True)
class Entry:
    """One experiment in the notebook.

    Attributes
    ----------
    rows : what was varied, and the accuracy that came of it
    """

    day: str
    question: str
    guess: str
    rows: list[tuple[str, str]]
    note: str


def keep_entry(name: str, entry: Entry) -> None:
    """Write an experiment down, or anew."""
    st.session_state.setdefault(ENTRIES, {})[name] = entry


def lab_notebook() -> None:
    """Draw what has been written down so far, and the way to take it along."""
    entries: dict[str, Entry] = st.session_state.get(ENTRIES, {})
    if not entries:
        return
    st.divider()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader("Your lab notebook", anchor=False, width="content")
        st.download_button(
            "As a page (.html)",
            lambda: page(list(entries.values())),
            "lab-notebook.html",
            "text/html",
            icon=":material/download:",
            on_click="ignore",
        )
    st.caption(f"{len(entries)} experiments. It lasts as long as this page is open: take it along.")


def page(entries: list[Entry]) -> str:
    """The notebook as one clean page that prints well; all of a visitor's words are text."""
    parts = [
        "<!doctype html><html lang='en'><meta charset='utf-8'><title>Lab notebook</title>"
        "<style>body{font:16px/1.5 sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}"
        "table{border-collapse:collapse}td,th{border:1px solid #888;padding:4px 10px}"
        "section{break-inside:avoid;margin-bottom:2rem}</style><h1>Lab notebook</h1>"
    ]
    for entry in entries:
        rows = "".join(
            f"<tr><td>{html.escape(name)}</td><td>{html.escape(figure)}</td></tr>"
            for name, figure in entry.rows
        )
        note = html.escape(entry.note).replace("\n", "<br>")
        parts.append(
            f"<section><h2>{html.escape(entry.question)}</h2><p><small>{html.escape(entry.day)}"
            f"</small></p><p><b>I guessed:</b> {html.escape(entry.guess)}</p><table><tr><th></th>"
            f"<th>Best validation accuracy</th></tr>{rows}</table><p>{note}</p></section>"
        )
    return "".join(parts)
