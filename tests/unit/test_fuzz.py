"""A minute of fuzzing; and the fuzzer itself: it notices every sort of fault.

The minute takes ``$FMNIST_FUZZ_SECONDS``, 50 unless set, and the start of processes besides.
``make fuzz`` goes on for as long as one likes.
"""

import os
import random
from pathlib import Path

import pytest

from tests.fuzz import runner
from tests.fuzz.runner import fuzz, table, try_one
from tests.fuzz.targets import TARGETS

pytestmark = pytest.mark.slow

SECONDS = float(os.environ.get("FMNIST_FUZZ_SECONDS", "50"))


@pytest.mark.parametrize("seed", ["0", "random"])
def test_no_input_breaks_its_contract(seed: str) -> None:
    start = 0 if seed == "0" else random.SystemRandom().randrange(10**6, 10**9)
    tallies = fuzz(list(TARGETS), start, SECONDS / 2)
    found = [finding for tally in tallies.values() for finding in tally.findings]
    told = "\n".join(f"{item.kind}, seed {item.seed}: {item.problem}" for item in found)
    assert not found, f"first seed {start}\n{table(tallies)}\n{told}"
    assert all(tally.inputs for tally in tallies.values()), table(tallies)


@pytest.mark.parametrize(
    ("content", "outcome"),
    [
        ("sound", "accepted"),
        ("refuse", "refused"),
        ("raise", "KeyError: 'not declared'"),
        ("wrong", "AssertionError: a value outside its limits"),
        ("memory", "MemoryError"),
        ("crash", "The process ended with SIGSEGV"),
        ("spin", "The process took more than 1 s of processor time"),
        ("sleep", "The process did not come back within"),
    ],
)
def test_every_sort_of_fault_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, outcome: str
) -> None:
    monkeypatch.setattr(runner, "PATIENCE", 2 if content == "sleep" else 60)
    file = tmp_path / "input"
    file.write_text(content)
    said, found = try_one("broken", 0, str(file))
    if found:
        assert said == "found" and len(found) == 1 and outcome in found[0].problem
    else:
        assert said == outcome
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("kind", TARGETS)
def test_a_seed_gives_the_same_input(kind: str) -> None:
    target = TARGETS[kind]
    first, second = target.corpus(), target.corpus()
    assert first == second
    seeds = [0, *range(1000, 1030)]
    inputs = [target.input(kind, seed, first) for seed in seeds]
    assert inputs == [target.input(kind, seed, second) for seed in seeds]
    assert len(set(inputs)) > 20
