"""Every widget is pressed once; then come random walks, the same ones each time.

``make explore`` takes new ones.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from streamlit import config
from threadpoolctl import threadpool_limits

from fmnist import dataset
from fmnist.sandbox.opener import Opener
from fmnist.ui.parts.parameters import SOURCES
from tests.pages.conftest import ROOT
from tests.pages.walk.machine import KINDS, Everything
from tests.pages.walk.steps import TEXTS, Walk
from tests.pages.walk.visitor import EVALUATE, HOME, PAGES, PREDICT, TRAIN, WEIGHTS
from tests.pages.walk.world import data_folders

STEPS, WALKS = 40, 8  # the first walk is always a short one
NO_LIMITS = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


@pytest.fixture(scope="module")
def shared(
    data: object, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[dict[str, Path], Opener]]:
    """What is dear to make: folders of data, and the processes that open files."""
    source = dataset.find()
    assert source is not None
    details = st.get_option("client.showErrorDetails")
    config.set_option("client.showErrorDetails", "full")
    place = tmp_path_factory.mktemp("data")
    one_core = threadpool_limits(limits=1, user_api="blas")  # as in the server
    with Opener() as opener, data_folders(source, place) as folders, one_core:
        yield folders, opener
    config.set_option("client.showErrorDetails", details)


@pytest.fixture
def machine(
    shared: tuple[dict[str, Path], Opener], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> type[Everything]:
    """The state machine, with everything that its walks share."""
    monkeypatch.chdir(ROOT)
    folders, opener = shared
    names = {"folders": folders, "place": tmp_path / "runs", "opener": opener}
    return type("Everything", (Everything,), names)


def walk(machine: type[Everything], number: int, walks: int, shrink: bool = False) -> None:
    """Some walks from a seed. Without shrinking the first trail that fails is told as it was."""
    phases = [Phase.generate, *([Phase.shrink] if shrink else [])]
    limits = settings(
        max_examples=walks, stateful_step_count=STEPS, deadline=None, database=None,
        phases=phases, suppress_health_check=NO_LIMITS, print_blob=False,
        verbosity=Verbosity.quiet,  # the walk tells its trail itself, in words
    )  # fmt: skip
    run_state_machine_as_test(seed(number)(machine), settings=limits)


@pytest.fixture
def steps(machine: type[Everything]) -> Iterator[Walk]:
    """A walk whose steps a test takes itself, each with one look; there is a run in each state."""
    walk = Walk(machine.folders, machine.place, machine.opener)
    walk.looks_twice = False
    yield walk
    walk.close()


RUN = "the id of the run"
# Each page, the state of the run that it shows, and addresses at which it has different widgets.
ADDRESSES = {
    "home": (HOME, "finished", [{}]),
    "form": (TRAIN, "finished", [{}]),
    **{f"{kind} run": (TRAIN, kind, [{"run": RUN}]) for kind in KINDS},
    "predict": (PREDICT, "finished", [{"source": source, "model": RUN} for source in SOURCES]),
    "weights": (WEIGHTS, "finished", [{"model": RUN, "beside": "tuned"}, {"model": RUN}]),
    "evaluate": (
        EVALUATE,
        "finished",
        [
            {"model": RUN, "beside": "notebook", "view": view}
            for view in ("Images", "Calibration", "Label lens", "Two models")
        ],
    ),
}


@pytest.mark.parametrize("case", ADDRESSES)
def test_every_value_of_every_widget_can_be_pressed(steps: Walk, case: str) -> None:
    page, kind, queries = ADDRESSES[case]
    steps.world.set_data("given")
    for recipe in ("tuned", "no hidden layer"):
        steps.world.prepare("finished", recipe)
    for query in queries:
        run_id = steps.world.prepare(kind, "cosine").id
        steps.press_everything(page, {k: run_id if v == RUN else v for k, v in query.items()})


@pytest.mark.parametrize("page", PAGES.values())
def test_every_odd_address_can_be_opened(steps: Walk, page: str) -> None:
    steps.world.set_data("given")
    steps.world.prepare("finished", "one epoch")
    for text in TEXTS.values():
        steps.open_odd(page, "all", text)


@pytest.mark.parametrize("changes", [("none", "given"), ("reversed", "moved")], ids=" to ".join)
def test_nothing_is_left_of_the_data_before(steps: Walk, changes: tuple[str, str]) -> None:
    steps.world.set_data(changes[0])
    run_id = steps.world.prepare("finished", "one epoch").id
    steps.most_tabs = 5
    for page, query in [
        (HOME, {}),
        (PREDICT, {"model": run_id, "source": "sample", "index": "7"}),
        (WEIGHTS, {"model": run_id, "sort": "How often it fires"}),
        (EVALUATE, {"model": run_id}),
        (EVALUATE, {"model": run_id, "view": "Label lens"}),
    ]:
        steps.open(page, query)
    steps.data(changes[1])
    for _ in steps.tabs:
        steps.switch_tab()
    steps.forget()


def test_a_walk_over_everything(machine: type[Everything]) -> None:
    walk(machine, number=1, walks=WALKS)
