"""Keras's own download, from a real server on this machine."""

import errno
import gzip
import http.client
import shutil
import socket
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.error import URLError

import pytest

from fmnist import dataset, environment
from fmnist.training import download as module
from fmnist.training.download import cause_of, download


class Files(BaseHTTPRequestHandler):
    """Serves the data set's files, with the fault that the test asks for."""

    def do_GET(self):
        server = self.server
        name = self.path.lstrip("/")
        server.asked.append(name)
        faulty = server.fault and name.startswith("t10k-images")
        if faulty and server.fault.isdigit():
            self.send_error(int(server.fault))
            return
        content = server.content(name)
        if faulty and server.fault == "log-in page":
            content = b"<html>Please log in</html>"
        if faulty and server.fault == "other content":
            content = gzip.compress(gzip.decompress(content)[:-1] + b"\x07", 1)
        if faulty and server.fault == "wrong size":
            content = gzip.compress(gzip.decompress(content)[:-784], 1)
        if faulty and server.fault == "says nothing":
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if faulty and server.fault == "cut short":
            content = content[:100_000]
        if faulty and server.fault in ("stalls", "hangs up"):
            self.wfile.write(content[:1000])
            server.end.wait(30 if server.fault == "stalls" else 0)
            if (
                server.fault == "hangs up"
            ):  # at once, with what the visitor has not read thrown away
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            return
        for start in range(0, len(content), 1 << 20):
            self.wfile.write(content[start : start + (1 << 20)])
            server.end.wait(server.delay)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def packed(environment):
    """The files as published: packed."""
    folder = dataset.find()
    assert folder is not None

    def content(name):
        path = folder / name
        if path.is_file():
            return path.read_bytes()
        return gzip.compress((folder / name.removesuffix(".gz")).read_bytes(), 1)

    return {f"{name}.gz": content(f"{name}.gz") for name in dataset.OFFICIAL_FILES}


def keras_home(folder, monkeypatch):
    """Have Keras, which has looked at its variable already, keep its files there."""
    from keras.src.backend import config

    monkeypatch.setenv("KERAS_HOME", str(folder))
    monkeypatch.setattr(config, "_KERAS_DIR", str(folder))


@pytest.fixture
def server(tensorflow, packed, tmp_path, monkeypatch):
    """A server, an empty cache, and Keras pointed at both; nothing else of Keras is changed."""
    from keras.src.datasets import fashion_mnist

    monkeypatch.setenv("FMNIST_DATA_DIR", str(tmp_path / "nowhere"))
    keras_home(tmp_path, monkeypatch)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Files)
    server.fault, server.delay, server.asked = "", 0.0, []
    server.content, server.end = packed.__getitem__, threading.Event()
    server.url = f"http://127.0.0.1:{server.server_port}/"
    get_file = fashion_mnist.get_file

    def from_here(fname, origin, **options):
        assert origin.startswith("https://storage.googleapis.com/tensorflow/tf-keras-datasets/")
        return get_file(fname, origin=server.url + fname, **options)

    monkeypatch.setattr(fashion_mnist, "get_file", from_here)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.end.set()
    server.shutdown()
    thread.join()
    server.server_close()
    socket.setdefaulttimeout(None)


def cached():
    folder = environment.keras_cache_dir()
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def test_it_arrives_and_is_checked(server, data):
    shares = []
    server.delay = 0.1
    assert download(shares.append) is None
    assert sorted(server.asked) == cached() == sorted(f"{n}.gz" for n in dataset.OFFICIAL_FILES)
    assert dataset.find() == environment.keras_cache_dir()
    loaded = dataset.load()
    assert loaded.official == data.official
    assert (loaded.train_images == data.train_images).all()
    assert shares
    assert shares == sorted(shares)
    assert 0 < shares[-1] <= 1
    server.asked.clear()
    assert download(shares.append) is None
    assert server.asked == []


@pytest.mark.parametrize(
    ("fault", "cause", "said"),
    [
        ("404", "the server answered with status 404", "Not Found"),
        ("500", "the server answered with status 500", "Internal Server Error"),
        ("log-in page", module.OTHER_CONTENT, "Perhaps the network wants a log-in"),
        ("wrong size", module.OTHER_CONTENT, "reshape"),
        ("cut short", module.BROKE_OFF, "retrieval incomplete"),
        ("hangs up", module.BROKE_OFF, "Check the network"),
        ("says nothing", module.BROKE_OFF, "without response"),
    ],
)
def test_a_fault_is_told_and_can_be_tried_again(server, fault, cause, said):
    server.fault = fault
    failure = download(lambda _share: None)
    assert failure.cause == cause
    assert said in failure.details
    assert "FMNIST_DATA_DIR" in failure.details
    assert str(failure).startswith(f"Fashion-MNIST could not be downloaded: {cause}. ")
    assert str(failure).endswith(".")
    assert cached() == []
    assert dataset.find() is None
    server.fault = ""
    assert download(lambda _share: None) is None
    assert dataset.load().train_images.shape == (60_000, 28, 28)


