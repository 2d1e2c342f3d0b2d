"""What happens once when the server starts, before the first visit, and once when it stops."""

import importlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st

from fmnist.ui import resources
from fmnist.ui.memory import return_freed_memory

# Two first visits at the same moment would import these halfway through each other. Pandas and
# PyArrow, 70 MB, are not among them: no page gives Streamlit anything that it would need them for.
IMPORTED_ONCE = ("plotly.graph_objects", "plotly.io", "PIL.Image")


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Import what pages need and warm up a training process; end all of them with the server."""
    return_freed_memory()
    for name in IMPORTED_ONCE:
        importlib.import_module(name)
    queue = resources.job_queue()
    try:
        yield
    finally:
        queue.close()
