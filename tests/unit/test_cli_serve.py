"""``serve`` prints a link at which others get an answer; ``make run`` answers nobody else."""

import array
import fcntl
import http.client
import os
import re
import shlex
import socket
import struct
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import numpy as np
import psutil
import pytest
import zxingcpp
from websockets.sync.client import connect

from benchmarks.processes import started
from benchmarks.server import Server, free_port
from fmnist.cli import main as cli
from fmnist.cli import serve

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
LAN, VPN, PUBLIC = "192.168.178.20", "10.8.0.2", "8.8.4.4"
SHADES = {"█": (255, 255), "▀": (255, 0), "▄": (0, 255), " ": (0, 0)}


@pytest.mark.parametrize(
    ("found", "default", "told"),
    [
        ([], None, []),
        (["127.0.0.1"], None, []),
        (["127.0.0.1", "169.254.7.7", LAN], LAN, [LAN]),
        (["127.0.0.1", LAN, VPN, LAN], VPN, [VPN, LAN]),
        ([LAN, VPN], None, [LAN, VPN]),
        ([LAN], "10.1.1.1", [LAN]),
    ],
)
def test_addresses_that_others_can_reach(found, default, told):
    assert serve.for_others(found, default) == told


def addresses_of_the_kernel():
    """IPv4 addresses of the interfaces that are up, asked of the kernel (netdevice(7))."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        answers = array.array("B", bytes(40 * 256))
        request = struct.pack("iL", len(answers), answers.buffer_info()[0])
        size = struct.unpack("iL", fcntl.ioctl(asked, 0x8912, request))[0]  # SIOCGIFCONF
    records = [answers[start : start + 40].tobytes() for start in range(0, size, 40)]
    return [socket.inet_ntoa(record[20:24]) for record in records]


def test_the_addresses_are_those_of_the_kernel():
    told = serve.network_addresses()
    if sys.platform == "linux":
        known = {address for address in addresses_of_the_kernel() if not address.startswith("127.")}
        assert set(told) == {address for address in known if not address.startswith("169.254.")}
    assert len(set(told)) == len(told)


@pytest.mark.parametrize("link", ["http://1.1.1.1:1", f"http://{LAN}:8501", "x" * 200])
def test_another_library_reads_the_qr_code(link):
    """Light modules are drawn as blocks, as a dark terminal shows them."""
    lines = serve.qr_code(link)
    assert len({len(line) for line in lines}) == 1
    modules = np.array(
        [[SHADES[letter][half] for letter in line] for line in lines for half in (0, 1)], np.uint8
    )
    image = np.kron(modules, np.ones((6, 6), np.uint8))
    (read,) = zxingcpp.read_barcodes(image)
    assert read.text == link


def test_the_invitation_names_all_links_and_draws_the_first():
    lines = serve.invitation([LAN, VPN], 8601)
    assert lines[:3] == ["Others in this network open", "", f"    http://{LAN}:8601"]
    assert "\n".join(serve.qr_code(f"http://{LAN}:8601")) in "\n".join(lines)
    assert lines[-1] == f"    http://{VPN}:8601"
    assert "internet" not in "\n".join(lines)


def test_in_a_terminal_the_code_is_white_on_black_whatever_the_theme():
    lines = serve.invitation([LAN], 8501, coloured=True)
    for line in serve.qr_code(f"http://{LAN}:8501"):
        assert f"\033[97;40m{line}\033[0m" in lines


def test_a_public_address_is_called_public():
    assert serve.invitation([LAN, PUBLIC], 8501)[-1].endswith(f"{PUBLIC} is public.")


def test_without_a_network_it_says_so():
    (line,) = serve.invitation([], 8501)
    assert "in no network" in line and "http://localhost:8501" in line


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", "²"])
def test_a_wrong_port_is_told(capsys, port):
    with pytest.raises(SystemExit):
        cli.main(["serve", f"--port={port}"])
    assert "it takes a whole number from 1 to 65535" in capsys.readouterr().err


def listens_on(process):
    """Addresses on which a process waits for connections."""
    connections = psutil.Process(process.pid).net_connections("tcp")
    return {entry.laddr.ip for entry in connections if entry.status == psutil.CONN_LISTEN}


def test_serve_answers_others_under_the_link_that_it_prints(runs_dir, tmp_path):
    port = free_port()
    log = tmp_path / "log"
    command = [sys.executable, "-m", "fmnist", "serve", "--port", str(port)]
    with (
        log.open("wb") as output,
        started(command, gently=True, stdout=output, stderr=subprocess.STDOUT) as process,
    ):
        # Spoken to on the loopback, as a visitor would who had followed the link.
        Server(f"http://127.0.0.1:{port}", runs_dir, log, process, 0).wait_until_it_answers()
        said = log.read_text()
        printed = re.search(r"^ +http://(\S+)$", said, re.M)
        host = printed[1] if printed else f"localhost:{port}"
        assert printed or "in no network" in said
        assert host.endswith(f":{port}")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("GET", "/train", headers={"Host": host})
        assert connection.getresponse().status == 200
        connection.close()
        with (
            socket.create_connection(("127.0.0.1", port)) as raw,
            connect(f"ws://{host}/_stcore/stream", sock=raw, origin=f"http://{host}"),
        ):
            pass
        assert listens_on(process) == {"0.0.0.0"}
        assert "external IP" not in log.read_text()  # nobody on the internet was asked for it
        process.terminate()
        assert process.wait(60) in (0, -15)


def test_make_run_answers_this_machine_only(runs_dir, tmp_path):
    port = free_port()
    # As typed by hand: a make around this suite hands its own flags and depth to every make below.
    environment = {name: text for name, text in os.environ.items() if not name.startswith("MAKE")}
    told = subprocess.run(
        ["make", "--dry-run", "run", f"PORT={port}"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    program, *arguments = shlex.split(told.stdout.splitlines()[-1])
    assert Path(program).name == "streamlit"
    log = tmp_path / "log"
    with (
        log.open("wb") as output,
        started(
            [sys.executable, "-m", "streamlit", *arguments],
            gently=True, stdout=output, stderr=subprocess.STDOUT,
        ) as process,
    ):  # fmt: skip
        Server(f"http://localhost:{port}", runs_dir, log, process, 0).wait_until_it_answers()
        with urlopen(f"http://localhost:{port}/train") as answer:
            assert answer.status == 200
        assert listens_on(process) <= {"127.0.0.1", "::1"}
