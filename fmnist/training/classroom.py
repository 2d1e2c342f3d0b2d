"""A class: who has joined under which nickname, and the round that they play.

It stands in ``.class`` in the folder of runs, so that it survives the server: one file for each
person in ``people``, and ``round.json``. A round is a time in which the best validation accuracy
within a budget of epochs counts; the test figures are looked at when it is over.
"""

import json
import re
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from fmnist import environment
from fmnist.recipe import default
from fmnist.training import files, groups
from fmnist.training.files import RunError, disk_errors
from fmnist.training.label import tidy
from fmnist.training.run import BAD_JSON, LATEST
from fmnist.training.summaries import Summary

FOLDER = ".class"
MAX_NICKNAME, MAX_PEOPLE, MAX_BUDGET = 30, 500, 1000
MAX_BYTES = 4096
SAME_FOR_ALL = ("training_images", "validation_split")
PERSON = re.compile(r"[0-9a-f]{32}", re.ASCII)


@dataclass(frozen=True)
class Round:
    """A round of the class.

    Attributes
    ----------
    id : the group of the runs that the teacher starts for all
    budget : epochs that a run may have to count
    begun : when it began, in seconds since the epoch (Unix time)
    over : whether it has been closed
    """

    id: str
    budget: int
    begun: float
    over: bool = False

    def __post_init__(self) -> None:
        if not groups.GROUP_ID.fullmatch(self.id) or type(self.over) is not bool:
            raise ValueError("no round that this program made")
        if type(self.budget) is not int or not 1 <= self.budget <= MAX_BUDGET:
            raise ValueError(f"The budget is {self.budget!r:.20}; it is 1 to {MAX_BUDGET} epochs.")
        if type(self.begun) not in (int, float) or not 0 <= self.begun <= LATEST:
            raise ValueError("a beginning that is no time")


@dataclass(frozen=True)
class Standing:
    """A person's best run of a round.

    Attributes
    ----------
    best : validation accuracy; of equal ones the earlier run is ahead
    test : accuracy on the test split; None before the round is over
    """

    person: str
    nickname: str
    run_id: str
    best: float
    epochs: int
    test: float | None


def join(person: str, nickname: str) -> str:
    """Join under a nickname, or change it; gives it as it is kept.

    Raises
    ------
    RunError
        If it is empty, too long or somebody else's, the class is full, or the disk refuses.
    """
    if len(nickname) > MAX_NICKNAME:
        raise RunError(
            f"A nickname has at most {MAX_NICKNAME} characters; this one has {len(nickname):,}."
        )
    name = tidy(nickname)
    if not name or not PERSON.fullmatch(person):
        raise RunError("A nickname needs at least one letter.")
    others = {who: other for who, other in people().items() if who != person}
    if name.casefold() in {other.casefold() for other in others.values()}:
        raise RunError("Somebody in the class has that nickname already. Take another one.")
    if len(others) >= MAX_PEOPLE:
        raise RunError(f"The class is full: {MAX_PEOPLE} have joined.")
    folder = _folder() / "people"
    with disk_errors("The class"):
        folder.mkdir(parents=True, exist_ok=True)
        files.write_atomically(folder / f"{person}.json", json.dumps({"nickname": name}).encode())
    return name


def people() -> dict[str, str]:
    """Nickname of everybody who has joined, by the hash of their cookie."""
    folder = _folder() / "people"
    found = {}
    for name in sorted(files.names_in(folder)):
        person = name.removesuffix(".json")
        if PERSON.fullmatch(person):
            with suppress(*BAD_JSON):
                content = json.loads(files.read_regular(folder / name, MAX_BYTES))
                found[person] = tidy(content["nickname"])[:MAX_NICKNAME]
    return found


def remove(person: str) -> None:
    """Take somebody out of the class; their runs stay. Raises RunError if the disk refuses."""
    if PERSON.fullmatch(person):
        with disk_errors("The class"):
            (_folder() / "people" / f"{person}.json").unlink(missing_ok=True)


def current_round() -> Round | None:
    """The round that is on, or was last; None if there was none, or it cannot be read."""
    try:
        return Round(**json.loads(files.read_regular(_folder() / "round.json", MAX_BYTES)))
    except BAD_JSON:
        return None


def begin_round(budget: int) -> Round:
    """Begin another round; the one before counts no more. Raises RunError or ValueError."""
    begun = Round(groups.new_id(), budget, time.time())
    _keep(begun)
    return begun


def end_round() -> None:
    """Close the round, which shows the test figures. Raises RunError if the disk refuses."""
    now = current_round()
    if now is not None:
        _keep(replace(now, over=True))


def standings(known: Iterable[Summary], nicknames: dict[str, str], now: Round) -> list[Standing]:
    """Everybody's best run of a round, the best first.

    A run counts if it was made in the round, has no more epochs than the budget, and is validated
    on the same images as everybody's: on few of them, luck would win.
    """
    best: dict[str, Standing] = {}
    for item in sorted(known, key=lambda item: item.run.id):
        run = item.run
        counts = run.created >= now.begun and run.owner in nicknames and not run.foreign
        same = all(getattr(run.recipe, name) == default(name) for name in SAME_FOR_ALL)
        if not (counts and same) or run.recipe.epochs > now.budget or item.best is None:
            continue
        before = best.get(run.owner)
        if before is None or item.best > before.best:
            best[run.owner] = Standing(
                run.owner,
                nicknames[run.owner],
                run.id,
                item.best,
                item.completed,
                item.test.accuracy if now.over and item.test else None,
            )
    return sorted(best.values(), key=lambda standing: (-standing.best, standing.run_id))


def _keep(now: Round) -> None:
    with disk_errors("The class"):
        _folder().mkdir(parents=True, exist_ok=True)
        files.write_atomically(_folder() / "round.json", json.dumps(asdict(now)).encode())


def _folder() -> Path:
    return environment.runs_dir() / FOLDER
