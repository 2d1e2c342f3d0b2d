"""The list of runs and the runs laid over the charts, of which only what is shown is looked at."""

import shutil
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from fmnist.recipe import Recipe
from fmnist.training import runs
from fmnist.training.runs import RunFolder
from fmnist.ui.parts.run_list import MORE, SHOWN, overlays
from tests.pages.train_runs import TRAIN, button, labels, lock_run, make_run, tell

Visit = Callable[..., AppTest]


def test_the_list_shows_a_few_runs_and_more_when_asked(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FMNIST_MAX_RUNS", "100")
    made = [runs.create(Recipe(epochs=5, seed=seed)) for seed in range(SHOWN + MORE + 2)]
    newest_first = sorted((run.id for run in made), reverse=True)
    app = visit(TRAIN)
    for count in (SHOWN, SHOWN + MORE, SHOWN + MORE + 2):
        links = [link.proto.query_string for link in app.main.get("page_link")]
        assert links == [f"run={run_id}" for run_id in newest_first[:count]]
        if count < len(made):
            button(app, f"{len(made) - count} more").click().run()
            assert not app.exception
    assert not any("more" in name for name in labels(app))


def test_only_the_runs_on_the_page_are_looked_at(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FMNIST_MAX_RUNS", "100")
    made = [runs.create(Recipe(epochs=5, seed=seed)) for seed in range(2 * SHOWN)]
    looked = set()
    real = RunFolder.is_locked

    def noted(self: RunFolder, role: str) -> bool:
        looked.add(self.id)
        return real(self, role)

    monkeypatch.setattr(RunFolder, "is_locked", noted)
    visit(TRAIN)
    assert looked == {run.id for run in sorted(made, key=lambda run: run.id)[-SHOWN:]}


def test_an_earlier_run_that_trains_is_compared_as_it_is_now(
    visit: Visit, request: pytest.FixtureRequest
) -> None:
    open_now, other = make_run(), make_run(epochs=5, seed=1)
    lock_run(other, "worker", request)
    app = visit(TRAIN, run=open_now.id)
    app.multiselect(key="overlays").set_value([other.id]).run()
    (overlay,) = overlays([other])
    tell(other, "epoch_end", epoch=6, loss=0.1, accuracy=0.8, val_loss=0.2, val_accuracy=0.79,
         learning_rate=0.01, seconds=1.0, elapsed=4.0)  # fmt: skip
    (later,) = overlays([other])
    assert len(later.epochs) == len(overlay.epochs) + 1
    shutil.rmtree(other.folder)
    assert overlays([other]) == []