def test_other_content_of_the_same_size_is_refused(server, monkeypatch):
    monkeypatch.delenv("FMNIST_ALLOW_OTHER_DATA", raising=False)
    server.fault = "other content"
    failure = download(lambda _share: None)
    assert failure.cause == module.OTHER_CONTENT
    assert "is not the file of Fashion-MNIST" in failure.details and "SHA-256" in failure.details
    assert cached() == []


def test_a_silent_server_is_given_up(server, monkeypatch):
    monkeypatch.setattr(module, "SILENCE_SECONDS", 1)
    server.fault = "stalls"
    failure = download(lambda _share: None)
    assert failure.cause == module.BROKE_OFF
    assert "timed out" in failure.details
    assert cached() == []


def test_a_slow_server_meets_the_time_limit(server, monkeypatch):
    monkeypatch.setenv("FMNIST_DOWNLOAD_SECONDS", "1")
    server.delay = 5.0
    failure = download(lambda _share: None)
    assert failure.cause == "it took longer than 1 s"
    assert "FMNIST_DATA_DIR" in failure.details
    server.end.set()  # let the download that still hangs in its thread come to its end
    deadline = time.monotonic() + 30
    while any(thread.name.endswith("(_fetch)") for thread in threading.enumerate()):
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("host", ["127.0.0.1", "nobody.invalid"])
def test_no_network(server, host):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        server.url = f"http://{host}:{probe.getsockname()[1]}/"
    failure = download(lambda _share: None)
    assert failure.cause == module.NO_NETWORK
    assert server.url in failure.details
    assert "Check the network" in failure.details


def test_a_server_that_takes_no_connection_in_time(server, monkeypatch):
    monkeypatch.setattr(module, "SILENCE_SECONDS", 1)
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        waiting = [socket.socket() for _ in range(4)]  # fill its line
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(deaf.getsockname())
        server.url = f"http://127.0.0.1:{deaf.getsockname()[1]}/"
        failure = download(lambda _share: None)
        for one in waiting:
            one.close()
    assert failure.cause == module.NO_NETWORK
    assert "timed out" in failure.details


def test_a_server_that_speaks_no_tls(server):
    server.url = server.url.replace("http:", "https:")
    assert download(lambda _share: None).cause == module.NOT_SECURE


def test_a_full_disk(server, small_disk, monkeypatch):
    keras_home(small_disk, monkeypatch)
    failure = download(lambda _share: None)
    assert failure.cause == module.DISK_FULL
    assert "KERAS_HOME" in failure.details
    assert cached() == []


def test_a_file_in_place_of_the_folder(server):
    environment.keras_cache_dir().parent.mkdir(parents=True)
    environment.keras_cache_dir().write_text("in the way")
    failure = download(lambda _share: None)
    assert failure.cause == module.NOT_WRITABLE
    assert str(environment.keras_cache_dir()) in failure.details
    assert server.asked == []


def test_a_folder_that_cannot_be_written(server, locked, monkeypatch):
    """Keras by itself would take a folder of its own, where nobody finds the data."""
    keras_home(locked, monkeypatch)
    failure = download(lambda _share: None)
    assert failure.cause == module.NOT_WRITABLE
    assert server.asked == []


@pytest.mark.parametrize(
    ("problem", "cause"),
    [
        (OSError(errno.EDQUOT, "Disk quota exceeded"), module.DISK_FULL),
        (PermissionError(errno.EPERM, "Operation not permitted"), module.NOT_WRITABLE),
        (URLError(PermissionError(errno.EACCES, "a firewall")), module.NO_NETWORK),
        (URLError(OSError(errno.ENETUNREACH, "Network is unreachable")), module.NO_NETWORK),
        (http.client.IncompleteRead(b""), module.BROKE_OFF),
        (http.client.InvalidURL("nonnumeric port: 'x'"), module.NO_NETWORK),
        (OSError(errno.EIO, "Input/output error"), module.UNFORESEEN),
        (KeyError("x"), module.UNFORESEEN),
    ],
)
def test_the_cause_is_found_behind_what_keras_raises(problem, cause):
    try:
        try:
            raise problem
        except Exception:
            raise Exception("URL fetch failure")  # noqa: B904 - as Keras does it
    except Exception as raised:
        assert cause_of(raised) == cause


def test_files_that_were_there_before_are_kept(server, packed):
    folder = environment.keras_cache_dir()
    folder.mkdir(parents=True)
    (folder / "train-labels-idx1-ubyte.gz").write_bytes(packed["train-labels-idx1-ubyte.gz"])
    server.fault = "404"
    assert download(lambda _share: None)
    assert cached() == ["train-labels-idx1-ubyte.gz"]
    shutil.rmtree(folder)
