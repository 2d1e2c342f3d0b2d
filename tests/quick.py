"""The tests for those who change code: ``pytest --quick`` leaves out what takes long.

Nobody keeps a list: left out are tests that ask for TensorFlow or a browser, whole folders whose
purpose is to take long, and what is marked as slow. A test that takes long all the same fails in
such a run, so that it gets its mark.
"""

import os
from collections.abc import Iterator

import pytest

FIXTURES = {"tensorflow", "browser"}
FOLDERS = ("tests/browser/", "tests/pages/walk/")
MARK = "slow"
SECONDS = 2.0  # of processor time, which other work on the machine hardly changes

_BEGAN = pytest.StashKey[float]()


def is_slow(item: pytest.Item) -> bool:
    """Whether a quick run leaves this test out."""
    asked = set(getattr(item, "fixturenames", ()))
    return bool(
        asked & FIXTURES or item.nodeid.startswith(FOLDERS) or item.get_closest_marker(MARK)
    )


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--quick", action="store_true", help="leave out tests that take long")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"{MARK}: takes long; left out by --quick")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("quick"):
        config.hook.pytest_deselected(items=[item for item in items if is_slow(item)])
        items[:] = [item for item in items if not is_slow(item)]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    item.stash[_BEGAN] = _processor_seconds()
    yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    yield
    taken = _processor_seconds() - item.stash[_BEGAN]
    if item.config.getoption("quick") and taken > SECONDS:
        pytest.fail(f"It takes {taken:.1f} s of processor time: mark it as {MARK}.")


def _processor_seconds() -> float:
    """Of this process and of those of its children that have ended."""
    return sum(os.times()[:4])
