"""The lab notebook: what a person guessed and saw in experiments, to keep, print and take along.

It is kept in the person's browser, so that what comes back from there may be anything.
"""

import html
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from fmnist.training.experiments import NAME

MOST_ENTRIES = 100
MOST_ROWS = 60
LONGEST_TEXT = 2000  # characters
LONGEST = 500_000  # characters of a whole notebook


@dataclass(frozen=True)
class Entry:
    """One experiment in the notebook.

    Attributes
    ----------
    rows : what was varied, and the accuracy that came of it
    command : the command line that shows the same
    """

    day: str
    question: str
    guess: str
    rows: list[tuple[str, str]]
    note: str
    command: str = ""


Entries = Mapping[str, Entry]  # by the name of the experiment


def to_json(entries: Entries) -> str:
    """As a browser keeps it."""
    return json.dumps({name: asdict(entry) for name, entry in entries.items()})


def from_json(text: Any) -> dict[str, Entry]:
    """What a browser has kept; whatever makes no sense in it is left out."""
    if not isinstance(text, str) or len(text) > LONGEST:
        return {}
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(content, dict):
        return {}
    return {
        name: entry
        for name, value in list(content.items())[:MOST_ENTRIES]
        if NAME.fullmatch(name) and (entry := _entry(value)) is not None
    }


def _entry(value: Any) -> Entry | None:
    if not isinstance(value, dict):
        return None
    texts = [value.get(name) for name in ("day", "question", "guess", "note", "command")]
    rows = value.get("rows")
    if not isinstance(rows, list) or len(rows) > MOST_ROWS:
        return None
    if any(not isinstance(row, list) or len(row) != 2 for row in rows):
        return None
    for text in (*texts, *(part for row in rows for part in row)):
        if not isinstance(text, str) or len(text) > LONGEST_TEXT:
            return None
    day, question, guess, note, command = map(str, texts)
    return Entry(day, question, guess, [(row[0], row[1]) for row in rows], note, command)


def as_page(entries: Entries) -> str:
    """One clean page of HTML that prints well; all of a person's words are text."""
    parts = [
        "<!doctype html><html lang='en'><meta charset='utf-8'><title>Lab notebook</title>"
        "<style>body{font:16px/1.5 sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}"
        "table{border-collapse:collapse}td,th{border:1px solid #888;padding:4px 10px}"
        "section{break-inside:avoid;margin-bottom:2rem}</style><h1>Lab notebook</h1>"
    ]
    for entry in entries.values():
        rows = "".join(
            f"<tr><td>{html.escape(name)}</td><td>{html.escape(figure)}</td></tr>"
            for name, figure in entry.rows
        )
        note = html.escape(entry.note).replace("\n", "<br>")
        parts.append(
            f"<section><h2>{html.escape(entry.question)}</h2><p><small>{html.escape(entry.day)}"
            f"</small></p><p><b>I guessed:</b> {html.escape(entry.guess)}</p><table><tr><th></th>"
            f"<th>Best validation accuracy</th></tr>{rows}</table><p>{note}</p>"
            f"<p><code>{html.escape(entry.command)}</code></p></section>"
        )
    return "".join(parts)


def as_ipynb(entries: Entries) -> str:
    """A Jupyter notebook with a cell for each experiment, and one that runs it again."""
    cells = [_cell("markdown", "# Lab notebook")]
    for entry in entries.values():
        rows = "".join(f"<tr><td>{html.escape(a)}</td><td>{html.escape(b)}</td></tr>"
                       for a, b in entry.rows)  # fmt: skip
        text = (
            f"## {html.escape(entry.question)}\n\n{html.escape(entry.day)}\n\n"
            f"**I guessed:** {html.escape(entry.guess)}\n\n"
            f"<table><tr><th></th><th>Best validation accuracy</th></tr>{rows}</table>\n\n"
            f"{html.escape(entry.note)}"
        )
        cells.append(_cell("markdown", text))
        if entry.command:
            cells.append(_cell("code", f"# {entry.command}".replace("\n", " ")))
    metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    content = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 4}
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _cell(kind: str, source: str) -> dict[str, Any]:
    more: dict[str, Any] = {"execution_count": None, "outputs": []} if kind == "code" else {}
    return {"cell_type": kind, "metadata": {}, "source": source, **more}
