"""Labels and the trash: what a person writes on runs, and deletes by mistake."""

import json
import os

import pytest

from fmnist.recipe import Recipe
from fmnist.recipe_words import differences
from fmnist.training import label, line, runs
from fmnist.training.label import Label
from fmnist.training.runs import RunError
from tests.spoiling import finished_run


@pytest.mark.parametrize(
    "garbage",
    ["", "{", "[]", "7", '{"name": 7}', '{"pinned": "yes"}', '{"colour": "red"}',
     json.dumps({"name": "a" * 61}), json.dumps({"note": "a" * 501}), "[" * 10_000, " " * 99_999],
)  # fmt: skip
def test_a_label_of_garbage_is_none(runs_dir, garbage):
    run = runs.create(Recipe())
    (run.folder / label.FILE).write_text(garbage)
    assert label.read(run) == Label()
    label.write(run, Label("a name"))
    assert label.read(run) == Label("a name")


def test_what_is_no_file_is_no_label(runs_dir):
    run = runs.create(Recipe())
    os.mkfifo(run.folder / label.FILE)
    assert label.read(run) == Label()


def test_texts_are_tidied():
    assert label.tidy("  a\t b\u202e\x00\n c ") == "a b c"
    assert label.tidy(" a\nb\x1b[31m ", lines=True) == "a\nb[31m"


def test_a_pinned_run_outlives_newer_ones(runs_dir, monkeypatch):
    monkeypatch.setenv("FMNIST_MAX_RUNS", "3")
    pinned = finished_run()
    label.write(pinned, Label(pinned=True))
    for _ in range(5):
        finished_run()
    runs.prune(3)
    assert pinned.id in [run.id for run in runs.folders()]


def test_the_trash_gives_back_what_it_keeps(runs_dir):
    made = [finished_run() for _ in range(runs.MAX_TRASH + 3)]
    for number, run in enumerate(made):
        runs.throw_away(run.id)
        os.utime(runs_dir / runs.TRASH / run.id, (number, number))
    assert runs.folders() == []
    with pytest.raises(RunError, match="gone for good"):
        runs.restore(made[0].id)
    runs.restore(made[-1].id)
    assert runs.list_runs() == [made[-1]]
    for name in ("../x", "", made[-1].id):
        with pytest.raises(RunError):
            runs.restore(name)


def test_a_run_in_line_is_not_thrown_away(runs_dir):
    run = runs.create(Recipe())
    line.join(run)
    with pytest.raises(RunError, match="waits in line"):
        runs.throw_away(run.id)
    assert runs.folders() == [runs.RunFolder(run.id, run.folder)]


def test_recipes_are_told_by_what_most_others_have_not():
    recipes = [Recipe(), Recipe(optimizer="Adam", learning_rate=0.003), Recipe(), Recipe(seed=3)]
    assert differences(recipes) == ["", "Adam, learning rate 0.003", "", "seed 3"]
    assert differences([Recipe()]) == [""]
    assert differences([]) == []
    assert differences([Recipe(), Recipe(hidden_units=()), Recipe()])[1].endswith("none")
