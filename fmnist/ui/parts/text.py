"""Prints what a stranger wrote as text: a name of a file or layer, a link's parameter, a record.

Streamlit reads most of what it shows as Markdown, in which a text can be a link, a heading, or a
picture that the visitor's browser fetches from anywhere.
"""

import re
import unicodedata

MOST_CHARACTERS = 400
# An invisible character without width, put into what would otherwise become a link or a symbol.
WORD_JOINER = "\u2060"
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
# Markdown's plugins look for these after backslashes are gone: addresses, :symbols:, colours.
_JOINTS = re.compile(r"(?<=[:@])(?=\S)|(?<=www)(?=\.)", re.IGNORECASE)
_UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")  # controls, marks that turn the reading order, line ends


def one_line(text: object, most: int = MOST_CHARACTERS) -> str:
    """A stranger's text for where no Markdown is read: one line, nothing invisible, not too long.

    Parameters
    ----------
    text : its ``str`` is printed
    most : characters that are shown; a longer text ends with an ellipsis
    """
    head = str(text)[: 4 * most]  # so that a text of megabytes costs nothing
    seen = "".join(
        " " if unicodedata.category(character) in _UNSEEN else character for character in head
    )
    line = " ".join(seen.split())
    return line if len(line) <= most else line[: most - 1] + "…"


def plain(text: object, most: int = MOST_CHARACTERS) -> str:
    """A stranger's text as Markdown that reads the same: every mark in it stands for itself."""
    joined = _JOINTS.sub(WORD_JOINER, one_line(text, most))
    return _PUNCTUATION.sub(r"\\\1", joined)
