"""Strangers' text: what `plain` gives is read as Markdown by Chromium in tests/browser."""

import ast
import re
from pathlib import Path

import pytest

from fmnist.ui.parts.text import MOST_CHARACTERS, one_line, plain
from tests.reading import as_read

ROOT = Path(__file__).parents[2]
MARKUP = [
    "![a](http://example.org/p.png)",
    "[click](javascript:alert(1))",
    "<img src=x onerror=alert(1)>",
    "**bold** _it_ ~~no~~ `code` $x^2$",
    "# heading",
    "| a | b |\n|---|---|",
    ":red[hot] :material/home: :smile:",
    "https://example.org www.example.org someone@example.org",
]


@pytest.mark.parametrize("text", MARKUP)
def test_a_person_reads_what_was_written(text):
    assert as_read(plain(text)) == " ".join(text.split())


@pytest.mark.parametrize("text", MARKUP)
def test_no_mark_is_left_bare(text):
    bare = re.sub(r"\\[!-/:-@\[-`{-~]", "", plain(text))
    assert not re.search(r"[!-/:-@\[-`{-~]", bare)


@pytest.mark.parametrize("text", ["http://a.b", "www.a.b", "a@b.c", ":smile:", ":material/home:"])
def test_addresses_and_symbols_are_taken_apart(text):
    read = plain(text).replace("\\", "")
    assert not re.search(r"https?://|www\.|@\w|:\w", read)


def test_nothing_unseen_is_printed():
    assert one_line("a\u202egnp.\x00b\r\nc\u2028d") == "a gnp. b c d"


def test_a_long_text_is_cut():
    assert len(one_line("x" * 10_000_000)) == MOST_CHARACTERS
    assert one_line("x" * 50, most=10) == "x" * 9 + "…"


PRINTS = ("error", "warning", "info", "caption", "markdown", "toast", "success")
STRANGERS = ("problem", "problems", "message", "data_name", "failure")


def bare_words(node):
    """Names in an expression that stand for a stranger's words, outside any call of `plain`."""
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "plain":
        return
    name = getattr(node, "id", None) or getattr(node, "attr", None)
    if name in STRANGERS:
        yield name
    if isinstance(node, ast.IfExp):  # what is asked is not printed
        parts = [node.body, node.orelse]
    else:
        parts = list(ast.iter_child_nodes(node))
    for part in parts:
        yield from bare_words(part)


def test_no_page_prints_a_message_bare():
    """A sentence about a problem repeats what was received, so it goes through `plain`."""
    bare = [
        f"{path.name}:{call.lineno} {name}"
        for path in [*ROOT.glob("pages/*.py"), *ROOT.glob("fmnist/ui/**/*.py")]
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and getattr(call.func, "attr", "") in PRINTS
        for argument in call.args
        for name in bare_words(argument)
    ]
    assert bare == []
