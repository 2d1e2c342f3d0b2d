import json
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fmnist.recipe import Recipe
from fmnist.training import runs
from fmnist.training.locking import Lock
from fmnist.training.runs import Control, EventLog, Run
from fmnist.ui.server import resources
from fmnist.ui.train import start
from tests.pages.conftest import WaitingLine
from tests.pages.test_home import words
from tests.reading import as_read

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
        run.save_kernel(number, np.ones((784, 100), np.float32), np.zeros(100, np.float32))
    return run


def lock_run(run: Run, role: str, request: pytest.FixtureRequest) -> Lock:
    lock = run.acquire(role)
    request.addfinalizer(lock.release)
    return lock


# The form and the URL --------------------------------------------------------------------------


def test_a_first_visit_shows_the_notebooks_recipe_and_start(visit: Visit) -> None:
    app = visit(TRAIN)
    assert "784–100–75–10 · SGD 0.01 · batch 32 · 50 epochs" in words(app)
    assert "Start" in labels(app)
    assert query(app) == {}


def test_a_link_fills_the_form(visit: Visit) -> None:
    app = visit(TRAIN, epochs="7", optimizer="Adam", hidden_units="64-32-16", l2="0.001")
    assert "784–64–32–16–10 · Adam 0.001 · batch 32 · 7 epochs" in words(app)
    assert app.number_input(key="recipe_epochs").value == 7
    assert Recipe.from_mapping(query(app)) == Recipe(
        epochs=7, optimizer="Adam", learning_rate=0.001, hidden_units=(64, 32, 16), l2=0.001
    )


def test_the_form_fills_the_link(visit: Visit) -> None:
    app = visit(TRAIN)
    app.number_input(key="recipe_epochs").set_value(9).run()
    app.number_input(key="recipe_units_0").set_value(33).run()
    assert query(app) == {"epochs": "9", "hidden_units": "33-75"}


def test_an_optimizer_brings_its_own_rate_and_any_rate_survives_a_reload(visit: Visit) -> None:
    app = visit(TRAIN)
    app.selectbox(key="recipe_optimizer").set_value("Adam").run()
    assert app.number_input(key="recipe_learning_rate").value == 0.001
    app.number_input(key="recipe_learning_rate").set_value(0.01).run()
    again = visit(TRAIN, **query(app))
    assert again.number_input(key="recipe_learning_rate").value == 0.01


def test_a_bad_link_is_explained_and_its_good_part_kept(visit: Visit) -> None:
    app = visit(TRAIN, epochs="-5", learning_rate="abc", batch_size="64", utm_source="mail")
    assert len(app.warning) == 1
    assert "Epochs is '-5'" in as_read(app.warning[0].value)
    assert "Learning rate is 'abc'" in as_read(app.warning[0].value)
    assert query(app) == {"batch_size": "64"}


@pytest.mark.parametrize("name", ["../../etc/passwd", "..", "nothing-here", "a" * 500, ""])
def test_a_bad_run_is_explained_in_one_message(visit: Visit, runs_dir: Path, name: str) -> None:
    app = visit(TRAIN, run=name, epochs="8")
    assert len(app.warning) == 1
    assert app.number_input(key="recipe_epochs").value == 8
    assert "root:" not in words(app)


def test_no_hidden_layer_is_possible(visit: Visit) -> None:
    app = visit(TRAIN, hidden_units="none")
    assert "784–10 ·" in words(app)
    assert "7,850 parameters" in words(app)


def test_a_preset_fills_the_form(visit: Visit) -> None:
    app = visit(TRAIN, epochs="3")
    app.button_group(key="preset").set_value("notebook").run()
    assert query(app) == {}


# Start -----------------------------------------------------------------------------------------


def test_start_makes_a_run_queues_it_and_opens_it(visit: Visit, line) -> None:
    app = visit(TRAIN, epochs="3", seed="4")
    button(app, "Start").click().run()
    assert not app.exception
    (run,) = runs.list_runs()
    assert run.recipe == Recipe(epochs=3, seed=4)
    assert list(line.runs) == [run.id]
    assert query(app) == {"run": run.id}
    assert "Waiting" in words(app)


