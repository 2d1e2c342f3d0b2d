"""Experiments: every file makes sense, and every run of it can be trained."""

import json
from dataclasses import replace

import pytest

from fmnist.cli import main as cli
from fmnist.cli import sweep
from fmnist.training import experiments, progress, runs
from fmnist.training.experiments import FOLDER
from fmnist.training.experiments import experiments as all_experiments
from fmnist.training.job import train_run
from fmnist.training.progress import Follower
from fmnist.training.trainer import LastTrainer

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
NAMES = [path.stem.partition("-")[2] for path in sorted(FOLDER.glob("*.json"))]


def test_there_are_at_least_twelve_each_a_question():
    found = all_experiments()
    assert list(found) == NAMES and len(found) >= 12
    for item in found.values():
        assert item.question.endswith("?")
        assert 2 <= len(item.guesses) == len(set(item.guesses)) <= 5
        assert item.shows.count(".") >= 2 and item.after


@pytest.mark.parametrize("name", NAMES)
def test_its_command_line_plans_the_same_runs(name):
    item = all_experiments()[name]
    words = item.command().split()[3:]
    assert sweep.planned(cli.command_line().parse_args(words)) == item.recipes()


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_its_runs_can_be_trained(name, tensorflow, data, runs_dir):
    make = LastTrainer()
    for recipe in {replace(item, seed=0) for item in all_experiments()[name].recipes()}:
        little = replace(recipe, epochs=1, training_images=min(recipe.training_images, 300))
        run = runs.create(little)
        train_run(run, lambda: data, make_trainer=make)
        assert Follower(run).poll().phase == progress.FINISHED


@pytest.mark.parametrize(
    "change",
    [{"right": 9}, {"right": "x"}, {"sweep": "sky:1,2"}, {"seeds": 0}, {"recipe": {"sky": 1}},
     {"sweep": "", "seeds": 1}, {"guesses": []}],
)  # fmt: skip
def test_a_file_that_makes_no_sense_is_named(tmp_path, change):
    content = json.loads(next(iter(sorted(FOLDER.glob("*.json")))).read_text())
    path = tmp_path / "01-x.json"
    path.write_text(json.dumps(content | change))
    with pytest.raises(ValueError, match=r"01-x\.json cannot be read"):
        experiments.read(path)
    path.write_text("{")
    with pytest.raises(ValueError, match=r"01-x\.json"):
        experiments.read(path)
