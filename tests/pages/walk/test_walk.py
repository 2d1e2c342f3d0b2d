"""Some hundred steps of the walk, the same ones each time; ``make explore`` takes new ones."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from streamlit import config

from fmnist import dataset
from fmnist.sandbox.opener import Opener
from tests.pages.conftest import ROOT
from tests.pages.walk.machine import Everything
from tests.pages.walk.world import data_folders

STEPS, WALKS = 40, 6
NO_LIMITS = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


@pytest.fixture
def machine(
    data: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[type[Everything]]:
    """The state machine, with everything that its walks share."""
    monkeypatch.chdir(ROOT)
    details = st.get_option("client.showErrorDetails")
    config.set_option("client.showErrorDetails", "full")
    source = dataset.find()
    assert source is not None
    (tmp_path / "data").mkdir()
    with Opener() as opener, data_folders(source, tmp_path / "data") as folders:
        shared = {"folders": folders, "place": tmp_path / "runs", "opener": opener}
        yield type("Everything", (Everything,), shared)
    config.set_option("client.showErrorDetails", details)


def walk(machine: type[Everything], number: int, walks: int, shrink: bool = False) -> None:
    """Some walks from a seed. Without shrinking the first trail that fails is told as it was."""
    phases = [Phase.generate, *([Phase.shrink] if shrink else [])]
    limits = settings(
        max_examples=walks, stateful_step_count=STEPS, deadline=None, database=None,
        phases=phases, suppress_health_check=NO_LIMITS, print_blob=False,
        verbosity=Verbosity.quiet,  # the walk tells its trail itself, in words
    )  # fmt: skip
    run_state_machine_as_test(seed(number)(machine), settings=limits)


def test_a_walk_over_everything(machine: type[Everything]) -> None:
    walk(machine, number=1, walks=WALKS)
