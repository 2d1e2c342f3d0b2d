"""The class: nicknames, rounds, and who is ahead."""

import json
import os
import time

import pytest

from fmnist.recipe import Recipe
from fmnist.training import classroom, runs
from fmnist.training.classroom import Round
from fmnist.training.files import RunError
from fmnist.training.summaries import Summaries
from tests.pages.train_runs import finish, tell

ADA, GRACE = "0a" * 16, "0b" * 16


def train(owner, best, **recipe):
    run = runs.create(Recipe(**{"epochs": 3, **recipe}), owner)
    tell(run, "worker_begin", epoch=0)
    tell(run, "train_begin", data_name="Fashion-MNIST", data_official=True, learning_rate=0.01)
    tell(run, "epoch_end", epoch=1, loss=0.5, accuracy=0.8, val_loss=0.5, val_accuracy=best,
         learning_rate=0.01, seconds=1.0, elapsed=1.0)  # fmt: skip
    return run


def board():
    now = classroom.current_round()
    return classroom.standings(Summaries().sound(), classroom.people(), now)


@pytest.mark.parametrize(
    ("name", "kept"),
    [("Ada", "Ada"), ("  Ada \t L. ", "Ada L."), ("<b>Ada</b>", "<b>Ada</b>"), ("阿达", "阿达"),
     ("a\u202eb\x00", "ab"), ("x" * 30, "x" * 30)],
)  # fmt: skip
def test_who_joins_is_known_by_a_nickname(runs_dir, name, kept):
    assert classroom.join(ADA, name) == kept
    assert classroom.people() == {ADA: kept}
    classroom.join(ADA, "another")
    assert classroom.people() == {ADA: "another"}
    classroom.remove(ADA)
    assert classroom.people() == {}
    assert runs.folders() == []


@pytest.mark.parametrize("name", ["", "  ", "\x00\u202e", "x" * 31, "x" * 10_000, "ADA"])
def test_a_nickname_that_cannot_be_is_told(runs_dir, name):
    classroom.join(GRACE, "Ada")
    with pytest.raises(RunError, match=r"nickname"):
        classroom.join(ADA, name)
    assert list(classroom.people()) == [GRACE]


def test_a_full_class_and_a_forged_person_are_told(runs_dir, monkeypatch):
    monkeypatch.setattr(classroom, "MAX_PEOPLE", 1)
    classroom.join(ADA, "Ada")
    with pytest.raises(RunError, match="full"):
        classroom.join(GRACE, "Grace")
    with pytest.raises(RunError):
        classroom.join("../../x", "Eve")
    classroom.remove("../people")


def test_the_best_run_of_everybody_counts(runs_dir):
    train(ADA, 0.99)  # before the round
    classroom.join(ADA, "Ada")
    classroom.join(GRACE, "Grace")
    time.sleep(0.01)
    classroom.begin_round(5)
    train(ADA, 0.7)
    best = train(ADA, 0.8)
    train(GRACE, 0.81)
    train(GRACE, 0.95, epochs=6)  # beyond the budget
    train(GRACE, 0.96, training_images=100)  # luck on fifteen images
    train(GRACE, 0.97, validation_split=0.01)
    train("0c" * 16, 0.98)  # has not joined
    finish(best)
    assert [(s.nickname, s.best, s.test) for s in board()] == [
        ("Grace", 0.81, None), ("Ada", 0.8, None)
    ]  # fmt: skip
    classroom.end_round()
    assert [(s.nickname, s.test) for s in board()] == [("Grace", None), ("Ada", 0.8773)]
    time.sleep(0.01)
    classroom.begin_round(5)
    assert board() == []


def test_of_equal_runs_the_earlier_is_ahead(runs_dir):
    for person, name in ((ADA, "Ada"), (GRACE, "Grace")):
        classroom.join(person, name)
    classroom.begin_round(5)
    train(GRACE, 0.8)
    train(ADA, 0.8)
    assert [s.nickname for s in board()] == ["Grace", "Ada"]


@pytest.mark.parametrize("budget", [0, -1, 1001, 2.5, "3", None])
def test_a_budget_that_cannot_be_is_told(runs_dir, budget):
    with pytest.raises(ValueError, match="budget"):
        classroom.begin_round(budget)
    assert classroom.current_round() is None


@pytest.mark.parametrize(
    "garbage", ["", "{", "[]", "7", '{"id": "x"}', '{"nickname": 7}', "[" * 5000,
                json.dumps({"id": "a" * 32, "budget": 5, "begun": 1e300})],
)  # fmt: skip
def test_garbage_in_its_files_is_no_class(runs_dir, garbage):
    classroom.join(ADA, "Ada")
    classroom.begin_round(3)
    folder = runs_dir / classroom.FOLDER
    (folder / "round.json").write_text(garbage)
    (folder / "people" / f"{GRACE}.json").write_text(garbage)
    os.mkfifo(folder / "people" / f"{'0d' * 16}.json")
    assert classroom.current_round() is None
    classroom.end_round()
    assert ADA in classroom.people()
    assert (
        classroom.begin_round(4)
        == classroom.current_round()
        == Round(classroom.current_round().id, 4, classroom.current_round().begun)
    )
