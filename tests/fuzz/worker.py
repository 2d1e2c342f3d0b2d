"""One process that tries one target, until its time is over or an input ends it.

``python -m tests.fuzz.worker KIND FIRST_SEED COUNT END FOLDER [FILE]``

The folder has two files that the runner reads: ``now``, in memory shared with it, says which input
is being tried, so that it is known after a crash; ``findings`` gets a line for each finding.
"""

import json
import os
import resource
import signal
import sys
import time
import traceback
import warnings
from pathlib import Path

from tests.fuzz.now import Now
from tests.fuzz.targets import BROKEN, TARGETS, Attempt, Target

NICE = 10
LEAST_SECONDS = 1  # for inputs, however long the start took


def main(kind: str, first: int, count: int, end: float, folder: Path, file: str = "") -> None:
    """Try the inputs of `count` seeds from `first` on, or the one file, until about `end`."""
    os.nice(NICE)
    target = (TARGETS | BROKEN)[kind]
    corpus = target.corpus()
    place = folder / "place"
    place.mkdir()
    attempt = target.prepare(place)
    warnings.simplefilter("ignore")
    resource.setrlimit(resource.RLIMIT_AS, (target.memory, target.memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    end = max(end, time.monotonic() + LEAST_SECONDS)
    with Now(folder / "now") as now, (folder / "findings").open("a") as findings:
        for seed in range(first, first + count):
            now.begin(seed)
            try:
                content = Path(file).read_bytes() if file else target.input(kind, seed, corpus)
                now.has(content)
                problem = tried(target, attempt, content, now)
            except Exception:  # a fault of the fuzzer, which has to be known as well
                problem = f"No input was made.\n{traceback.format_exc()}"
            if problem:
                findings.write(json.dumps({"seed": seed, "problem": problem}) + "\n")
                findings.flush()
                now.found()
            if time.monotonic() > end:
                break
        now.finish()


def tried(target: Target, attempt: Attempt, content: bytes, now: Now) -> str:
    """Try one input; what is wrong with what came of it, or nothing."""
    # The system ends the process, even inside a library in C, when that much work is done.
    signal.setitimer(signal.ITIMER_PROF, target.seconds)
    try:
        now.count(accepted=attempt(content))
    except target.refusals:
        now.count(accepted=False)
    except Exception:
        return traceback.format_exc()[-6000:]
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return ""


if __name__ == "__main__":
    kind, first, count, end, folder, *file = sys.argv[1:]
    main(kind, int(first), int(count), float(end), Path(folder), *file)
