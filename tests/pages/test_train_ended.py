"""A run that has ended, and the list of earlier ones."""

import json
from pathlib import Path

from fmnist.training import runs
from tests.pages.test_home import words
from tests.pages.train_runs import (
    TRAIN,
    Visit,
    button,
    finish,
    labels,
    make_run,
    query,
    table,
    tell,
)


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
    assert [row["test"] for row in table(app)] == [0.8773] * 2
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
    assert [row["test"] for row in table(app)] == [0.8773]
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
