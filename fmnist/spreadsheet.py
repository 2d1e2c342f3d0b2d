"""Text in files that people open with a spreadsheet."""

import unicodedata

SIGNS = "=+-@"


def cell(text: str) -> str:
    """The text, with an apostrophe before it if a spreadsheet could take it for a formula.

    A NUL is left out: files of plain text have none, and Python 3.10 cannot write it.

    Some look past spaces and control characters at the beginning, and some read signs of full
    width, or small or raised ones, as the plain ones.
    """
    text = text.replace("\0", "")
    first = unicodedata.normalize("NFKC", text[:1])[:1]
    hidden = unicodedata.category(first)[0] in "ZC" if first else False
    return f"'{text}" if hidden or (first and first in SIGNS) else text
