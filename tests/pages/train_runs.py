"""Runs as the Train page finds them, and what its tests read there."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.testing.v1 import AppTest

from fmnist.recipe import Recipe
from fmnist.training import runs
from fmnist.training.locking import Lock
from fmnist.training.runs import EventLog, Run
from fmnist.ui.parts.run_table import KEY
from tests.components import reported

Visit = Callable[..., AppTest]
TRAIN = "pages/train.py"


def button(app: AppTest, label: str):
    return next(item for item in app.button if item.label == label)


def labels(app: AppTest) -> list[str]:
    return [item.label for item in app.button]


def query(app: AppTest) -> dict[str, str]:
    return {
        name: value if isinstance(value, str) else value[0]
        for name, value in app.query_params.items()
    }


def tell(run: Run, event: str, **values: object) -> None:
    """Append an event as a worker would."""
    log = EventLog(run)
    log.append(event, **values)
    log.close()


def make_run(epochs: int = 2, **recipe: object) -> Run:
    """A run that has trained some epochs."""
    run = runs.create(Recipe.from_mapping({"epochs": 5, **recipe}))
    tell(run, "worker_begin", epoch=0)
    tell(run, "train_begin", data_name="Fashion-MNIST", data_official=True, learning_rate=0.01)
    for number in range(1, epochs + 1):
        figures = {"elapsed": float(number), "images_per_second": 90_000.0}
        tell(run, "batch_end", position=number - 0.5, loss=0.7, accuracy=0.7, **figures)
        tell(
            run, "epoch_end", epoch=number, loss=0.6 / number, accuracy=0.8, val_loss=0.7 / number,
            val_accuracy=0.79, learning_rate=0.01, seconds=1.0, elapsed=float(number),
        )  # fmt: skip
        run.kept.save(number, np.ones((784, 100), np.float32), np.zeros(100, np.float32))
    return run


def table(app: AppTest) -> list[dict[str, Any]]:
    """The rows of the table of runs; none if it is not there."""
    found = [item for item in app.get("bidi_component") if item.key == KEY]
    return json.loads(json.loads(found[0].proto.json)["rows"]) if found else []


def act(app: AppTest, action: Any) -> AppTest:
    """Have the table of runs report what was pressed in it, as a browser does."""
    (component,) = (item for item in app.get("bidi_component") if item.key == KEY)
    said = action if isinstance(action, str) else json.dumps(action)
    states = [*app._tree.get_widget_states().widgets, *reported(component, "action", said)]
    return app._run(WidgetStates(widgets=states))


def lock_run(run: Run, role: str, request: pytest.FixtureRequest) -> Lock:
    lock = run.acquire(role)
    request.addfinalizer(lock.release)
    return lock


def finish(run: Run, wrong: bool = False) -> None:
    samples = [
        {"index": i, "true": t, "predicted": 3 if wrong else t, "probabilities": [0.1] * 10}
        for i, t in enumerate((9, 2, 1))
    ]
    tell(run, "test_end", loss=0.3512, accuracy=0.8773, samples=samples)
    tell(run, "train_end", state="finished")
