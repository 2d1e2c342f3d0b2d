"""The Dockerfile, as far as it can be tried without Docker."""

import http.client
import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.processes import started
from benchmarks.server import Server, free_port, server_command
from fmnist.environment_variables import VARIABLES
from tests.ends import NEWEST_PYTHON, OLDEST_PYTHON
from tests.raw_visitor import session

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PORT = "8501"


def instructions(name):
    """What follows an instruction of the Dockerfile, wherever it stands."""
    text = (ROOT / "Dockerfile").read_text()
    return re.findall(rf"^{name} (.*)$", text, re.M)


def environment_of_the_image():
    words = [word for line in instructions("ENV") for word in shlex.split(line)]
    return dict(word.split("=", 1) for word in words)


def test_the_python_is_one_of_those_that_are_tried():
    (image,) = instructions("FROM")
    version = re.fullmatch(r"python:(3\.\d+)-slim", image)[1]
    minor = [int(text.split(".")[1]) for text in (OLDEST_PYTHON, version, NEWEST_PYTHON)]
    assert minor == sorted(minor)


def test_it_does_not_run_as_root_and_may_write_what_it_keeps():
    (user,) = instructions("USER")
    assert user != "root"
    (made,) = [line for line in instructions("RUN") if "useradd" in line]
    kept = environment_of_the_image()
    assert re.search(rf"--owner {user} (.*)", made)[1].split() == list(kept.values())
    assert set(kept) <= set(VARIABLES)
    (volume,) = instructions("VOLUME")
    assert all(path.startswith(f"{volume}/") for path in kept.values())


def test_the_build_is_sent_what_is_copied_and_nothing_else():
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    sent = {line.removeprefix("!") for line in lines if line.startswith("!")}
    assert "*" in lines
    assert sent == {shlex.split(line)[0] for line in instructions("COPY")}


@pytest.fixture
def image(tmp_path):
    """A folder with what the image has."""
    left_out = shutil.ignore_patterns("__pycache__", "screenshot.png")
    for line in instructions("COPY"):
        source, target = shlex.split(line)
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, tmp_path / target, ignore=left_out)
        else:
            shutil.copy(ROOT / source, tmp_path / target)
    return tmp_path


def test_secrets_of_streamlit_set_what_environment_variables_do(image, tmp_path_factory):
    (image / ".streamlit" / "secrets.toml").write_text('FMNIST_ALLOWED_HOSTS = "*.example.org"\n')
    port = free_port()
    log = tmp_path_factory.mktemp("log") / "log"
    with (
        log.open("wb") as output,
        started(
            server_command(port, image / "streamlit_app.py"),
            gently=True, cwd=image, stdout=output, stderr=subprocess.STDOUT,
        ) as process,
    ):  # fmt: skip
        url = f"http://127.0.0.1:{port}"
        Server(url, image, log, process, 0).wait_until_it_answers()
        for host, status in (("app.example.org", 200), ("app.example.com", 400)):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            connection.request("GET", "/train", headers={"Host": host})
            assert connection.getresponse().status == status
            connection.close()


def test_what_is_copied_starts_by_its_command_and_is_healthy(image, tmp_path_factory):
    port = str(free_port())
    (command,) = [json.loads(line) for line in instructions("CMD")]
    assert command[0] == "streamlit"
    arguments = [port if word == PORT else word for word in command]
    assert arguments != command
    log = tmp_path_factory.mktemp("log") / "log"
    with (
        log.open("wb") as output,
        started(
            [sys.executable, "-m", *arguments],
            gently=True, cwd=image, stdout=output, stderr=subprocess.STDOUT,
        ) as process,
    ):  # fmt: skip
        url = f"http://127.0.0.1:{port}"
        Server(url, image, log, process, 0).wait_until_it_answers()
        with session(url):
            pass
        (check,) = instructions("HEALTHCHECK")
        question = json.loads(check[check.index("[") :])
        assert question[0] == "python"
        healthy = [word.replace(PORT, port) for word in question[1:]]
        assert subprocess.run([sys.executable, *healthy], check=False).returncode == 0
    ended = subprocess.run([sys.executable, *healthy], check=False, capture_output=True)
    assert ended.returncode != 0
    assert "Traceback" not in log.read_text()
    assert "external IP" not in log.read_text()
