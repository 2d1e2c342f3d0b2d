"""Keras's own download, from a real server on this machine."""

import gzip
import shutil
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from fmnist import dataset, settings
from fmnist.training import download as module
from fmnist.training.download import download


class Files(BaseHTTPRequestHandler):
    """Serves the data set's files, with the fault that the test asks for."""

    def do_GET(self):
        server = self.server
        name = self.path.lstrip("/")
        server.asked.append(name)
        faulty = server.fault and name.startswith("t10k-images")
        if faulty and server.fault == "missing":
            self.send_error(404)
            return
        content = server.content(name)
        if faulty and server.fault == "log-in page":
            content = b"<html>Please log in</html>"
        if faulty and server.fault == "other content":
            content = gzip.compress(gzip.decompress(content)[:-1] + b"\x07", 1)
        if faulty and server.fault == "wrong size":
            content = gzip.compress(gzip.decompress(content)[:-784], 1)
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if faulty and server.fault == "cut short":
            content = content[:100_000]
        if faulty and server.fault == "stalls":
            self.wfile.write(content[:1000])
            server.end.wait(30)
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


@pytest.fixture
def server(tensorflow, packed, tmp_path, monkeypatch):
    """A server, an empty cache, and Keras pointed at both; nothing else of Keras is changed."""
    from keras.src.backend import config
    from keras.src.datasets import fashion_mnist

    monkeypatch.setenv("FMNIST_DATA_DIR", str(tmp_path / "nowhere"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(config, "_KERAS_DIR", str(tmp_path))
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
    folder = settings.keras_cache_dir()
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def test_it_arrives_and_is_checked(server, data):
    shares = []
    server.delay = 0.1
    assert download(shares.append) == ""
    assert sorted(server.asked) == cached() == sorted(f"{n}.gz" for n in dataset.OFFICIAL_FILES)
    assert dataset.find() == settings.keras_cache_dir()
    loaded = dataset.load()
    assert loaded.official == data.official
    assert (loaded.train_images == data.train_images).all()
    assert shares
    assert shares == sorted(shares)
    assert 0 < shares[-1] <= 1
    server.asked.clear()
    assert download(shares.append) == ""
    assert server.asked == []


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("missing", "404"),
        ("log-in page", "is not Fashion-MNIST"),
        ("wrong size", "is not Fashion-MNIST"),
        ("cut short", "could not be downloaded"),
    ],
)
def test_a_fault_is_told_and_can_be_tried_again(server, fault, words):
    server.fault = fault
    message = download(lambda _share: None)
    assert words in message
    assert "FMNIST_DATA_DIR" in message
    assert message.endswith(".")
    assert cached() == []
    assert dataset.find() is None
    server.fault = ""
    assert download(lambda _share: None) == ""
    assert dataset.load().train_images.shape == (60_000, 28, 28)


def test_other_content_of_the_same_size_is_refused(server, monkeypatch):
    monkeypatch.delenv("FMNIST_ALLOW_OTHER_DATA", raising=False)
    server.fault = "other content"
    message = download(lambda _share: None)
    assert "is not the file of Fashion-MNIST" in message and "SHA-256" in message
    assert cached() == []


def test_a_silent_server_is_given_up(server, monkeypatch):
    monkeypatch.setattr(module, "SILENCE_SECONDS", 1)
    server.fault = "stalls"
    message = download(lambda _share: None)
    assert "could not be downloaded (timed out)" in message or "timed out" in message
    assert "Check the network" in message
    assert cached() == []


def test_a_slow_server_meets_the_time_limit(server, monkeypatch):
    monkeypatch.setenv("FMNIST_DOWNLOAD_SECONDS", "1")
    server.delay = 5.0
    message = download(lambda _share: None)
    assert "took longer than 1 s" in message and "FMNIST_DATA_DIR" in message
    server.end.set()  # let the download that still hangs in its thread come to its end
    deadline = time.monotonic() + 30
    while any(thread.name.endswith("(_fetch)") for thread in threading.enumerate()):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_no_server_at_all(server):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        server.url = f"http://127.0.0.1:{probe.getsockname()[1]}/"
    message = download(lambda _share: None)
    assert message.startswith("Fashion-MNIST could not be downloaded")
    assert "Check the network" in message


def test_files_that_were_there_before_are_kept(server, packed):
    folder = settings.keras_cache_dir()
    folder.mkdir(parents=True)
    (folder / "train-labels-idx1-ubyte.gz").write_bytes(packed["train-labels-idx1-ubyte.gz"])
    server.fault = "missing"
    assert download(lambda _share: None)
    assert cached() == ["train-labels-idx1-ubyte.gz"]
    shutil.rmtree(folder)
