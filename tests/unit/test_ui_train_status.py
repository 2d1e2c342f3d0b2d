import pytest

from fmnist.training.progress import Epoch, Point, Progress
from fmnist.ui.train.status import clock, remaining


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0:00"),
        (9.4, "0:09"),
        (59.6, "1:00"),
        (61, "1:01"),
        (3599.9, "1:00:00"),
        (7325, "2:02:05"),
    ],
)
def test_clock(seconds: float, text: str) -> None:
    assert clock(seconds) == text


def test_nothing_is_foretold_before_the_first_epoch() -> None:
    assert remaining(Progress(points=[Point(0.5, 1.0, 0.5)]), 50) is None


def test_remaining_time_follows_the_recent_pace() -> None:
    seconds = [9.0, 9.0, 9.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    epochs = [Epoch(n + 1, 1, 0, 1, 0, 0.01, each) for n, each in enumerate(seconds)]
    progress = Progress(epochs=epochs, points=[Point(8.5, 1.0, 0.5)])
    assert remaining(progress, 10) == pytest.approx(1.5)


def test_a_run_at_its_end_needs_no_more_time() -> None:
    epochs = [Epoch(n + 1, 1, 0, 1, 0, 0.01, 2.0) for n in range(3)]
    assert remaining(Progress(epochs=epochs), 3) == 0.0
