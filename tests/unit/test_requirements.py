"""What the requirements files, the project and the ends that are tried say about versions."""

import re
from pathlib import Path

import pytest

from tests.ends import ENDS, NEWEST_PYTHON, OLDEST_PYTHON

ROOT = Path(__file__).parents[2]
RANGE = re.compile(r"[a-z0-9-]+>=(?P<low>[0-9.]+),<(?P<high>[0-9.]+)")


def lines(name):
    text = (ROOT / name).read_text()
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def numbers(version):
    return tuple(map(int, version.split(".")))


FILES = ["requirements.txt", "requirements-cluster.txt", "requirements-dev.txt"]


@pytest.mark.parametrize("name", FILES)
def test_every_requirement_has_two_ends(name):
    for line in lines(name):
        found = RANGE.fullmatch(line)
        assert found, line
        assert numbers(found["low"]) < numbers(found["high"]), line


def test_a_package_stands_in_one_file():
    names = [line.split(">=")[0] for name in FILES for line in lines(name)]
    assert len(set(names)) == len(names)


def test_the_oldest_python_is_the_same_everywhere():
    project = (ROOT / "pyproject.toml").read_text()
    assert f'requires-python = ">={OLDEST_PYTHON}"' in project
    assert f'target-version = "py{OLDEST_PYTHON.replace(".", "")}"' in project
    assert f"Python {OLDEST_PYTHON} or newer" in (ROOT / "Makefile").read_text()
    assert f"Python {OLDEST_PYTHON} or newer" in (ROOT / "README.md").read_text()


def test_both_ends_are_tried():
    tried = {(end.python, end.resolution) for end in ENDS}
    assert {(OLDEST_PYTHON, "lowest-direct"), (NEWEST_PYTHON, "highest")} <= tried
