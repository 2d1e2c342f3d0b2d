"""A run that waits, trains, is paused or was interrupted."""

import pytest

from fmnist.recipe import Recipe
from fmnist.training import line as line_of_runs
from fmnist.training import runs
from fmnist.training.runs import Control
from tests.pages.test_home import words
from tests.pages.train_runs import TRAIN, Visit, button, labels, lock_run, make_run, tell
from tests.reading import as_read


def test_a_waiting_run_shows_its_place_and_can_be_taken_back(visit: Visit, line) -> None:
    for _ in range(2):
        line.submit(runs.create(Recipe()))
    last = list(line.runs)[-1]
    app = visit(TRAIN, run=last)
    assert "Place 2 in line" in words(app)
    button(app, "Stop").click().run()
    assert last not in line.runs
    assert "has not begun" in words(app)
    button(app, "Resume").click().run()
    assert last in line.runs


def test_a_waiting_run_says_what_it_waits_for(visit: Visit, line, request) -> None:
    first, elsewhere = runs.create(Recipe()), runs.create(Recipe(seed=1))
    line.submit(first)
    line_of_runs.join(elsewhere)  # by another server
    lock_run(elsewhere, "queue", request)
    assert "Next in line" in words(visit(TRAIN, run=first.id))
    assert "In line" in words(visit(TRAIN, run=elsewhere.id))
    line.starting.add(elsewhere.id)
    assert "TensorFlow is starting" in words(visit(TRAIN, run=elsewhere.id))


def test_a_running_run_shows_figures_and_buttons(visit: Visit, request) -> None:
    run = make_run()
    lock_run(run, "worker", request)
    app = visit(TRAIN, run=run.id)
    for text in ("Running", "Epoch 3 of 5", "90,000 images/s", "0:02 elapsed", "about 0:03 left"):
        assert text in words(app)
    assert {"Pause", "Step", "Stop"} <= set(labels(app))
    assert "16 neurons" in words(app)


def test_a_run_says_how_far_its_images_are(visit: Visit, request) -> None:
    run = runs.create(Recipe(augmentation="pictures"))
    lock_run(run, "worker", request)
    tell(run, "worker_begin", epoch=0)
    tell(run, "preparing", share=0.35)
    app = visit(TRAIN, run=run.id)
    assert "Making changed copies of the images, 35%" in words(app)
    assert "Stop" in labels(app)


@pytest.mark.parametrize("minutes", ["1", "10"])
def test_the_limit_of_a_pause_reads_well(
    visit: Visit, request, monkeypatch: pytest.MonkeyPatch, minutes: str
) -> None:
    monkeypatch.setenv("FMNIST_PAUSE_MINUTES", minutes)
    run = make_run()
    lock_run(run, "worker", request)
    assert f"lasts {minutes} min at most" in button(visit(TRAIN, run=run.id), "Pause").help


def test_buttons_ask_the_worker_and_keep_the_rate(visit: Visit, request) -> None:
    run = make_run()
    lock_run(run, "worker", request)
    app = visit(TRAIN, run=run.id)
    app.number_input(key=f"rate_{run.id}").set_value(0.002).run()
    assert run.control() == Control("run", None, 0.002)
    button(app, "Pause").click().run()
    assert run.control() == Control("pause", None, 0.002)
    assert "Pausing…" in words(app)
    tell(run, "pause")
    app.run()
    assert "Paused" in words(app)
    button(app, "Step").click().run()
    assert run.control() == Control("run", 3, 0.002)
    button(app, "Resume").click().run()
    assert run.control() == Control("run", None, 0.002)
    assert "Resuming…" in words(app)
    button(app, "Stop").click().run()
    assert run.control() == Control("stop", None, 0.002)
    assert "Stopping…" in words(app)


def test_an_interrupted_run_says_so_and_resumes(visit: Visit, line) -> None:
    run = make_run()
    app = visit(TRAIN, run=run.id)
    assert "interrupted at epoch 2" in as_read(app.warning[0].value)
    run.ask(Control("stop", learning_rate=0.002))
    button(app, "Resume").click().run()
    assert list(line.runs) == [run.id]
    assert run.control() == Control(learning_rate=0.002)  # what was wished for holds
    assert "Waiting" in words(app)


def test_the_rate_can_be_set_before_resume(visit: Visit, line) -> None:
    run = make_run()
    tell(run, "failed", message="The loss is no longer a number.")
    app = visit(TRAIN, run=run.id)
    app.number_input(key=f"rate_{run.id}").set_value(0.0005).run()
    button(app, "Resume").click().run()
    assert run.control() == Control(learning_rate=0.0005)


def test_resume_waits_for_the_model_of_a_stopped_run(visit: Visit, request) -> None:
    run = make_run()
    lock = lock_run(run, "worker", request)
    tell(run, "train_end", state="stopped")
    app = visit(TRAIN, run=run.id)
    assert "Stopped" in words(app)
    assert "The model is being written." in words(app)
    assert button(app, "Resume").disabled
    lock.release()
    app.run()
    assert not button(app, "Resume").disabled
    assert "The model is being written." not in words(app)
