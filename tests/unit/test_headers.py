"""What a real server says in every response, and whom it answers at all."""

import base64
import hashlib
import http.client
import re
import socket
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
import streamlit
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from benchmarks.server import server
from fmnist.ui.parts.plot import LIBRARY
from fmnist.ui.server.headers import is_allowed

ADDRESSES = [
    "/",
    "/train",
    "/_stcore/health",
    "/_stcore/host-config",
    "/_stcore/metrics",
    "/favicon.png",
    f"/{LIBRARY}",
    "/media/nothing-there",
    "/_stcore/upload_file/nobody/nothing",
]


@pytest.fixture(scope="module")
def url():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FMNIST_ALLOWED_HOSTS", "Fashion.example.org, *.example.net")
        with server() as app:
            yield app.url


def ask(url, path, host=None, method="GET"):
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    try:
        connection.request(method, path, headers={"Host": host} if host else {})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode(errors="replace")
    finally:
        connection.close()


def policy(headers):
    """The content policy as {directive: set of sources}."""
    parts = [part.split() for part in headers["Content-Security-Policy"].split(";")]
    return {name: set(sources) for name, *sources in parts}


@pytest.mark.parametrize("path", ADDRESSES)
def test_every_response_has_them(url, path):
    _, headers, _ = ask(url, path)
    assert headers.get_all("X-Content-Type-Options") == ["nosniff"]
    assert headers["X-Frame-Options"] == "SAMEORIGIN"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "camera=(self)" in headers["Permissions-Policy"]
    assert headers.get_all("Content-Security-Policy") is not None


def test_the_policy_leads_to_no_other_server(url):
    _, headers, _ = ask(url, "/")
    host = urlsplit(url).netloc
    there = policy(headers)
    allowed = {"'self'", "'none'", "data:", "blob:", "'unsafe-inline'"}
    allowed |= {f"ws://{host}", f"wss://{host}"}
    for name, sources in there.items():
        strange = {source for source in sources - allowed if not source.startswith("'sha256-")}
        assert not strange, name
    assert there["default-src"] == there["frame-ancestors"] == there["base-uri"] == {"'self'"}
    assert there["object-src"] == {"'none'"}
    assert not {"'unsafe-inline'", "'unsafe-eval'", "data:"} & there["script-src"]


@pytest.mark.parametrize("path", ["/", "/train", "/weights?neuron=3"])
def test_only_the_scripts_that_stand_in_pages_may_run(url, path):
    _, headers, page = ask(url, path)
    texts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    assert texts
    digests = {
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
        for text in texts
    }
    allowed = {source for source in policy(headers)["script-src"] if "sha256" in source}
    assert digests <= allowed
    if path != "/":
        assert digests == allowed


def test_a_page_differs_from_streamlits_own_by_one_script(url):
    streamlits = (Path(streamlit.__file__).parent / "static" / "index.html").read_text()
    _, headers, page = ask(url, "/train")
    added = re.search(r"<script>window\.__streamlit = .*?</script>", page)
    assert added and page.replace(added[0], "") == streamlits
    assert headers["Cache-Control"] == "no-cache"  # it names files that a new version has not


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:8501", "127.0.0.1", "[::1]:8501", "192.168.1.20:8501",
     "fashion.example.org", "FASHION.example.org.:443", "a.b.example.net", "app.localhost"],
)  # fmt: skip
def test_own_names_and_addresses_are_answered(url, host):
    assert ask(url, "/", host)[0] == 200


@pytest.mark.parametrize(
    "host",
    ["attacker.example", "fashion.example.org.attacker.example", "example.net", "xexample.net",
     "localhost.attacker.example", "127.0.0.1.attacker.example", "1270.0.0.1", "a;script-src *",
     "user@localhost", "localhost:x", "-", " "],
)  # fmt: skip
def test_a_strangers_name_for_this_machine_gets_no_answer(url, host):
    """As after DNS rebinding: the browser sends the name of the attacker's page."""
    status, headers, text = ask(url, "/", host)
    assert status == 400
    assert "FMNIST_ALLOWED_HOSTS" in text
    assert "Content-Security-Policy" not in headers  # it would carry the name
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_neither_does_its_web_socket(url):
    port = urlsplit(url).port
    name = f"attacker.example:{port}"
    with (
        pytest.raises(InvalidStatus) as refused,
        socket.create_connection(("127.0.0.1", port)) as raw,
        connect(f"ws://{name}/_stcore/stream", sock=raw, origin=f"http://{name}"),
    ):
        pass
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize("host", ["any.thing", "localhost", "[::1]"])
def test_a_star_stands_for_any_name(host):
    assert is_allowed(host, ("*",))


@pytest.mark.parametrize("host", ["", "a b", "a;b", "a\n", "é.org", "[x]", "a:123456"])
def test_what_is_no_name_is_refused_even_then(host):
    assert not is_allowed(host, ("*",))


def test_by_itself_the_server_is_for_this_machine_only():
    text = (Path(__file__).parents[2] / ".streamlit" / "config.toml").read_text()
    assert re.search(r'^address = "localhost"$', text, re.M)


@pytest.mark.slow
def test_metrics_and_health_are_open_as_the_readme_says(url):
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    for path in ("_stcore/health", "_stcore/metrics", "_stcore/host-config"):
        with urlopen(f"{url}/{path}") as answer:
            assert answer.status == 200
        assert f"/{path}" in readme