def test_start_takes_what_was_typed_in_the_same_moment(visit: Visit, line) -> None:
    app = visit(TRAIN)
    app.number_input(key="recipe_epochs").set_value(7)
    app.number_input(key="recipe_units_0").set_value(33)
    button(app, "Start").click().run()
    (run,) = runs.list_runs()
    assert run.recipe == Recipe(epochs=7, hidden_units=(33, 75))


def test_the_form_starts_one_run_after_another(visit: Visit, line) -> None:
    app = visit(TRAIN, epochs="3")
    for count in (1, 2):
        button(app, "Start").click().run()
        assert len(runs.list_runs()) == count
        button(app, "New run").click().run()


def test_a_folder_that_cannot_be_written_is_explained(
    visit: Visit, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    app = visit(TRAIN)
    monkeypatch.setenv("FMNIST_RUNS_DIR", str(tmp_path / "file" / "runs"))
    button(app, "Start").click().run()
    assert "cannot be written" in app.error[0].value
    assert "Start" in labels(app)
    assert not app.run().error  # said once: another press says it again


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
    lock_run(elsewhere, "queue", request)  # by another server
    assert "Next in line" in words(visit(TRAIN, run=first.id))
    assert "In line" in words(visit(TRAIN, run=elsewhere.id))
    line.starting.add(elsewhere.id)
    assert "TensorFlow is starting" in words(visit(TRAIN, run=elsewhere.id))


# A run that trains -----------------------------------------------------------------------------


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


# A run that has ended --------------------------------------------------------------------------


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


def test_a_stopped_run_says_what_is_kept(visit: Visit) -> None:
    run = make_run()
    run.model_path.write_bytes(b"model")
    tell(run, "train_end", state="stopped")
    app = visit(TRAIN, run=run.id)
    assert "Everything up to epoch 2 is kept" in app.info[0].value
    assert "Resume" in labels(app)
    assert len(app.get("download_button")) == 4


def test_a_failed_run_says_why(visit: Visit, line) -> None:
    run = make_run(epochs=0)
    tell(run, "failed", message="The disk is full.")
    assert "The disk is full." in words(visit(TRAIN, run=run.id))


def test_a_run_whose_folder_took_no_message_still_says_why(visit: Visit, line) -> None:
    run = make_run(epochs=0)
    line.failures[run.id] = "The training process cannot be started."
    app = visit(TRAIN, run=run.id)
    assert "cannot be started" in app.error[0].value
    assert ">Failed<" in words(app)


def finish(run: Run, wrong: bool = False) -> None:
    samples = [
        {"index": i, "true": t, "predicted": 3 if wrong else t, "probabilities": [0.1] * 10}
        for i, t in enumerate((9, 2, 1))
    ]
    tell(run, "test_end", loss=0.3512, accuracy=0.8773, samples=samples)
    tell(run, "train_end", state="finished")


def test_a_finished_run_shows_its_results_beside_the_notebooks(visit: Visit) -> None:
    run = make_run(epochs=5)
    run.model_path.write_bytes(b"model")
    finish(run)
    app = visit(TRAIN, run=run.id)
    assert [(item.label, item.value, item.delta) for item in app.metric] == [
        ("Test accuracy", "0.8773", "notebook 0.8761"),
        ("Test loss", "0.3512", "notebook 0.3555"),
    ]
    assert words(app).count("which is right") == 3
    assert words(app).count("data:image/png;base64") == 3
    assert "86,835 parameters" in words(app)
    assert {"Pause", "Step", "Stop", "Resume"}.isdisjoint(labels(app))


def test_wrong_samples_are_named_as_wrong(visit: Visit) -> None:
    run = make_run(epochs=5)
    finish(run, wrong=True)
    assert "but it is: Ankle boot" in words(visit(TRAIN, run=run.id))


def test_new_run_returns_to_the_form_with_the_recipe(visit: Visit) -> None:
    run = make_run(epochs=5, batch_size=64)
    finish(run)
    app = visit(TRAIN, run=run.id)
    button(app, "New run").click().run()
    assert query(app) == {"epochs": "5", "batch_size": "64"}
    assert "Start" in labels(app)


def test_earlier_runs_are_listed_and_can_be_compared(visit: Visit) -> None:
    first = make_run(epochs=5)
    finish(first)
    second = make_run(epochs=5, seed=1)
    finish(second)
    app = visit(TRAIN, run=second.id)
    assert "test accuracy 0.8773" in words(app)
    app.multiselect(key="overlays").set_value([first.id]).run()
    assert not app.exception
    figures = [json.loads(item.proto.json)["figure"] for item in app.get("bidi_component")
               if "figure" in item.proto.json]  # fmt: skip
    assert len(figures) == 2
    assert all(f"seed {first.recipe.seed}" in figure for figure in figures)


def test_runs_alike_can_each_be_laid_over_and_the_link_brings_them(visit: Visit) -> None:
    """Of the same minute, rate and seed, so that only the end of their ids tells them apart."""
    current, *others = (make_run(epochs=5) for _ in range(4))
    app = visit(TRAIN, run=current.id)
    options = app.multiselect(key="overlays").options
    assert len(set(options)) == len(others)
    app.multiselect(key="overlays").set_value([others[0].id, others[2].id]).run()
    assert query(app)["compare"] == f"{others[0].id},{others[2].id}"
    again = visit(TRAIN, **query(app))
    assert again.multiselect(key="overlays").value == [others[0].id, others[2].id]


def test_an_overlay_that_is_deleted_leaves_the_address(visit: Visit) -> None:
    current, gone = make_run(), make_run()
    app = visit(TRAIN, run=current.id, compare=f"{gone.id},nothing,{gone.id}")
    assert query(app)["compare"] == gone.id
    runs.delete(gone.id)
    app.run()
    assert not app.exception
    assert query(app) == {"run": current.id}


def test_the_view_of_the_curves_is_in_the_link(visit: Visit) -> None:
    app = visit(TRAIN, run=make_run().id, smoothing="0.5", log_loss="true")
    assert app.slider(key="smoothing").value == 0.5
    assert app.toggle(key="log_loss").value


def test_a_damaged_run_is_passed_over(visit: Visit, runs_dir: Path) -> None:
    run = make_run(epochs=5)
    finish(run)
    (runs_dir / "broken").mkdir()
    (runs_dir / "broken" / "recipe.json").write_text("{")
    (runs_dir / "20200101-000000-aaaaaa").mkdir()
    app = visit(TRAIN)
    assert "test accuracy 0.8773" in words(app)
    assert "half-written" in words(visit(TRAIN, run="broken"))


def test_leaving_and_coming_back_finds_the_run(visit: Visit) -> None:
    run = make_run(epochs=5)
    finish(run)
    app = visit(TRAIN, run=run.id)
    app.switch_page("streamlit_app.py")
    app.query_params.clear()
    app.run()
    app.switch_page(TRAIN)
    app.query_params.clear()
    app.run()
    assert "Finished" in words(app)


def test_the_second_of_two_clicks_brings_the_forms_address_and_changes_nothing(
    visit: Visit, line
) -> None:
    """The browser sends it before it has followed the first, which is served whole by then."""
    app = visit(TRAIN, epochs="3")
    app.button(key="start").click().run()
    (run_id,) = line.runs
    for _ in range(2):
        app.query_params.clear()
        app.query_params["epochs"] = "3"
        app.run()
        assert query(app) == {"run": run_id}
        assert "Start" not in labels(app)
    assert list(line.runs) == [run_id]


def test_two_clicks_served_at_the_same_time_make_one_run(
    runs_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Streamlit serves the second in another thread of the same session."""
    line = WaitingLine()
    both = threading.Barrier(2)

    def form_recipe() -> Recipe:
        both.wait(60)
        return Recipe()

    state: dict[str, object] = {start.STARTED: start.LastStart()}
    monkeypatch.setattr(start, "st", SimpleNamespace(session_state=state))
    monkeypatch.setattr(start, "form_recipe", form_recipe)
    monkeypatch.setattr(resources, "job_queue", lambda: line)
    threads = [threading.Thread(target=start._start) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(line.runs) == 1
    for run_id in list(line.runs):
        line.withdraw(run_id)
