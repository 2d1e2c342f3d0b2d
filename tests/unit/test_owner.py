"""Whose a run is: the cookie that the server sets, and what a stranger's cookie is worth."""

import asyncio
import re

import pytest
from starlette.responses import PlainTextResponse

from fmnist.ui.server.owner import OwnerCookie, is_teachers_key

KEY = "k" * 20


async def _answer(scope, receive, send):
    await PlainTextResponse("a page")(scope, receive, send)


def ask(path="/train", query="", cookie="", accept="text/html,*/*", method="GET", **more):
    """Status and headers of the answer."""
    headers = [(b"accept", accept.encode()), (b"cookie", cookie.encode())]
    headers += [(name.encode(), value.encode()) for name, value in more.items()]
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": headers,
        "scheme": "http",
    }
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    asyncio.run(OwnerCookie(_answer)(scope, receive, send))
    return sent[0]["status"], [(k.decode(), v.decode()) for k, v in sent[0]["headers"]]


def cookies(headers):
    return [value for name, value in headers if name.lower() == "set-cookie"]


def test_a_browser_gets_a_random_cookie_that_no_script_and_no_other_site_can_use():
    seen = set()
    for _ in range(20):
        status, headers = ask()
        (cookie,) = cookies(headers)
        assert status == 200
        value = re.fullmatch(
            r"fmnist_person=([0-9a-f]{32}); Max-Age=31536000; Path=/; HttpOnly; SameSite=Lax",
            cookie,
        )
        seen.add(value[1])
    assert len(seen) == 20


def test_over_https_it_is_secure():
    _, headers = ask(**{"x-forwarded-proto": "https"})
    assert cookies(headers)[0].endswith("; Secure")


def test_it_is_kept():
    assert cookies(ask(cookie="other=1; fmnist_person=" + "0f" * 16)[1]) == []


@pytest.mark.parametrize(
    "forged", ["", "x", "0F" * 16, "0f" * 15, "0f" * 17, "٠" * 32, "../../etc", "a" * 9000]
)
def test_what_is_no_such_cookie_is_replaced(forged):
    cookie = f"fmnist_person={forged}".encode().decode("latin-1")
    assert len(cookies(ask(cookie=cookie)[1])) == 1


@pytest.mark.parametrize(
    "request_", [{"accept": "*/*"}, {"method": "POST"}, {"accept": "text/javascript"}]
)
def test_only_pages_bring_it(request_):
    assert cookies(ask(**request_)[1]) == []


# The teacher ---------------------------------------------------------------------------------


def test_the_key_becomes_a_cookie_and_leaves_the_address(monkeypatch):
    monkeypatch.setenv("FMNIST_MODE", "class")
    monkeypatch.setenv("FMNIST_TEACHER_KEY", KEY)
    status, headers = ask("/class", f"key={KEY}")
    assert (status, dict(headers)["location"]) == (303, "/class")
    assert cookies(headers)[0].startswith(f"fmnist_teacher={KEY}; ")
    assert "HttpOnly; SameSite=Lax" in cookies(headers)[0]


@pytest.mark.parametrize("wrong", ["", "k", KEY + "k", "é" * 20, "k" * 100_000])
def test_a_wrong_key_is_worth_nothing(monkeypatch, wrong):
    monkeypatch.setenv("FMNIST_MODE", "class")
    monkeypatch.setenv("FMNIST_TEACHER_KEY", KEY)
    status, headers = ask("/class", "key=" + wrong.encode().decode("latin-1"))
    assert status == 200
    assert all("teacher" not in cookie for cookie in cookies(headers))


@pytest.mark.parametrize("mode", ["personal", "public"])
def test_there_is_a_teacher_in_a_class_alone(monkeypatch, mode):
    monkeypatch.setenv("FMNIST_TEACHER_KEY", KEY)
    monkeypatch.setenv("FMNIST_MODE", "class")
    assert is_teachers_key(KEY)
    monkeypatch.setenv("FMNIST_MODE", mode)
    assert not is_teachers_key(KEY)


def test_without_a_key_nobody_is_the_teacher(monkeypatch):
    monkeypatch.setenv("FMNIST_MODE", "class")
    assert not is_teachers_key("")
