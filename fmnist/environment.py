"""What a person has set through environment variables; `VARIABLES` has them all.

`check` finds what makes no sense; the server and the command line ask it before they do anything
else.
"""

import math
import os
from difflib import get_close_matches
from pathlib import Path

from fmnist.environment_variables import (
    PREFIX,
    TEACHER_KEY,
    VARIABLES,
    to_host_names,
    to_mode,
    to_scheduler,
)

NO_LIMIT = 10_000


def check() -> list[str]:
    """What is wrong with the environment, a sentence for each variable; empty if nothing is."""
    problems = []
    for name, variable in VARIABLES.items():
        if text := _set(name):
            try:
                variable.read(text)
            except ValueError as problem:
                problems.append(_sentence(name, text, problem))
    for name in sorted(os.environ):
        if name.upper().startswith(PREFIX) and name not in VARIABLES:
            ours = {known.removeprefix(PREFIX): known for known in VARIABLES}
            close = get_close_matches(name.upper().removeprefix(PREFIX), ours, n=1)
            meant = f"Is {ours[close[0]]} meant?" if close else f"There are {', '.join(VARIABLES)}."
            problems.append(f"{name} is set, but there is no such setting. {meant}")
    return problems


def data_dir() -> Path | None:
    """Folder named by ``FMNIST_DATA_DIR``, or None when it is not set."""
    text = _set("FMNIST_DATA_DIR")
    return Path(text).expanduser() if text else None


def allow_other_data() -> bool:
    """Whether IDX files whose content is not the official one are accepted."""
    return _text("FMNIST_ALLOW_OTHER_DATA") == "1"


def keras_cache_dir() -> Path:
    """Folder in which Keras keeps Fashion-MNIST once it has downloaded it."""
    return Path(_text("KERAS_HOME")).expanduser() / "datasets" / "fashion-mnist"


def runs_dir() -> Path:
    """Folder that holds one folder per training run."""
    return Path(_text("FMNIST_RUNS_DIR")).expanduser().absolute()


def max_runs() -> int:
    """How many runs are kept; the oldest ended ones beyond it are deleted."""
    return _number("FMNIST_MAX_RUNS")


def max_waiting() -> int:
    """How many runs may wait in the queue."""
    return _number("FMNIST_MAX_WAITING")


def runs_per_person() -> int:
    """How many runs of one person may train at a time."""
    if _set("FMNIST_RUNS_PER_PERSON"):
        return _number("FMNIST_RUNS_PER_PERSON")
    return NO_LIMIT if mode() == "personal" else 1


def waiting_per_person() -> int:
    """How many runs of one person may wait in line."""
    return int(_limit("FMNIST_WAITING_PER_PERSON", max_waiting(), 20))


def max_sessions() -> float:
    """How many pages may be open at a time."""
    return _limit("FMNIST_MAX_SESSIONS", math.inf, 300)


def uploads_per_minute() -> float:
    """How many files one open page may upload in a minute."""
    return _limit("FMNIST_UPLOADS_PER_MINUTE", math.inf, 120)


def run_seconds() -> float:
    """How long a run may train, in seconds."""
    return 60.0 * _limit("FMNIST_RUN_MINUTES", math.inf, 30)


def unwatched_seconds() -> float:
    """How long nobody need look at a run for which others wait, in seconds."""
    return math.inf if mode() == "personal" else 60.0 * _number("FMNIST_UNWATCHED_MINUTES")


def keep_seconds() -> float:
    """How long ended runs are kept, in seconds."""
    if _set("FMNIST_KEEP_HOURS"):
        return 3600.0 * _number("FMNIST_KEEP_HOURS")
    return 168 * 3600.0 if mode() == "public" else math.inf


def hang_seconds() -> float:
    """How long a training process may say nothing, in seconds."""
    return 60.0 * _number("FMNIST_HANG_MINUTES")


def _limit(name: str, personal: float, shared: float) -> float:
    """A limit that is set, or what it is by default."""
    if _set(name):
        return _number(name)
    return personal if mode() == "personal" else shared


def mode() -> str:
    """For whom the app is there: "personal", "class" or "public"."""
    text = _text("FMNIST_MODE")
    try:
        return to_mode(text)
    except ValueError as problem:
        raise ValueError(_sentence("FMNIST_MODE", text, problem)) from problem


def teacher_key() -> str:
    """What makes a browser the teacher's; empty if nothing does."""
    return _set(TEACHER_KEY)


def pause_seconds() -> float:
    """How long a run may be paused while others wait, in seconds."""
    return 60.0 * _number("FMNIST_PAUSE_MINUTES")


def max_workers() -> int:
    """How many training processes may be alive at the same time."""
    return _number("FMNIST_WORKERS")


def cluster() -> str:
    """Address of the dask scheduler whose workers train; empty if this machine does."""
    text = _set("FMNIST_CLUSTER")
    try:
        return to_scheduler(text) if text else ""
    except ValueError as problem:
        raise ValueError(_sentence("FMNIST_CLUSTER", text, problem)) from problem


def download_seconds() -> int:
    """How long a download of the data set may take, in seconds."""
    return _number("FMNIST_DOWNLOAD_SECONDS")


def allowed_hosts() -> tuple[str, ...]:
    """Names of hosts, in lower case, under which the app is served besides this machine's own."""
    text = _set("FMNIST_ALLOWED_HOSTS")
    return to_host_names(text) if text else ()


def _number(name: str) -> int:
    """Raises ValueError, with one sentence, if the text is not valid or out of its limits."""
    text = _text(name)
    try:
        value = VARIABLES[name].read(text)
    except ValueError as problem:
        raise ValueError(_sentence(name, text, problem)) from problem
    assert isinstance(value, int)
    return value


def _sentence(name: str, text: str, problem: ValueError) -> str:
    return f"{name} is {text!r}; {problem}. Change or unset it."


def _set(name: str) -> str:
    return os.environ.get(name, "").strip()


def _text(name: str) -> str:
    return _set(name) or VARIABLES[name].default
