"""The process that opens files: one after the other, until its standard input ends.

Each message in is a file and says what it is. Each message out is what was found in it, or why it
is refused. Whatever a file does to this process, the process has little memory and time, writes no
files, and knows neither the server's environment nor its data.
"""

import os
import signal
import sys
from contextlib import suppress
from typing import Any, BinaryIO

from fmnist.network import ModelError, read_network
from fmnist.prediction.decode import PictureError, decode, import_formats
from fmnist.sandbox import answers
from fmnist.sandbox.wire import WireError, receive, send

try:
    import resource
except ImportError:  # not on Windows: there the header checks and the clock of the server remain
    resource = None  # type: ignore[assignment]

MOST_BYTES = 2**31
NICENESS = 5  # pages go before files, files before training
OPEN_FILES = 32


def main(memory: int, seconds: int) -> None:
    """Serve with at most `memory` bytes in all, and `seconds` of processor time for each file."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's; its end is ours
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    out = _private_output()
    import_formats()
    _limit_for_ever(memory)
    try:
        send(out, {"ready": True}, [])
        while True:
            header, content = receive(sys.stdin.buffer, MOST_BYTES)
            _limit_time(seconds)
            send(out, *_answer(header, content))
            del content
    except (WireError, OSError):
        os._exit(0)  # the server is gone


def _answer(header: dict[str, Any], content: bytes) -> tuple[dict[str, Any], list[memoryview]]:
    name = str(header["name"])
    try:
        if header["kind"] == "picture":
            return answers.from_picture(decode(content, name))
        return answers.from_network(read_network(content, name))
    except (PictureError, ModelError) as problem:
        return {"problem": str(problem)}, []


def _limit_for_ever(memory: int) -> None:
    """No more memory than that, no new content in any file, no core dump, few files open."""
    _limit("RLIMIT_AS", memory)
    _limit("RLIMIT_FSIZE", 0)
    _limit("RLIMIT_CORE", 0)
    _limit("RLIMIT_NOFILE", OPEN_FILES)


def _limit(name: str, value: int) -> None:
    if hasattr(resource, name):
        with suppress(ValueError, OSError):  # a stricter limit is set already; macOS refuses some
            resource.setrlimit(getattr(resource, name), (value, value))


def _limit_time(seconds: int) -> None:
    """End this process when it has worked that much longer; the system counts whole seconds."""
    if resource is not None:
        used = resource.getrusage(resource.RUSAGE_SELF)
        soft = int(used.ru_utime + used.ru_stime) + 1 + seconds
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def _private_output() -> BinaryIO:
    """Keep standard output for our messages; whatever a library prints goes to standard error."""
    private = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return private


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
