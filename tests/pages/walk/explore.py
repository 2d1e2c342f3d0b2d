"""``make explore MINUTES=30``: walks from new seeds until the time is over, whatever they find.

Each seed is printed before its walk. ``make explore SEED=n`` walks that one again, and then looks
for the shortest trail that fails in the same way.
"""

import os
import secrets
import sys
import time

import psutil

from tests.pages.walk.machine import Everything
from tests.pages.walk.test_walk import WALKS, machine, shared, walk

__all__ = ["machine", "shared"]  # fixtures


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def told(problem: BaseException) -> str:
    """What went wrong, and in a group of problems what each of them was."""
    parts = [f"{type(problem).__name__}: {problem}", *getattr(problem, "__notes__", ())]
    inner = [*getattr(problem, "exceptions", ()), problem.__cause__ or problem.__context__]
    return "\n  of: ".join([*parts, *(told(item) for item in inner if item)])


def test_explore(machine: type[Everything]) -> None:
    if chosen := os.environ.get("EXPLORE_SEED"):
        walk(machine, int(chosen), WALKS, shrink=True)
        return
    end = time.monotonic() + 60 * float(os.environ.get("EXPLORE_MINUTES") or 5)
    findings = {}
    while time.monotonic() < end:
        number = secrets.randbelow(10**6)
        begun = time.monotonic()
        say(f"seed {number}")
        try:
            walk(machine, number, WALKS)
        except Exception as problem:
            findings[number] = told(problem)
            say(findings[number])
        memory = psutil.Process().memory_info().rss >> 20
        say(f"  {time.monotonic() - begun:.0f} s, {memory} MB, {len(findings)} findings so far")
    found = "\n\n".join(f"make explore SEED={seed}\n{text}" for seed, text in findings.items())
    assert not findings, found
