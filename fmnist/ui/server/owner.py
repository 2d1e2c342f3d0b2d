"""Whose a run is: a browser, known by a random cookie that no script can read.

The run folders keep a hash of the cookie alone, so neither a folder nor a link to a run lets
anybody else control it. Who has the teacher's key gets a second cookie by opening
``/class?key=…`` once; the key then leaves the address.
"""

import hashlib
import hmac
import re
import secrets

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.requests import cookie_parser
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fmnist import environment
from fmnist.training.runs import Run, RunError

COOKIE, TEACHER_COOKIE = "fmnist_person", "fmnist_teacher"
SECRET = re.compile(r"[0-9a-f]{32}", re.ASCII)
YEAR = 365 * 86_400  # seconds
WITHOUT_COOKIES = "person-without-cookies"
KEY = "key"  # the query parameter that carries the teacher's key


class OwnerCookie:
    """ASGI middleware: gives each browser its cookie with the first page it loads.

    Parameters
    ----------
    app : what answers
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, with the cookie if the browser has none that is sound."""
        if scope["type"] != "http" or not _asks_for_a_page(scope):
            await self._app(scope, receive, send)
            return
        given = QueryParams(scope.get("query_string", b"")).get(KEY, "")
        if given and is_teachers_key(given):
            response = RedirectResponse(str(scope["path"]), 303)
            response.headers.append("Set-Cookie", _cookie(TEACHER_COOKIE, given, scope))
            await response(scope, receive, send)
            return
        known = SECRET.fullmatch(_cookies(scope).get(COOKIE, ""))

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and not known:
                fresh = _cookie(COOKIE, secrets.token_hex(16), scope)
                MutableHeaders(scope=message).append("Set-Cookie", fresh)
            await send(message)

        await self._app(scope, receive, send_with_cookie)


def person() -> str:
    """Who looks at the page: a hash, the same for all tabs of a browser.

    A browser that refuses cookies is somebody for as long as its page is open.
    """
    secret = _sent(COOKIE)
    if not SECRET.fullmatch(secret):
        secret = st.session_state.setdefault(WITHOUT_COOKIES, secrets.token_hex(16))
    return hashlib.sha256(secret.encode()).hexdigest()[:32]


def is_teacher() -> bool:
    """Whether the browser has shown the teacher's key."""
    return is_teachers_key(_sent(TEACHER_COOKIE))


def is_teachers_key(given: str) -> bool:
    """Whether this is the key that was printed at the start; never where there is none."""
    key = environment.teacher_key() if environment.mode() == "class" else ""
    return bool(key) and hmac.compare_digest(given.encode(), key.encode())


def may_control(run: Run) -> bool:
    """Whether this visitor may pause, stop, rename or delete a run."""
    return environment.mode() == "personal" or run.owner == person() or is_teacher()


def may_see(run: Run) -> bool:
    """Whether a run stands in this visitor's lists; by its link everybody sees it."""
    return may_control(run)


def check(run: Run) -> None:
    """Raise RunError if this visitor may not control a run."""
    if not may_control(run):
        raise RunError(
            "You are watching somebody else's run: only its owner can do that. Copy its recipe to "
            "train one of your own."
        )


def _asks_for_a_page(scope: Scope) -> bool:
    accepted = Headers(scope=scope).get("accept", "")
    return scope.get("method") == "GET" and "text/html" in accepted


def _cookies(scope: Scope) -> dict[str, str]:
    return cookie_parser(Headers(scope=scope).get("cookie", ""))


def _sent(name: str) -> str:
    """A cookie that came with the page's connection; empty where there is none."""
    value = st.context.cookies.get(name)
    return value if isinstance(value, str) else ""


def _cookie(name: str, value: str, scope: Scope) -> str:
    """A cookie that scripts and other sites cannot use; secure wherever the page was."""
    base = st.get_option("server.baseUrlPath").strip("/")
    forwarded = Headers(scope=scope).get("x-forwarded-proto", "")
    secure = "; Secure" if "https" in (scope.get("scheme"), forwarded) else ""
    return f"{name}={value}; Max-Age={YEAR}; Path=/{base}; HttpOnly; SameSite=Lax{secure}"
