"""The engine against plain Keras ``fit`` of the notebook's code, in one run.

Each side gets a fresh process, one after the other, ours before and after the plain one so that
a machine that slows down meanwhile is seen. Prints a table and writes JSON.

    python -m benchmarks.training [--epochs 50]
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RESULTS = Path(__file__).parent / "results" / "training.json"
BARS = {"median epoch": 8.0, "whole run": 6.0}


def plain(epochs: int) -> dict:
    """The notebook, as it was: Keras's own `fit`, its own threads, its own shuffling."""
    from fmnist import dataset
    from fmnist.arrays import scale

    data = dataset.load()
    import keras

    clock = EpochClock()
    start = time.perf_counter()
    x_train, x_test = scale(data.train_images), scale(data.test_images)
    model = keras.Sequential(
        [
            keras.Input((28, 28)),
            keras.layers.Flatten(),
            keras.layers.Dense(100, activation="relu"),
            keras.layers.Dense(75, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(optimizer="sgd", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    callback = keras.callbacks.LambdaCallback(on_epoch_begin=clock.begin, on_epoch_end=clock.end)
    model.fit(
        x_train,
        data.train_labels,
        epochs=epochs,
        validation_split=0.15,
        verbose=0,
        callbacks=[callback],
    )
    returned = time.perf_counter()
    accuracy = model.evaluate(x_test, data.test_labels, verbose=0)[1]
    return {
        "epochs": clock.seconds,
        "whole": time.perf_counter() - start,
        "last epoch to return of fit": returned - clock.last,
        "test_accuracy": accuracy,
    }


def ours(epochs: int) -> dict:
    """The same job as the app does it: run folder, events, weights of every epoch, test split."""
    from fmnist import dataset
    from fmnist.recipe import Recipe
    from fmnist.training import job, progress, runs, trainer
    from fmnist.training.tensorflow_start import start_tensorflow

    data = dataset.load()
    start_tensorflow()
    import keras  # noqa: F401 - so that its import is not timed, as for the plain side

    with tempfile.TemporaryDirectory() as folder:
        os.environ["FMNIST_RUNS_DIR"] = folder
        run = runs.create(Recipe(epochs=epochs))
        fit = trainer.Trainer.fit
        spans = {}

        def timed_fit(*arguments, **options):
            history = fit(*arguments, **options)
            spans["returned"] = time.time()
            return history

        trainer.Trainer.fit = timed_fit
        start = time.perf_counter()
        job.train_run(run, lambda: data)
        whole = time.perf_counter() - start
        seen = progress.Follower(run).poll()
        events, _ = runs.read_events(run)
    assert seen.test is not None, seen.message
    ends = [event["time"] for event in events if event["event"] == "epoch_end"]
    return {
        "epochs": [epoch.seconds for epoch in seen.epochs],
        "whole": whole,
        "last epoch to return of fit": spans["returned"] - ends[-1],
        "test_accuracy": seen.test.accuracy,
    }


class EpochClock:
    """Seconds of each epoch, validation included."""

    def __init__(self):
        self.seconds, self.last, self._start = [], 0.0, 0.0

    def begin(self, epoch, logs=None):
        self._start = time.perf_counter()

    def end(self, epoch, logs=None):
        self.last = time.perf_counter()
        self.seconds.append(self.last - self._start)


def in_fresh_process(side: str, epochs: int) -> dict:
    """Run one side in a process of its own; its last line is the result."""
    command = [sys.executable, "-m", "benchmarks.training", "--side", side, "--epochs", str(epochs)]
    print(f"{side}: {epochs} epochs …", flush=True)
    output = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    return json.loads(output.splitlines()[-1])


def compare(epochs: int) -> dict:
    sides = {
        name: in_fresh_process(name.split()[0], epochs)
        for name in ("ours (first)", "plain", "ours (second)")
    }
    mine = [sides["ours (first)"], sides["ours (second)"]]
    epoch = statistics.median(second for side in mine for second in side["epochs"])
    whole = statistics.mean(side["whole"] for side in mine)
    ratios = {
        "median epoch": statistics.median(sides["plain"]["epochs"]) / epoch,
        "whole run": sides["plain"]["whole"] / whole,
    }
    return {"machine": platform.processor() or platform.machine(), "cores": os.cpu_count(),
            "epochs": epochs, "sides": sides, "ratios": ratios}  # fmt: skip


def print_table(result: dict) -> None:
    print(f"\n{'':16}{'median epoch':>14}{'first epoch':>13}{'whole run':>11}"
          f"{'fit returns after':>19}{'test accuracy':>15}")  # fmt: skip
    for name, side in result["sides"].items():
        print(
            f"{name:16}{statistics.median(side['epochs']):>12.3f} s{side['epochs'][0]:>11.3f} s"
            f"{side['whole']:>9.2f} s{side['last epoch to return of fit']:>17.3f} s"
            f"{side['test_accuracy']:>15.4f}"
        )
    for name, bar in BARS.items():
        ratio = result["ratios"][name]
        verdict = "met" if ratio >= bar else "MISSED"
        print(f"{name}: {ratio:.1f} times faster (bar {bar:g}: {verdict})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=50)
    parser.add_argument("--side", choices=["plain", "ours"])
    chosen = parser.parse_args()
    if chosen.side:
        print(json.dumps((plain if chosen.side == "plain" else ours)(chosen.epochs)))
        return
    result = compare(chosen.epochs)
    print_table(result)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")
    print(f"written to {RESULTS}")


if __name__ == "__main__":
    main()
