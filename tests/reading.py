"""What a reader sees of Markdown in which every mark stands for itself."""

import re

from fmnist.ui.parts.text import WORD_JOINER


def as_read(markdown: str) -> str:
    """The text without backslashes before its marks and without joints of no width."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", markdown).replace(WORD_JOINER, "")
