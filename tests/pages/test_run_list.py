"""The runs laid over the charts."""

import shutil
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from fmnist.ui.parts.run_list import overlays
from tests.pages.train_runs import TRAIN, lock_run, make_run, tell

Visit = Callable[..., AppTest]


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
