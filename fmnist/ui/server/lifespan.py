"""What happens once when the server starts, before the first visit, and once when it stops."""

import ctypes
import gzip
import importlib
import inspect
import os
import socket
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import cache
from pathlib import Path

import numpy as np
import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from fmnist.ui.parts.plot import LIBRARY, LIBRARY_FILE
from fmnist.ui.server import resources
from fmnist.ui.server.memory import return_freed_memory

# What pages need, imported while the first browser still loads the page. Pandas and PyArrow, 70 MB,
# are not among it: no page gives Streamlit anything that it would need them for.
IMPORTED_EARLY = ("PIL.Image", "scipy.ndimage", "h5py", "fmnist.ui.predict.why")


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Warm up a training process and read the data; end all processes with the server."""
    send_at_once()
    return_freed_memory()
    calculate_on_one_core()
    queue = resources.job_queue()
    resources.begin_to_read_dataset()
    opener = resources.opener()
    threading.Thread(target=import_early, daemon=True).start()
    try:
        yield
    finally:
        queue.close()
        opener.close()


def routes() -> list[Route]:
    """What the server answers besides the pages: Plotly's JavaScript.

    Its 4.5 MB stay in the browser's cache, compiled, since the address names the version. What
    Streamlit serves for a component is fetched and compiled again with each page load.
    """
    base = st.get_option("server.baseUrlPath").strip("/")
    return [Route(f"/{base}/{LIBRARY}" if base else f"/{LIBRARY}", _plotly)]


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
    # Streamlit looks at the stack when the first page sends its first element, for which Python has
    # to find the files of all modules. It remembers them.
    inspect.stack()
    resources.opener().warm_up()


def send_at_once() -> None:
    """Have the server send every message at once, however small.

    Streamlit opens its socket without naming the protocol, and asyncio therefore leaves Nagle's
    algorithm on: the body of a response, or the second message of a page, waits 40 ms for the
    browser to acknowledge what came before. Connections take the option from the listening socket.
    """
    folder = Path("/dev/fd")  # all open files of this process; there is none on Windows
    for file in list(folder.iterdir()) if folder.is_dir() else []:
        with suppress(OSError), socket.socket(fileno=os.dup(int(file.name))) as found:
            if found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def calculate_on_one_core() -> None:
    """Have NumPy's OpenBLAS use one thread, where NumPy brings it along.

    The threads of OpenBLAS wait for each other by spinning. While runs train on all cores that
    makes an eigendecomposition of 784 × 784 numbers take 3.3 s instead of 0.12 s on two cores.
    """
    folder = Path(np.__file__).parents[1] / "numpy.libs"
    for path in folder.glob("libscipy_openblas64_*"):
        set_threads = getattr(ctypes.CDLL(str(path)), "scipy_openblas_set_num_threads64_", None)
        if set_threads is not None:
            set_threads(1)
