"""How much visitors may leave in the server's memory as uploaded files.

Streamlit limits the size of one file (``server.maxUploadSize``), not how many there are. Programs
can upload without a page, as often as they like. All files are kept until their session ends, or
longer: Streamlit looks for sessions to end only when another one comes or goes.
"""

import asyncio
import time

import streamlit as st
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fmnist import environment
from fmnist.ui.server.streamlit_internals import (
    UPLOAD_PATH,
    UploadedFileRec,
    drop_files,
    is_connected,
    uploaded_files,
)

MEGABYTE = 1024 * 1024
VISITOR_BYTES = 100 * MEGABYTE
TOTAL_BYTES = 300 * MEGABYTE
SECONDS = 120  # for one file to arrive
SMALLEST = 64 * 1024  # bytes that any file counts for, so that there cannot be millions of them

_VISITOR_IS_FULL = (
    f"Your uploads would take more than {VISITOR_BYTES // MEGABYTE} MB. Remove some of them, or "
    "load the page anew, and try again.\n"
)
_SERVER_IS_FULL = (
    f"The uploads of all visitors take {TOTAL_BYTES // MEGABYTE} MB, which is all there is for "
    "them. Try again in some minutes.\n"
)
_TOO_MANY = "More than {} files in a minute. Wait a minute and try again.\n"
_TOO_SLOW = f"The file did not arrive within {SECONDS} seconds. Try again.\n"


class LimitedUploads:
    """ASGI middleware: refuses uploads that would take too much memory, or too long.

    The uploads of a visitor who has left are dropped as soon as Streamlit may end the session.
    Uploads on their way count by their announced size.

    Parameters
    ----------
    app : what takes uploads, Streamlit
    visitor, total : most bytes of one session, and of all sessions together
    seconds : until an upload must have arrived
    rate : most uploads of one session in a minute; None for what is set in the environment
    """

    def __init__(
        self,
        app: ASGIApp,
        visitor: int = VISITOR_BYTES,
        total: int = TOTAL_BYTES,
        seconds: float = SECONDS,
        rate: float | None = None,
    ) -> None:
        self._app = app
        self._visitor, self._total, self._seconds = visitor, total, seconds
        self._rate = environment.uploads_per_minute() if rate is None else rate
        self._arriving: list[tuple[str, int]] = []  # session and announced bytes
        self._recent: list[tuple[float, str]] = []  # when, and the session, of the last minute

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on, or refuse with 413, 429 or 408."""
        if scope["type"] == "websocket":
            await self._app(scope, receive, send)
            _drop_later(_left())
            return
        found = UPLOAD_PATH.search(scope.get("path", ""))
        if found is None or scope.get("method") != "PUT":
            await self._app(scope, receive, send)
            return
        session = found["session"]
        size = max(_announced(scope), SMALLEST)
        if self._held(session) + size > self._visitor:
            await PlainTextResponse(_VISITOR_IS_FULL, 413)(scope, receive, send)
        elif self._held() + size > self._total and not self._make_room(size):
            await PlainTextResponse(_SERVER_IS_FULL, 429)(scope, receive, send)
        elif self._is_too_often(session):
            await PlainTextResponse(_TOO_MANY.format(int(self._rate)), 429)(scope, receive, send)
        else:
            self._arriving.append((session, size))
            try:
                await self._take(scope, receive, send)
            finally:
                self._arriving.remove((session, size))

    async def _take(self, scope: Scope, receive: Receive, send: Send) -> None:
        end = time.monotonic() + self._seconds

        async def receive_in_time() -> Message:
            return await asyncio.wait_for(receive(), max(end - time.monotonic(), 0))

        try:
            await self._app(scope, receive_in_time, send)
        except asyncio.TimeoutError:  # the built-in class from Python 3.11 on
            await PlainTextResponse(_TOO_SLOW, 408, {"Connection": "close"})(scope, receive, send)

    def _is_too_often(self, session: str) -> bool:
        now = time.monotonic()
        self._recent = [(when, who) for when, who in self._recent if now - when < 60]
        if sum(who == session for _, who in self._recent) >= self._rate:
            return True
        self._recent.append((now, session))
        return False

    def _held(self, session: str | None = None) -> int:
        """Bytes of one session, or of all."""
        there = sum(
            _size(file)
            for owner, files in list(uploaded_files().items())
            for file in list(files.values())
            if session in (None, owner)
        )
        return there + sum(size for owner, size in self._arriving if session in (None, owner))

    def _make_room(self, size: int) -> bool:
        """Drop at once what visitors have left who are not connected any more."""
        _drop(_left())
        return self._held() + size <= self._total


def _announced(scope: Scope) -> int:
    """Bytes of the body; the most that Streamlit takes if they are not announced."""
    length = Headers(scope=scope).get("content-length", "")
    most = (int(st.get_option("server.maxUploadSize")) + 1) * MEGABYTE
    return min(int(length), most) if length.isascii() and length.isdigit() else most


def _size(file: UploadedFileRec) -> int:
    """Bytes of memory; a character of a name takes up to four."""
    return max(len(file.data) + 4 * (len(file.name) + len(file.type)), SMALLEST)


def _left() -> set[str]:
    """Sessions with files whose visitors are not connected."""
    return {name for name in list(uploaded_files()) if not is_connected(name)}


def _drop(sessions: set[str]) -> None:
    for session in sessions & _left():
        drop_files(session)


def _drop_later(sessions: set[str]) -> None:
    """Drop the files of those who have not come back by the time that Streamlit gives them."""
    if sessions:
        seconds = int(st.get_option("server.disconnectedSessionTTL"))
        asyncio.get_running_loop().call_later(seconds, _drop, sessions)
