"""What all sessions of the server know of the runs."""

import streamlit as st

from fmnist.training.summaries import Summaries


@st.cache_resource(show_spinner=False)
def summaries() -> Summaries:
    """The one reader of all runs: what one visit has read, no other reads again."""
    return Summaries()
