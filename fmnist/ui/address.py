"""What stands in the address of a page, which anybody may have written."""

import streamlit as st


def whole_number(parameter: str, below: int) -> int | None:
    """The number of a parameter: 0 to `below` − 1 in plain digits; None for all else."""
    text = st.query_params.get(parameter, "")
    # Digits of other scripts count as digits for Python, and int() refuses thousands of them.
    plain = text.isascii() and text.isdigit() and len(text) <= len(str(below))
    return int(text) if plain and int(text) < below else None
