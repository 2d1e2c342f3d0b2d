"""Code with faults on purpose: what it does is what the bytes say."""

import ctypes
import time

from fmnist.sandbox.wire import WireError


def broken(content: bytes) -> bool:
    """Accept, refuse, or do what no code should."""
    if content == b"refuse":
        raise WireError("refused, as is declared")
    if content == b"raise":
        raise KeyError("not declared")
    if content == b"wrong":
        raise AssertionError("a value outside its limits")
    if content == b"crash":
        ctypes.string_at(0)
    if content == b"memory":
        bytearray(1 << 30)
    while content == b"spin":
        pass
    if content == b"sleep":
        time.sleep(600)
    return True
