"""What happens once when the server starts, before the first visit, and once when it stops."""

import asyncio
import gzip
import importlib
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from fmnist.ui.parts.plot import LIBRARY, LIBRARY_FILE
from fmnist.ui.server import resources, streamlit_internals
from fmnist.ui.server.index_html import answer_page
from fmnist.ui.server.process import (
    calculate_on_one_core,
    give_back_memory,
    return_freed_memory,
    send_at_once,
    take_turns_often,
)

FORGET_SECONDS = 30.0  # between two looks for visitors who have left
PAGES = Path(__file__).parents[3] / "pages"
# What pages need, imported while the first browser still loads the page. Pandas and PyArrow, 70 MB,
# are not among it: no page gives Streamlit anything that it would need them for.
IMPORTED_EARLY = ("PIL.Image", "scipy.ndimage", "h5py", "fmnist.ui.predict.why")


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Warm up a training process and read the data; end all processes with the server."""
    send_at_once()
    return_freed_memory()
    calculate_on_one_core()
    take_turns_often()
    queue = resources.job_queue()
    resources.begin_to_read_dataset()
    opener = resources.opener()
    threading.Thread(target=import_early, daemon=True).start()
    forgetting = asyncio.create_task(forget_visitors())
    try:
        yield
    finally:
        forgetting.cancel()
        queue.close()
        opener.close()


async def forget_visitors() -> None:
    """From time to time drop what is kept of those who have left."""
    while True:
        await asyncio.sleep(FORGET_SECONDS)
        streamlit_internals.forget_closed()
        if streamlit_internals.open_sessions() == 0:  # nobody waits for it
            give_back_memory()


def routes() -> list[Route]:
    """What the server answers itself: the addresses of pages, and Plotly's JavaScript.

    Plotly's 4.5 MB stay in the browser's cache, compiled, since the address names the version. What
    Streamlit serves for a component is fetched and compiled again with each page load.
    """
    base = st.get_option("server.baseUrlPath").strip("/")
    before = f"/{base}" if base else ""
    pages = [Route(f"{before}/{path.stem}", answer_page) for path in sorted(PAGES.glob("*.py"))]
    return [*pages, Route(f"{before}/{LIBRARY}", _plotly)]


async def _plotly(request: Request) -> Response:
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    if "gzip" not in request.headers.get("Accept-Encoding", ""):
        return FileResponse(LIBRARY_FILE, media_type="text/javascript", headers=headers)
    content = await run_in_threadpool(_compressed_plotly)
    headers["Content-Encoding"] = "gzip"
    return Response(content, media_type="text/javascript", headers=headers)


@cache
def _compressed_plotly() -> bytes:
    """Compressed once, not in the event loop for each visitor as Streamlit would do it."""
    return gzip.compress(LIBRARY_FILE.read_bytes())


def import_early() -> None:
    """Import what the first visit is going to need, and start what opens the first upload."""
    for name in IMPORTED_EARLY:
        importlib.import_module(name)
    streamlit_internals.warm_up_stack()
    resources.opener().warm_up()
