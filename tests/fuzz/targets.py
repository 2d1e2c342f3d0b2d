"""The doors of the app at which bytes come in, each with the contract that it keeps.

An attempt gives the bytes to the app and returns True if they were accepted. It raises one of the
target's refusals if they were not; every other exception is a finding, and so is a wrong value.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fmnist.network import ModelError
from fmnist.prediction.decode import PictureError
from fmnist.sandbox.wire import WireError
from fmnist.training.files import RunError
from tests.fuzz import corpus_pictures, corpus_records, mutate

MEGABYTE = 2**20
Attempt = Callable[[bytes], bool]


@dataclass(frozen=True)
class Target:
    """One door.

    Attributes
    ----------
    corpus : makes the sound inputs
    mutate : makes an input out of them
    prepare : called once in the worker, with an empty folder; returns the attempt
    refusals : what an attempt may raise
    seconds : of processor time that one input may take
    memory : address space of the process in bytes
    weight : share of the time
    """

    corpus: Callable[[], list[bytes]]
    mutate: Callable[[random.Random, list[bytes]], bytes]
    prepare: Callable[[Path], Attempt]
    refusals: tuple[type[Exception], ...] = ()
    seconds: float = 3
    memory: int = 1024 * MEGABYTE
    weight: float = 1

    def input(self, kind: str, seed: int, corpus: list[bytes]) -> bytes:
        """The input of a seed: the first ones are the corpus itself."""
        if seed < len(corpus):
            return corpus[seed]
        return self.mutate(random.Random(f"{kind} {seed}"), corpus)


def _decode(folder: Path) -> Attempt:
    from tests.fuzz import targets_files

    return targets_files.decoded


def _read_model(folder: Path) -> Attempt:
    from tests.fuzz import targets_files

    return targets_files.read


def _opener(name: str) -> Callable[[Path], Attempt]:
    def prepare(folder: Path) -> Attempt:
        from tests.fuzz import targets_files

        attempt: Attempt = getattr(targets_files.Opened(), name)
        return attempt

    return prepare


def _message(folder: Path) -> Attempt:
    from tests.fuzz import targets_files

    return targets_files.received


def _run(name: str) -> Callable[[Path], Attempt]:
    def prepare(folder: Path) -> Attempt:
        from tests.fuzz import targets_runs

        attempt: Attempt = getattr(targets_runs.RunFolder(folder), name)
        return attempt

    return prepare


def _drawing(folder: Path) -> Attempt:
    from tests.fuzz import targets_pages

    return targets_pages.drawing


def _address(folder: Path) -> Attempt:
    from tests.fuzz import targets_pages

    return targets_pages.parsed


def _page(folder: Path) -> Attempt:
    from tests.fuzz import targets_pages

    return targets_pages.Pages(folder).visit


def _break(folder: Path) -> Attempt:
    from tests.fuzz import targets_broken

    return targets_broken.broken


pictures, drawings = corpus_pictures.pictures, corpus_pictures.drawings
records = corpus_records
OPENED, PAGE = 2048 * MEGABYTE, 8192 * MEGABYTE

TARGETS: dict[str, Target] = {
    "picture": Target(pictures, mutate.picture, _decode, (PictureError,), weight=3),
    "model": Target(records.models, mutate.model, _read_model, (ModelError,), weight=2),
    "opened-picture": Target(pictures, mutate.picture, _opener("picture"), (PictureError,), 10,
                             OPENED, 2),
    "opened-model": Target(records.models, mutate.model, _opener("model"), (ModelError,), 10,
                           OPENED),
    "message": Target(records.messages, mutate.message, _message, (WireError,)),
    "recipe": Target(records.recipes, mutate.json_file, _run("recipe"), (RunError,)),
    "control": Target(records.controls, mutate.json_file, _run("control"), weight=0.5),
    "events": Target(records.events, mutate.lines, _run("events"), (RunError,)),
    "kernel": Target(records.kernels, mutate.kernel, _run("kernel"), (RunError,)),
    "drawing": Target(drawings, mutate.picture, _drawing, memory=OPENED),
    "address": Target(records.addresses, mutate.query, _address, memory=OPENED),
    "page": Target(records.addresses, mutate.query, _page, (), 30, PAGE, 4),
}  # fmt: skip
# Code with faults of every sort, to see that each is noticed.
BROKEN = {"broken": Target(lambda: [b"sound", b"refuse"], mutate.changed, _break, (WireError,),
                           1, 256 * MEGABYTE)}  # fmt: skip
