"""Hostile files against the real process that opens them: refused, and the next one is opened."""

import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
import psutil
import pytest
from PIL import Image

from benchmarks.processes import started
from fmnist.network import ModelError
from fmnist.prediction.decode import PictureError, decode
from fmnist.sandbox.opener import Opener
from fmnist.sandbox.reader import Limits
from fmnist.sandbox.wire import receive, send
from tests import hostile
from tests.archives import archive, random_network

pytestmark = pytest.mark.slow

MEGABYTE = 2**20
NETWORK = random_network()
MODEL = archive(NETWORK)


def packed(form: str = "PNG", size: tuple[int, int] = (60, 40), **options: object) -> bytes:
    """White, with a red rectangle in the upper left quarter."""
    image = Image.new("RGB", size, "white")
    image.paste((200, 0, 0), (0, 0, size[0] // 2, size[1] // 2))
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


PICTURE = packed()


@pytest.fixture(scope="module")
def shared() -> Iterator[Opener]:
    with Opener() as opener:
        yield opener


@pytest.fixture
def make() -> Iterator[Callable[..., Opener]]:
    """Openers with limits of their own, closed at the end of the test."""
    made: list[Opener] = []

    def make(**limits: float) -> Opener:
        made.append(Opener(Limits(**limits)))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for opener in made:
        opener.close()


def check_ordinary(opener: Opener) -> None:
    """Ordinary files are opened, with the same result as in this process."""
    np.testing.assert_array_equal(opener.picture(PICTURE, "a.png"), decode(PICTURE, "a.png"))
    for found, written in zip(opener.network(MODEL, "m").layers, NETWORK.layers, strict=True):
        np.testing.assert_array_equal(found.kernel, written.kernel)
        np.testing.assert_array_equal(found.bias, written.bias)
        assert (found.name, found.activation) == (written.name, written.activation)


def test_ordinary_files_are_opened(shared: Opener) -> None:
    check_ordinary(shared)
    assert len(shared.process_ids()) == 1, "one process is reused while nobody else needs one"


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
def test_every_format_is_opened(shared: Opener, form: str) -> None:
    data = packed(form)
    np.testing.assert_array_equal(shared.picture(data, "a"), decode(data, "a"))


def test_the_largest_model_is_opened(shared: Opener) -> None:
    largest = random_network((1024,) * 3)
    found = shared.network(archive(largest), "large.keras")
    assert found.parameters == largest.parameters
    np.testing.assert_array_equal(found.layers[-1].kernel, largest.layers[-1].kernel)


ARCHIVES: dict[str, Callable[[], bytes]] = {
    "16 million chunks": lambda: hostile.tiny_chunks(NETWORK, 4000),
    "one chunk of 4 GB": lambda: hostile.huge_chunk(NETWORK),
    "a million members": lambda: hostile.many_members(1_000_000),
    "8,192 units": lambda: archive(random_network((8192,))),
    "3,000 layers": lambda: hostile.long_configuration(NETWORK, 3000),
    "no units": lambda: archive(random_network((0,))),
    "deep brackets": lambda: hostile.deep_brackets(1_000_000),
    "zip bomb": lambda: archive(NETWORK, weights=bytes(200 * MEGABYTE)),
}
PICTURES: dict[str, Callable[[], bytes]] = {
    "one tile of 22,992²": lambda: hostile.tiff_of_one_tile(300, 300, 22_992),
    "progressive, 150 megapixels": hostile.progressive_jpeg,
    "5,000 scans": lambda: hostile.repeated_scans(4000, 3000, 5000),
    "WebP, 268 megapixels": lambda: hostile.webp_header(b"VP8 ", 16_383, 16_383),
    "nine million empty segments": lambda: hostile.empty_segments(9_000_000),
}


def check_refused(opener: Opener, attack: Callable[[str], object], refusal: type[Exception]) -> str:
    """One sentence, no memory of this process, and ordinary files go on being opened."""
    before = psutil.Process().memory_info().rss
    with pytest.raises(refusal) as caught:
        attack("bad.file")
    assert psutil.Process().memory_info().rss - before < 30 * MEGABYTE
    message = str(caught.value)
    assert message.startswith("bad.file ")
    assert message.endswith(".") and message.count(". ") == 0 and message.isprintable()
    check_ordinary(opener)
    return message


@pytest.mark.parametrize("case", ARCHIVES)
def test_hostile_archives_are_refused(shared: Opener, case: str) -> None:
    content = ARCHIVES[case]()
    check_refused(shared, lambda name: shared.network(content, name), ModelError)


@pytest.mark.parametrize("case", PICTURES)
def test_hostile_pictures_are_refused(shared: Opener, case: str) -> None:
    content = PICTURES[case]()
    check_refused(shared, lambda name: shared.picture(content, name), PictureError)


SLOW = hostile.empty_segments(3_000_000)  # some seconds of work, and half a gigabyte
EACH_LIMIT: dict[str, dict[str, float]] = {
    "processor time": {"seconds": 1, "memory": 2**40},
    "clock": {"seconds": 1000, "memory": 2**40, "patience": 0.3},
}
if sys.platform == "linux":  # macOS does not keep to its limit of memory
    EACH_LIMIT["memory"] = {"seconds": 1000, "memory": 200 * MEGABYTE, "patience": 1000}


@pytest.mark.parametrize("limit", EACH_LIMIT)
def test_each_limit_holds_alone(make: Callable[..., Opener], limit: str) -> None:
    opener = make(**EACH_LIMIT[limit])
    check_ordinary(opener)
    message = check_refused(opener, lambda name: opener.picture(SLOW, name), PictureError)
    assert "memory to open" in message


def test_processor_time_is_counted_for_each_file(make: Callable[..., Opener]) -> None:
    """A process that has worked longer than one file may is still the same, and still works."""
    opener = make(seconds=1)
    check_ordinary(opener)
    [pid] = opener.process_ids()
    large = packed("JPEG", (6000, 4000), progressive=True)
    while worked(pid) < 3:
        assert opener.picture(large, "large.jpg").shape[2] == 3
    assert opener.process_ids() == [pid]


def worked(pid: int) -> float:
    """Seconds of processor time that a process has taken."""
    return float(sum(psutil.Process(pid).cpu_times()[:2]))


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


class Attempt(threading.Thread):
    """Opens a file in a thread of its own."""

    def __init__(self, opener: Opener, content: bytes) -> None:
        super().__init__()
        self.problem: Exception | None = None
        self._ask = lambda: opener.picture(content, "slow.jpg")
        self.start()

    def run(self) -> None:
        try:
            self._ask()
        except PictureError as problem:
            self.problem = problem


def test_a_process_killed_in_the_middle_is_replaced(make: Callable[..., Opener]) -> None:
    opener = make(seconds=1000, memory=2**40, patience=1000)
    check_ordinary(opener)
    [pid] = opener.process_ids()
    before = worked(pid)
    attempt = Attempt(opener, SLOW)
    until(lambda: worked(pid) > before + 0.3)
    os.kill(pid, signal.SIGKILL)
    attempt.join(60)
    assert isinstance(attempt.problem, PictureError)
    check_ordinary(opener)
    assert pid not in opener.process_ids()


def test_a_process_killed_while_idle_costs_nobody_a_file(make: Callable[..., Opener]) -> None:
    opener = make()
    check_ordinary(opener)
    [pid] = opener.process_ids()
    os.kill(pid, signal.SIGKILL)
    until(lambda: psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    check_ordinary(opener)
    assert opener.process_ids() != [pid]


def test_a_slow_file_does_not_block_other_sessions(make: Callable[..., Opener]) -> None:
    opener = make(seconds=1000, memory=2**40, patience=1000)
    check_ordinary(opener)
    [pid] = opener.process_ids()
    before = worked(pid)
    attempt = Attempt(opener, SLOW)
    until(lambda: worked(pid) > before + 0.3)
    os.kill(pid, signal.SIGSTOP)  # as slow as can be
    check_ordinary(opener)
    assert attempt.is_alive()
    os.kill(pid, signal.SIGKILL)
    attempt.join(60)


def test_many_sessions_share_few_processes(make: Callable[..., Opener]) -> None:
    opener, problems = make(), []

    def session() -> None:
        try:
            for _ in range(5):
                check_ordinary(opener)
        except Exception as problem:
            problems.append(problem)

    sessions = [threading.Thread(target=session) for _ in range(12)]
    for thread in sessions:
        thread.start()
    for thread in sessions:
        thread.join(120)
    assert problems == []
    assert 1 <= len(opener.process_ids()) <= 2


def test_nothing_is_left_behind() -> None:
    with Opener() as opener:
        opener.warm_up()
        check_ordinary(opener)
        pids = opener.process_ids()
    assert len(pids) == 1
    assert opener.process_ids() == []
    assert not any(psutil.pid_exists(pid) for pid in pids)
    with pytest.raises(PictureError):  # closed for good: no process is started any more
        opener.picture(PICTURE, "late.png")
    assert opener.process_ids() == []


def test_closing_ends_what_is_being_opened(make: Callable[..., Opener]) -> None:
    opener = make(seconds=1000, memory=2**40, patience=1000)
    check_ordinary(opener)
    [pid] = opener.process_ids()
    before = worked(pid)
    attempt = Attempt(opener, SLOW)
    until(lambda: worked(pid) > before + 0.3)
    opener.close()
    attempt.join(60)
    assert isinstance(attempt.problem, PictureError)
    assert not psutil.pid_exists(pid)


SERVER = """
import sys, time
from fmnist.sandbox.opener import Opener
from tests.unit.test_sandbox import PICTURE, SLOW
import threading

opener = Opener()
opener.picture(PICTURE, "a.png")
if sys.argv[1] == "busy":
    threading.Thread(target=opener.picture, args=(SLOW, "slow.jpg"), daemon=True).start()
    time.sleep(0.5)
print(*opener.process_ids(), flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("state", ["idle", "busy"])
def test_the_process_ends_when_the_server_is_killed(state: str) -> None:
    command = [sys.executable, "-c", SERVER, state]
    with started(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        pid = int(server.stdout.readline())
        server.kill()
        server.wait()
        try:
            until(lambda: not psutil.pid_exists(pid))
        finally:
            if psutil.pid_exists(pid):
                os.kill(pid, signal.SIGKILL)


def test_the_process_knows_nothing_and_writes_nothing(
    make: Callable[..., Opener], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_THE_SERVER", "1")
    opener = make()
    check_ordinary(opener)
    process = psutil.Process(opener.process_ids()[0])
    assert "SECRET_OF_THE_SERVER" not in process.environ()
    assert "FMNIST_RUNS_DIR" not in process.environ()
    if sys.platform == "linux":
        assert process.rlimit(psutil.RLIMIT_FSIZE) == (0, 0)
        assert process.rlimit(psutil.RLIMIT_CORE) == (0, 0)
        assert process.rlimit(psutil.RLIMIT_AS) == (Limits().memory, Limits().memory)


def test_without_limits_of_the_system_files_are_still_opened() -> None:
    code = (
        "import sys; sys.modules['resource'] = None\n"
        "from fmnist.sandbox.child import main; main(2**30, 3)"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with started([sys.executable, "-c", code], **pipes) as process:
        assert process.stdin is not None and process.stdout is not None
        assert receive(process.stdout, 0) == ({"ready": True}, b"")
        send(process.stdin, {"kind": "picture", "name": "a.png"}, [PICTURE])
        header, content = receive(process.stdout, 60 * 40 * 3)
        assert header == {"shape": [40, 60]}
        assert content == decode(PICTURE, "a.png").tobytes()


def test_a_process_that_cannot_start_gives_one_sentence(
    make: Callable[..., Opener], monkeypatch: pytest.MonkeyPatch
) -> None:
    opener = make()
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(PictureError, match=r"^a\.png "):
        opener.picture(PICTURE, "a.png")
    monkeypatch.undo()
    check_ordinary(opener)


@pytest.mark.parametrize("name", ["x" * 5000 + ".png", "a\nb\udce9\x00.png", ""])
def test_any_name_is_repeated_in_one_short_line(shared: Opener, name: str) -> None:
    with pytest.raises(PictureError) as caught:
        shared.picture(b"only text", name)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 250
