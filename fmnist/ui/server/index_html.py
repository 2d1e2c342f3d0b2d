"""The HTML that a page's address is answered with: Streamlit's own, told where the server is.

Left to itself, Streamlit's JavaScript first takes the page's address for that of the server: it
asks for ``/train/_stcore/health``, gets 404 for it, and asks again one level higher. That costs
every deep link two errors in the browser's console and a round trip.
"""

from functools import cache

from starlette.requests import Request
from starlette.responses import HTMLResponse

from fmnist.ui.server import streamlit_internals


@cache
def index_html() -> str:
    """Streamlit's page, with one script more."""
    page = streamlit_internals.PAGE.read_text()
    return page.replace("</head>", f"{streamlit_internals.SERVER_IS_BESIDE}</head>", 1)


async def answer_page(_request: Request) -> HTMLResponse:
    """Answer the address of a page."""
    return HTMLResponse(index_html(), headers={"Cache-Control": "no-cache"})
