"""Starts workers, notices how they end, and adds up what they found."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.processes import started
from tests.fuzz.now import look
from tests.fuzz.targets import BROKEN, TARGETS

FINDINGS = Path(__file__).parent / "findings"
START_SECONDS = 300  # until a worker tries its first input, on a busy machine
PATIENCE = 60  # seconds by the clock for one input beyond its processor time
LOOK_SECONDS = 0.1
# Most targets write a file for each input, which takes 4 ms on a disk.
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
LEAST_SECONDS = 0.5  # for which no worker is started
ROUND_SECONDS = 600  # so that an hour tells of all kinds after ten minutes
MOST_SEEDS = 10**9
SURROUNDINGS = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONFAULTHANDLER": "1",
              "STREAMLIT_CLIENT_SHOW_ERROR_DETAILS": "full"}  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """An input that broke its contract.

    Attributes
    ----------
    problem : a traceback, or how the process ended
    file : where the input is kept
    """

    kind: str
    seed: int
    problem: str
    file: Path

    @property
    def signature(self) -> str:
        """The same for findings that are probably one fault."""
        where = [line for line in self.problem.splitlines() if line.startswith('  File "')]
        return f"{where[-1:]} {self.problem.strip().splitlines()[-1][:60]}"


@dataclass
class Tally:
    """What one target came to.

    Attributes
    ----------
    next_seed : the first that was not tried
    broken : inputs that broke the contract, of which `findings` has one for each fault
    seconds : of fuzzing, the start of processes included
    """

    next_seed: int
    inputs: int = 0
    accepted: int = 0
    broken: int = 0
    seconds: float = 0.0
    findings: list[Finding] = field(default_factory=list)

    def keep(self, found: list[Finding]) -> None:
        """Keep one finding of each fault; the files of the others go."""
        self.broken += len(found)
        known = {finding.signature for finding in self.findings}
        for finding in found:
            if finding.signature in known:
                finding.file.unlink(missing_ok=True)
                continue
            known.add(finding.signature)
            self.findings.append(finding)
            finding.file.with_suffix(".txt").write_text(finding.problem)
            print(f"FINDING {finding.kind}, seed {finding.seed}, {finding.file}\n{finding.problem}")


def fuzz(kinds: list[str], seed: int, seconds: float, processes: int = 1) -> dict[str, Tally]:
    """Try all kinds, in turns whose length follows from their weights.

    Parameters
    ----------
    seed : of the first input of each kind
    seconds : for all of them together
    processes : that work at the same time
    """
    tallies = {kind: Tally(seed) for kind in kinds}
    rounds = max(1, round(seconds / ROUND_SECONDS))
    share = seconds * processes / sum(TARGETS[kind].weight for kind in kinds) / rounds
    waiting = sorted(kinds, key=lambda kind: -TARGETS[kind].weight) * rounds
    working: list[Turn] = []
    try:
        while waiting or working:
            busy = {turn.kind for turn in working}  # whose next seed is not known yet
            free = next((kind for kind in waiting if kind not in busy), None)
            if free is not None and len(working) < processes:
                waiting.remove(free)
                working.append(Turn(free, tallies[free], share * TARGETS[free].weight))
            for turn in working:
                turn.go_on()
            working = [turn for turn in working if not turn.is_over]
            time.sleep(LOOK_SECONDS)
    finally:
        for turn in working:
            turn.worker.close()
    return tallies


class Turn:
    """Some time for one kind; a worker that an input has ended is replaced by another one."""

    def __init__(self, kind: str, tally: Tally, seconds: float) -> None:
        self.kind, self.tally = kind, tally
        self._begin = time.monotonic()
        self._end = self._begin + seconds
        self.is_over = False
        self.worker = Worker(kind, tally.next_seed, MOST_SEEDS, seconds)

    def go_on(self) -> None:
        """Look after the worker."""
        if not self.worker.has_ended():
            return
        inputs, accepted, found = self.worker.outcome()
        tally = self.tally
        tally.next_seed += inputs
        tally.inputs += inputs
        tally.accepted += accepted
        tally.keep(found)
        left = self._end - time.monotonic()
        self.is_over = left < LEAST_SECONDS or not inputs
        if self.is_over:
            tally.seconds += time.monotonic() - self._begin
        else:
            self.worker = Worker(self.kind, tally.next_seed, MOST_SEEDS, left)


class Worker:
    """A process that tries inputs of one kind, in a folder of its own."""

    def __init__(self, kind: str, seed: int, count: int, seconds: float, file: str = "") -> None:
        self._kind, self._file = kind, file
        self._target = (TARGETS | BROKEN)[kind]
        self._patience = self._target.seconds + PATIENCE
        self._began = time.monotonic()
        end = self._began + seconds
        self._ending = ""
        self._stack = ExitStack()
        name = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="fuzz-", dir=MEMORY))
        self._folder = Path(name)
        command = [sys.executable, "-m", "tests.fuzz.worker", kind, str(seed), str(count),
                   str(end), name, *([file] if file else [])]  # fmt: skip
        environment = os.environ | SURROUNDINGS | {"FMNIST_RUNS_DIR": str(self._folder / "place")}
        log = self._stack.enter_context((self._folder / "log").open("wb"))
        self._process = self._stack.enter_context(
            started(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)
        )

    def has_ended(self) -> bool:
        """Whether it has ended; one that does not come back from an input is ended here."""
        if self._process.poll() is not None:
            return True
        seen = look(self._folder / "now")
        waited = time.monotonic() - (self._began if seen is None else seen.started)
        if waited < (START_SECONDS if seen is None else self._patience):
            return False
        self._process.kill()
        self._process.wait()
        self._ending = f"did not come back within {waited:.0f} s"
        return True

    def outcome(self) -> tuple[int, int, list[Finding]]:
        """Inputs, how many of them were accepted, and the findings; its folder is removed."""
        seen = look(self._folder / "now")
        said = (self._folder / "log").read_text(errors="replace")[-4000:]
        found = []
        if seen is not None:
            found = [self._finding(**json.loads(line)) for line in self._lines()]
        self._stack.close()
        if seen is None:
            problem = f"{said}\nThe process {self._how()} before the first input."
            return 0, 0, [self._finding(0, problem, b"")]
        if not seen.finished:
            problem = f"{said}\nThe process {self._how()}."
            found.append(self._finding(seen.seed, problem, seen.content))
        return seen.inputs, seen.accepted, found

    def close(self) -> None:
        """End it, whatever it does."""
        self._stack.close()

    def _how(self) -> str:
        """How the process ended, in words."""
        code = self._process.returncode
        if code == -signal.SIGPROF:
            return f"took more than {self._target.seconds:g} s of processor time"
        name = signal.Signals(-code).name if code < 0 else f"code {code}"
        return self._ending or f"ended with {name}"

    def _lines(self) -> list[str]:
        return (self._folder / "findings").read_text().splitlines()

    def _finding(self, seed: int, problem: str, content: bytes | None = None) -> Finding:
        """Keep the input in a file."""
        if self._file:
            return Finding(self._kind, seed, problem, Path(self._file))
        if content is None:
            content = b""
            with suppress(Exception):  # if that is what was found
                content = self._target.input(self._kind, seed, self._target.corpus())
        FINDINGS.mkdir(exist_ok=True)
        path = FINDINGS / f"{self._kind}-{seed}.bin"
        path.write_bytes(content)
        return Finding(self._kind, seed, problem, path)


def try_one(kind: str, seed: int, file: str = "") -> tuple[str, list[Finding]]:
    """Try the input of a seed, or a file: "accepted", "refused" or "found", and what."""
    worker = Worker(kind, seed, 1, 0, file)
    try:
        while not worker.has_ended():
            time.sleep(LOOK_SECONDS)
        _inputs, accepted, found = worker.outcome()
    finally:
        worker.close()
    return "found" if found else "accepted" if accepted else "refused", found


def table(tallies: dict[str, Tally]) -> str:
    """The summary, one line for each kind."""
    rows = [("kind", "inputs", "per second", "refused", "accepted", "findings", "next seed")]
    for kind, tally in tallies.items():
        refused = max(0, tally.inputs - tally.accepted - tally.broken)
        pace = tally.inputs / tally.seconds if tally.seconds else 0
        numbers = (tally.inputs, pace, refused, tally.accepted, len(tally.findings))
        rows.append((kind, *(f"{number:,.0f}" for number in numbers), f"{tally.next_seed}"))
    return "\n".join(f"{row[0]:15}" + "".join(f"{cell:>12}" for cell in row[1:]) for row in rows)
