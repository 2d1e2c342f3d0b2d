"""All terms with their sentences, in the order of the alphabet."""

import streamlit as st

from fmnist.terms import TERMS


def words_part() -> None:
    """Draw the list."""
    st.markdown("What the words mean. The same sentences stand behind the ? of the pages.")
    names = sorted(TERMS, key=str.lower)
    lines = ["| word | in a sentence |", "|---|---|"]
    st.markdown("\n".join([*lines, *(f"| **{name}** | {TERMS[name]} |" for name in names)]))
