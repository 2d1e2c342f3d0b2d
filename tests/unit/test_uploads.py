"""Uploads without a page, against real servers: what they may leave in memory, and for how long."""

import time
from contextlib import ExitStack
from urllib.request import urlopen

import pytest

from benchmarks.server import resident_megabytes, server
from fmnist.ui.server import uploads
from tests.raw_visitor import Upload, put, session

pytestmark = pytest.mark.slow

KILOBYTE = 1024
# A Streamlit app with nothing but the middleware, and with limits that are soon reached.
SMALL = """
import streamlit as st
from starlette.middleware import Middleware
from fmnist.ui.server.uploads import LimitedUploads

if __name__ == "__main__":
    st.write("Hello")
else:
    limits = {{"visitor": 500 * 1024, "total": 800 * 1024, "seconds": {seconds}}}
    app = st.App(__file__, middleware=[Middleware(LimitedUploads, **limits)])
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    script = tmp_path_factory.mktemp("app") / "small.py"
    script.write_text(SMALL.format(seconds=60))
    with server(script=script) as app:
        yield app.url


def test_a_visitor_has_a_share_and_all_have_a_sum(small):
    with session(small) as one, session(small) as two:
        assert put(small, one, "a", 300 * KILOBYTE)[0] == 204
        status, words = put(small, one, "b", 300 * KILOBYTE)
        assert status == 413 and "Remove some of them" in words
        assert put(small, one, "c", 100 * KILOBYTE)[0] == 204
        assert put(small, two, "d", 300 * KILOBYTE)[0] == 204
        status, words = put(small, two, "e", 150 * KILOBYTE)
        assert status == 429 and "Try again in some minutes" in words


def test_room_is_made_by_those_who_left(small):
    with session(small) as one:
        assert put(small, one, "a", 450 * KILOBYTE)[0] == 204
    with session(small) as two, session(small) as three:
        assert put(small, two, "b", 450 * KILOBYTE)[0] == 204
        assert put(small, three, "c", 450 * KILOBYTE)[0] == 429


def test_so_many_files_a_minute_are_enough(tmp_path):
    script = tmp_path / "rate.py"
    script.write_text(SMALL.format(seconds=60).replace('"seconds"', '"rate": 3, "seconds"'))
    with server(script=script) as app, session(app.url) as one, session(app.url) as two:
        answers = [put(app.url, one, f"file{index}", 10) for index in range(4)]
        assert [status for status, _ in answers] == [204] * 3 + [429]
        assert "Wait a minute" in answers[-1][1]
        assert put(app.url, two, "a", 10)[0] == 204


def test_empty_files_and_long_names_count_too(small):
    with session(small) as one:
        answers = [put(small, one, f"empty{index}", 0)[0] for index in range(9)]
        assert answers == [204] * 7 + [413] * 2
    with session(small) as two:
        name = "n" * 3000  # four bytes a character at most
        assert put(small, two, name, 450 * KILOBYTE)[0] == 204
        assert put(small, two, "more", 45 * KILOBYTE)[0] == 413


def test_what_is_on_its_way_counts(small):
    with session(small) as one, session(small) as two:
        slow = [Upload(small, one, "a", 400 * KILOBYTE), Upload(small, two, "b", 380 * KILOBYTE)]
        assert put(small, two, "c", 50 * KILOBYTE)[0] == 429
        assert put(small, one, "d", 120 * KILOBYTE)[0] == 413
        for upload, size in zip(slow, (400, 380), strict=True):
            upload.send(bytes(size * KILOBYTE))
            assert upload.end()[0] == 204
    with session(small) as one:
        broken = [Upload(small, one, f"x{index}", 100 * KILOBYTE) for index in range(4)]
        for upload in broken:
            upload.connection.close()
        while put(small, one, "e", 450 * KILOBYTE)[0] != 204:
            pass  # until the server has heard that they are closed


def test_what_comes_too_slowly_is_let_go(tmp_path):
    script = tmp_path / "slow.py"
    script.write_text(SMALL.format(seconds=0.5))
    with server(script=script) as app, session(app.url) as one:
        upload = Upload(app.url, one, "a", 400 * KILOBYTE)
        status, words = upload.answer()
        assert status == 408 and "did not arrive" in words
        assert put(app.url, one, "b", 400 * KILOBYTE)[0] == 204


def test_nothing_is_kept_of_those_who_do_not_come_back(tmp_path, monkeypatch):
    """Streamlit itself lets go of a session only when another one comes or goes."""
    monkeypatch.setenv("STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL", "1")
    script = tmp_path / "small.py"
    script.write_text(SMALL.format(seconds=60))
    with server(script=script) as app:
        with session(app.url) as one:
            assert put(app.url, one, "a", 400 * KILOBYTE)[0] == 204
            assert kept(app.url) == 400 * KILOBYTE
        deadline = time.monotonic() + 60
        while kept(app.url):
            assert time.monotonic() < deadline
            time.sleep(0.2)


def kept(url):
    """Bytes of uploads, as Streamlit counts them."""
    with urlopen(f"{url}/_stcore/metrics?families=cache_memory_bytes") as answer:
        lines = answer.read().decode().splitlines()
    counts = [line.split()[-1] for line in lines if "UploadedFileManager" in line]
    return sum(map(int, counts))


def test_a_file_of_nobody_is_refused(small):
    assert put(small, "no-such-session", "a", KILOBYTE)[0] == 400


def test_raw_uploads_cannot_fill_the_memory_of_the_app():
    """Six visitors with twelve files of 19 MB each: 1.4 GB, were they kept."""
    size = 19 * uploads.MEGABYTE
    with server() as app, ExitStack() as stack:
        visitors = [stack.enter_context(session(app.url)) for _ in range(6)]
        before = resident_megabytes(app.pid)
        answers = [
            put(app.url, visitor, f"file{index}", size, announced=index % 2 == 0)[0]
            for visitor in visitors
            for index in range(12)
        ]
        assert set(answers) == {204, 413, 429}
        assert answers.count(204) * size <= uploads.TOTAL_BYTES
        assert answers[:12].count(204) * size <= uploads.VISITOR_BYTES
        grown = resident_megabytes(app.pid) - before
        assert grown < uploads.TOTAL_BYTES / 1e6 + 60
