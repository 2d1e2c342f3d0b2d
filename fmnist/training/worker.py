"""A process that holds TensorFlow and trains the runs it is handed.

It speaks JSON lines with the queue: ``{"job": "train", "run": id}`` or ``{"job": "download"}``
come in; ``ready``, ``begun``, ``share`` and ``done`` go out. It exits as soon as its standard input
ends. The kernel ends that input with the server, whatever ended the server.
"""

import json
import os
import queue
import signal
import sys
import threading
from typing import Any, TextIO

from fmnist import dataset, standin
from fmnist.recipe import Recipe
from fmnist.training import download, runs
from fmnist.training.job import train_run
from fmnist.training.recorder import Limits
from fmnist.training.tensorflow_start import start_tensorflow
from fmnist.training.trainer import LastTrainer, Trainer

# Pages go first: training and warming up take what the server leaves.
NICENESS = 10


def main() -> None:
    """Warm up, then do one job after the other until the server is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's; its end is ours
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    out = _private_output()
    jobs: queue.Queue[dict[str, Any]] = queue.Queue()
    threading.Thread(target=_read_jobs, args=(jobs,), daemon=True).start()
    start_tensorflow()
    warm = _load() if jobs.qsize() else _warm_up()  # with a job waiting, that is compiled at once
    make_trainer = LastTrainer()
    _say(out, say="ready")
    while True:
        job = jobs.get()
        if job["job"] == "download":
            failure = download.download(lambda share: _say(out, say="share", share=share))
            if failure is None:
                _say(out, say="done", message="")
            else:
                _say(out, say="done", message=failure.cause, details=failure.details)
                os._exit(0)  # a download that hangs cannot be ended otherwise
        else:
            _say(out, say="done", message=_train(job["run"], warm, make_trainer, out))


def _train(run_id: str, warm: list[dataset.Dataset], make_trainer: LastTrainer, out: TextIO) -> str:
    """Train one run; returns what went wrong if it could not be written into the run's folder."""

    def load_data() -> dataset.Dataset:
        if not warm or not warm[0].official:  # the real files may have arrived meanwhile
            warm[:] = [standin.load_data()]
        return warm[0]

    try:
        train_run(
            runs.open_run(run_id),
            load_data,
            begun=lambda: _say(out, say="begun"),
            limits=Limits.of_environment(),
            make_trainer=make_trainer,
        )
    except runs.RunError as problem:
        return str(problem)
    return ""


def _load() -> list[dataset.Dataset]:
    """The data, if it can be read."""
    try:
        return [standin.load_data()]
    except dataset.DatasetError:
        return []


def _warm_up() -> list[dataset.Dataset]:
    """Load the data and compile once, so that the first run starts at once."""
    loaded = _load()
    for data in loaded:
        Trainer(Recipe(training_images=100), data).evaluate_test()
    return loaded


def _private_output() -> TextIO:
    """Keep standard output for our messages; what libraries print goes to standard error."""
    private = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    return private


def _read_jobs(jobs: "queue.Queue[dict[str, Any]]") -> None:
    for line in sys.stdin:
        jobs.put(json.loads(line))
    os._exit(0)


def _say(out: TextIO, **values: Any) -> None:
    out.write(json.dumps(values) + "\n")


if __name__ == "__main__":
    main()
