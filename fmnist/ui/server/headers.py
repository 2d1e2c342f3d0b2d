"""What every response carries for the browser's own guards, and whom the server answers at all.

A stranger's page cannot frame the app, and whatever text might slip into a page can neither run as
a script nor load anything from elsewhere. A stranger's name for this machine (DNS rebinding) gets
no answer.
"""

import base64
import hashlib
import ipaddress
import re

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fmnist import environment
from fmnist.ui.server.index_html import index_html

FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), display-capture=(), "
    "payment=(), usb=()",
}
_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:[0-9]{1,5})?", re.ASCII)


class BrowserGuards:
    """ASGI middleware: refuses unknown hosts, adds the headers.

    Parameters
    ----------
    app : what answers
    names : hosts that are answered besides localhost and bare addresses: ``example.org``,
        ``*.example.org``, or ``*`` for any
    """

    def __init__(self, app: ASGIApp, names: tuple[str, ...] = ()) -> None:
        self._app = app
        self._names = names
        self._scripts = inline_scripts(index_html())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse with 400."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        host = Headers(scope=scope).get("host", "").lower()
        if not is_allowed(host, self._names):
            await _refuse(scope, receive, send)
            return
        headers = FIXED | {"Content-Security-Policy": content_policy(self._scripts, host)}

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(headers)
            await send(message)

        await self._app(scope, receive, send_with_headers)


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    sentence = (
        "This server does not answer under the name in this address. Its owner can add the name "
        "to FMNIST_ALLOWED_HOSTS.\n"
    )
    await PlainTextResponse(sentence, 400, FIXED)(scope, receive, send)


def served_names() -> tuple[str, ...]:
    """Hosts that the owner of the server has named, in lower case."""
    own = (st.get_option("server.address"), st.get_option("browser.serverAddress"))
    return (*environment.allowed_hosts(), *(str(name).lower() for name in own if name))


def is_allowed(host: str, names: tuple[str, ...]) -> bool:
    """Whether a ``Host`` header, in lower case, names this server.

    IP addresses always do, because DNS rebinding needs a name, which then stands in the header.
    """
    parts = _HOST.fullmatch(host)
    if parts is None:
        return False
    name = parts["name"].strip("[]").rstrip(".")
    if name == "localhost" or name.endswith(".localhost") or _is_address(name):
        return True
    return any(
        pattern in ("*", name) or (pattern.startswith("*.") and name.endswith(pattern[1:]))
        for pattern in names
    )


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def inline_scripts(page: str) -> list[str]:
    """CSP sources of the scripts that stand in a page of HTML: their SHA-256."""
    texts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digests = [hashlib.sha256(text.encode()).digest() for text in texts]
    return [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]


def content_policy(scripts: list[str], host: str) -> str:
    """Content-Security-Policy: as narrow as Streamlit works with.

    It sets styles from its scripts, reads photos of the camera from data addresses, and makes blobs
    of the scripts of components. None of these leads to another server.

    Parameters
    ----------
    scripts : CSP sources of the page's own scripts
    host : under which it is served; older browsers do not count a web socket as the same origin
    """
    sources = {
        "default-src": ["'self'"],
        "script-src": ["'self'", "blob:", *scripts],  # blob: the scripts of components
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'", "data:"],
        "connect-src": ["'self'", "data:", f"ws://{host}", f"wss://{host}"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'self'"],
    }
    return "; ".join(f"{name} {' '.join(values)}" for name, values in sources.items())
