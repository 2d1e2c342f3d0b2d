"""``serve``: the app for everybody in the same network, and the link that they open."""

import ipaddress
import os
import secrets
import socket
import sys
from collections.abc import Iterable
from io import StringIO
from pathlib import Path
from typing import NoReturn

import psutil
import segno

from fmnist import environment
from fmnist.environment_variables import TEACHER_KEY

APP = Path(__file__).parents[2] / "streamlit_app.py"
ALL_INTERFACES = "0.0.0.0"
# From a range that is kept for documentation (RFC 5737): nobody has it.
SOMEWHERE_ELSE = "203.0.113.1"
WHITE_ON_BLACK, USUAL = "\033[97;40m", "\033[0m"


def serve(port: int) -> NoReturn:
    """Print the link, then become the web process, which answers on all interfaces.

    It is set up for a class unless ``FMNIST_MODE`` says otherwise.
    """
    addresses = network_addresses()
    for name, value in (("FMNIST_MODE", "class"), (TEACHER_KEY, secrets.token_hex(16))):
        if not os.environ.get(name, "").strip():  # empty means not set
            os.environ[name] = value
    print(*invitation(addresses, port, sys.stdout.isatty()), sep="\n", flush=True)
    if environment.mode() == "class":
        host = addresses[0] if addresses else "localhost"
        link = f"http://{host}:{port}/class?key={environment.teacher_key()}"
        print("", "You are the teacher where you open this, and keep for yourself:", "",
              f"    {link}", sep="\n", flush=True)  # fmt: skip
    options = {
        "--server.address": ALL_INTERFACES,
        "--server.port": str(port),
        # Streamlit would ask a server on the internet for it otherwise.
        "--browser.serverAddress": addresses[0] if addresses else "localhost",
    }
    arguments = [text for option in options.items() for text in option]
    os.execv(sys.executable, [sys.executable, "-m", "streamlit", "run", str(APP), *arguments])


def invitation(addresses: list[str], port: int, coloured: bool = False) -> list[str]:
    """Lines that tell others how to open the app; a QR code for their phones is among them.

    Parameters
    ----------
    addresses : of this machine, the one to recommend first
    port : on which the app answers
    coloured : whether the lines go to a terminal, which may be dark or light; not every phone reads
        a QR code whose black is white
    """
    if not addresses:
        return [
            "This machine is in no network, so nobody else can open the app. "
            f"Here it is at http://localhost:{port}.",
        ]
    links = [f"http://{address}:{port}" for address in addresses]
    lines = ["Others in this network open", "", f"    {links[0]}", ""]
    for line in qr_code(links[0]):
        lines.append(f"{WHITE_ON_BLACK}{line}{USUAL}" if coloured else line)
    if len(links) > 1:
        lines += ["", "This machine has other addresses too, for those who cannot reach that one:"]
        lines += [f"    {link}" for link in links[1:]]
    if public := [address for address in addresses if ipaddress.ip_address(address).is_global]:
        lines += ["", f"Anybody on the internet can open it as well: {public[0]} is public."]
    return lines


def qr_code(text: str) -> list[str]:
    """QR code of a text: two rows of modules a line, its light modules drawn as blocks."""
    drawn = StringIO()
    segno.make_qr(text).terminal(drawn, compact=True)
    return drawn.getvalue().splitlines()


def network_addresses() -> list[str]:
    """IPv4 addresses of this machine that others can reach; that of the default route first."""
    states = psutil.net_if_stats()
    found = [
        address.address
        for interface, addresses in psutil.net_if_addrs().items()
        if interface in states and states[interface].isup
        for address in addresses
        if address.family == socket.AF_INET
    ]
    return for_others(found, _default_address())


def for_others(addresses: Iterable[str], default: str | None) -> list[str]:
    """Of a machine's addresses those that others can reach, `default` first if it is among them.

    An address of the loopback stays inside the machine, and a link-local one (169.254.…) is what an
    interface takes that no network has given an address.
    """
    usable = []
    for address in dict.fromkeys(addresses):
        meaning = ipaddress.ip_address(address)
        if not (meaning.is_loopback or meaning.is_link_local or meaning.is_unspecified):
            usable.append(address)
    return sorted(usable, key=lambda address: address != default)


def _default_address() -> str | None:
    """The address from which this machine would speak to others; None without a network.

    Naming the other side of a UDP socket chooses the interface. It sends nothing.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as chooser:
        try:
            chooser.connect((SOMEWHERE_ELSE, 9))
        except OSError:
            return None
        return str(chooser.getsockname()[0])
