"""``python -m tests.fuzz``: fuzz for some minutes, or try one input again."""

import argparse
import os
import random
import signal
import sys

from tests.fuzz.runner import fuzz, table, try_one
from tests.fuzz.targets import TARGETS


def main() -> int:
    """Exit code 1 if anything was found."""
    # A request to end ends the workers, too, and removes their folders.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--kind", choices=TARGETS, action="append", help="these kinds alone")
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--processes", type=int, default=max(1, (os.cpu_count() or 2) - 1),
                        help="that work at the same time, at most two")  # fmt: skip
    parser.add_argument("--start", type=int, help="first seed; at random unless given")
    parser.add_argument("--seed", type=int, help="try the input of this seed alone")
    parser.add_argument("--file", help="try this file alone")
    options = parser.parse_args()
    if options.seed is not None or options.file:
        if len(options.kind or ()) != 1:
            parser.error("one input needs one --kind")
        outcome, found = try_one(options.kind[0], options.seed or 0, options.file or "")
        print(found[0].problem if found else outcome)
        return int(bool(found))
    start = (
        random.SystemRandom().randrange(10**6, 10**9) if options.start is None else options.start
    )
    print(f"The first seed is {start}.", flush=True)
    kinds = options.kind or list(TARGETS)
    tallies = fuzz(kinds, start, options.minutes * 60, min(options.processes, 2))
    print(table(tallies))
    return int(any(tally.findings for tally in tallies.values()))


if __name__ == "__main__":
    sys.exit(main())
