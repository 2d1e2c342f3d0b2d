"""How long a run in line will wait, from the pace of those before it."""

import heapq
import os
import statistics
from collections.abc import Mapping, Sequence

from fmnist.recipe import Recipe
from fmnist.training.line import Line
from fmnist.training.pace import update_seconds
from fmnist.training.progress import LIVE, WAITING
from fmnist.training.runs import RunError
from fmnist.training.summaries import Summaries, Summary

START_SECONDS = 1.0  # from when a run is taken to its first epoch
END_SECONDS = 1.5  # from its last epoch until the next is taken: the test split, the model's file
WITHIN_A_MINUTE = 50.0  # what is told as a minute: nobody minds a turn that comes early
RECENT = 5  # epochs, and runs, that tell the present pace; no first epoch does, for it compiles
# Times as long as `update_seconds` says, for each run that shares a core; only until anything has
# been trained here.
SLOWNESS = 1.2
PACE = ("batch_size", "hidden_units", "training_images", "validation_split", "augmentation",
        "optimizer", "momentum", "dropout", "l2", "ema_momentum", "first_layer")  # fmt: skip


def waits(line: Line, reader: Summaries, workers: int) -> dict[str, float]:
    """Seconds until each run in line is taken, by its id; empty if nothing is trained.

    Each run that ends is followed by the next in line. A run that is paused counts as if it went on
    now.

    Parameters
    ----------
    workers : how many runs train side by side
    """
    if workers < 1:
        return {}
    known = {item.run.id: item for item in reader.sound()}
    in_line = {item.run.id for item in line.waiting}
    at_work, paces = [], _paces(known, workers)
    for item in known.values():
        try:
            state = reader.state(item.run)
        except RunError:
            continue
        if state in LIVE and state != WAITING:
            at_work.append(_left(item, paces))
        elif state == WAITING and item.run.id not in in_line and item.run.is_locked("queue"):
            at_work.append(START_SECONDS + _left(item, paces))  # handed out a moment ago
    waiting = [known[item.run.id] for item in line.waiting if item.run.id in known]
    seconds = [START_SECONDS + _left(item, paces) for item in waiting]
    starts = schedule(at_work, seconds, workers)
    return {item.run.id: start for item, start in zip(waiting, starts, strict=True)}


def told_minutes(seconds: float) -> float:
    """The minutes that are told of a wait: halves up to two and a half, whole ones beyond."""
    halves = round(seconds / 30)
    return halves / 2 if halves <= 5 else float(round(seconds / 60))


def in_words(seconds: float) -> str:
    """When a run's turn comes, in words that promise no more than is known."""
    if seconds < WITHIN_A_MINUTE:
        return "within a minute"
    minutes = f"{told_minutes(seconds):g}".replace(".5", "½")
    return f"in about {minutes} min"


def schedule(at_work: Sequence[float], waiting: Sequence[float], workers: int) -> list[float]:
    """When each of those that wait is taken.

    Parameters
    ----------
    at_work : seconds that each run at work still takes
    waiting : seconds that each run in line takes, in order
    workers : how many train side by side
    """
    ends = sorted(at_work) + [0.0] * max(workers - len(at_work), 0)
    heapq.heapify(ends)
    starts = []
    for seconds in waiting:
        start = heapq.heappop(ends)
        starts.append(start)
        heapq.heappush(ends, start + seconds)
    return starts


def pace_of(item: Summary, paces: Mapping[tuple[object, ...], float]) -> float:
    """Seconds that an epoch of a run takes, by its own last ones, or by runs of its kind."""
    if (own := _own_pace(item)) is not None:
        return own
    recipe = item.run.recipe
    if (known := paces.get(_kind(recipe))) is not None:
        return known
    return _work(recipe) * paces[()]  # of another kind


def _own_pace(item: Summary) -> float | None:
    """Of a run's last epochs; None before it has had two."""
    recent = item.epochs[1:][-RECENT:]
    return statistics.median(epoch.seconds for epoch in recent) if recent else None


def _left(item: Summary, paces: Mapping[tuple[object, ...], float]) -> float:
    """Seconds that a run will train from now, its end included."""
    return max(item.run.epochs - item.completed, 0) * pace_of(item, paces) + END_SECONDS


def _paces(known: Mapping[str, Summary], workers: int) -> dict[tuple[object, ...], float]:
    """Seconds an epoch of each kind of recipe, of the newest run; under () times `_work`."""
    shared = max(workers / (os.cpu_count() or 1), 1.0)  # there is one more than cores
    paces: dict[tuple[object, ...], float] = {}
    measured: list[tuple[float, Recipe]] = []
    for item in sorted(known.values(), key=lambda item: item.run.id):
        if not item.run.foreign and (pace := _own_pace(item)) is not None:
            paces[_kind(item.run.recipe)] = pace
            measured.append((pace, item.run.recipe))
    times = [pace / _work(recipe) for pace, recipe in measured[-RECENT:]]
    paces[()] = statistics.median(times) if times else SLOWNESS * shared
    return paces


def _work(recipe: Recipe) -> float:
    """Seconds that an epoch's updates take on an idle core, as far as can be foreseen."""
    return recipe.batches_per_epoch * update_seconds(recipe)


def _kind(recipe: Recipe) -> tuple[object, ...]:
    return tuple(getattr(recipe, name) for name in PACE)
