"""The line of runs that wait, in the order in which they are trained.

The line is in the run folders, not in a process: a run waits as long as its folder has a
``waiting.json``. So it survives a restart of the server, and two servers on one folder of runs show
the same line. It is fair: everybody's first run comes before anybody's second, however many runs
somebody has put in line before.
"""

import time
from collections import Counter
from collections.abc import Container, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from fmnist import environment
from fmnist.training import runs
from fmnist.training.files import RunError
from fmnist.training.run import Place, Run, RunFolder


@dataclass(frozen=True)
class Waiting:
    """A run in line."""

    run: RunFolder
    place: Place


@dataclass(frozen=True)
class Line:
    """Who waits and who is at work, as it was at one moment.

    Attributes
    ----------
    waiting : in the order in which they are trained
    working : how many runs of each person are being trained
    """

    waiting: tuple[Waiting, ...] = ()
    working: Mapping[str, int] = field(default_factory=dict)

    def position(self, run_id: str) -> int | None:
        """A run's place: 1 is next; None if it does not wait."""
        ids = [item.run.id for item in self.waiting]
        return ids.index(run_id) + 1 if run_id in ids else None


def look() -> Line:
    """The line as it is now. Costs a look at each run folder, and opens those that wait."""
    present = runs.folders()
    found = [Waiting(run, place) for run in present if (place := run.place()) is not None]
    if not found:
        return Line()
    # By any server; a worker has its lock some moments before the run leaves the line.
    handed = [item for item in found if any(map(item.run.is_locked, ("queue", "worker")))]
    waiting = [item for item in found if item not in handed]
    working = Counter(item.place.person for item in handed)
    names = {item.run.id for item in found}
    working.update(
        _owner(run) for run in present if run.id not in names and run.is_locked("worker")
    )
    return Line(tuple(fair_order(waiting, working)), working)


def next_run(line: Line, most: int, passed_over: Container[str] = ()) -> RunFolder | None:
    """The first run in line whose turn it is.

    Parameters
    ----------
    most : runs that one person may have at work
    passed_over : ids of runs that cannot be handed out
    """
    for item in line.waiting:
        if item.run.id not in passed_over and line.working.get(item.place.person, 0) < most:
            return item.run
    return None


def fair_order(waiting: Iterable[Waiting], working: Mapping[str, int]) -> list[Waiting]:
    """The order in which runs are trained: in rounds, each with one run of each person.

    Who has runs at work already comes as many rounds later. Within a round, and among the runs of
    one person, who came first is first; the id decides between those of one moment.

    Parameters
    ----------
    working : how many runs of each person are being trained
    """
    rounds = Counter(working)
    order: list[tuple[int, int, Waiting]] = []
    for item in sorted(waiting, key=lambda item: (item.place.since, item.run.id)):
        order.append((rounds[item.place.person], len(order), item))
        rounds[item.place.person] += 1
    return [item for *_, item in sorted(order, key=lambda entry: entry[:2])]


def join(run: Run, now: float | None = None) -> None:
    """Put a run in line. Raises RunError if it waits already, or if the line is full."""
    check_room(1, run.owner)
    run.wait(Place(time.time() if now is None else now, run.owner))


def check_room(newcomers: int, person: str = "") -> None:
    """Raise RunError if so many more runs would be too many in line, in all or of one person."""
    line = look()
    waiting, most = len(line.waiting), environment.max_waiting()
    if waiting + newcomers > most and newcomers > 1:
        raise RunError(
            f"{newcomers} runs more would be too many: {waiting} wait already, and at most {most} "
            "may. Try fewer, or try again when some have been trained."
        )
    if waiting + newcomers > most:
        raise RunError(
            f"The line is full: {waiting} runs wait already, and at most {most} may. "
            "Try again when some of them have been trained."
        )
    own, most = (
        sum(i.place.person == person for i in line.waiting),
        environment.waiting_per_person(),
    )
    if own + newcomers > most:
        raise RunError(
            f"{own} of your runs wait in line, and at most {most} of one person may. Try again "
            "when some of them have been trained."
        )


def _owner(folder: RunFolder) -> str:
    with suppress(RunError):
        return folder.read().owner
    return ""
