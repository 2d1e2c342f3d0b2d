"""What runs on one chart do not have in common."""

from collections.abc import Sequence

import streamlit as st

from fmnist.recipe import field_table
from fmnist.recipe_words import fields_that_differ
from fmnist.training.runs import Run, RunError
from fmnist.ui.parts.known_runs import summaries
from fmnist.ui.parts.run_list import label
from fmnist.ui.parts.text import plain


def recipe_differences(compared: Sequence[Run]) -> None:
    """Draw a table of the fields in which the recipes differ, where there are two or more.

    Parameters
    ----------
    compared : the run that is open, and those laid over its charts
    """
    compared = [run for run in compared if not run.foreign]
    if len(compared) < 2:
        return
    table = field_table()
    names = fields_that_differ([run.recipe for run in compared])
    if not names:
        st.caption("All of these have the same recipe.")
        return
    lines = [
        " | ".join(["| Run", *(table[name].label for name in names)]) + " |",
        "|---" * (1 + len(names)) + "|",
    ]
    for number, run in enumerate(compared):
        values = (table[name].words(getattr(run.recipe, name)) or "none" for name in names)
        try:
            title = plain(label(summaries().of(run)))
        except RunError:
            continue  # deleted at this moment
        lines.append(" | ".join([f"| {title}" if number else f"| **{title}**", *values]) + " |")
    st.markdown("\n".join(lines))
