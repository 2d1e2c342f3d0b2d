"""The command line as a real process, and what it says to wrong arguments."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks.processes import started
from fmnist.cli import main as cli
from fmnist.cli import sweep
from fmnist.network import read_network
from fmnist.recipe import Recipe
from fmnist.training import groups, progress, runs
from fmnist.training.progress import Follower
from fmnist.training.summaries import Summaries

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "fmnist", "train"]


@pytest.mark.slow
def test_train_ends_with_one_json_object(runs_dir, data, tmp_path):
    file = tmp_path / "recipe.json"
    file.write_text(json.dumps({"recipe": Recipe(batch_size=64, seed=9).to_dict(), "created": 0}))
    arguments = ["--preset", "notebook", "--recipe", str(file), "--seed", "0", "--epochs", "2"]
    result = subprocess.run(
        [*COMMAND, *arguments, "--training-images", "2000", "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr[-3000:]
    told = json.loads(result.stdout.splitlines()[-1])
    assert list(told) == [
        "run",
        "epochs",
        "test_loss",
        "test_accuracy",
        "seconds",
        "data",
        "loss",
        "accuracy",
        "val_loss",
        "val_accuracy",
    ]
    run = runs.open_run(told["run"])
    assert run.recipe == Recipe(batch_size=64, seed=0, epochs=2, training_images=2000)
    seen = Follower(run).poll()
    assert told["epochs"] == 2
    assert seen.phase == progress.FINISHED and seen.test is not None
    assert (told["test_loss"], told["test_accuracy"]) == (seen.test.loss, seen.test.accuracy)
    for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
        assert told[name] == [getattr(epoch, name) for epoch in seen.epochs]
    assert told["seconds"] == pytest.approx(seen.elapsed, abs=0.001)
    assert told["data"] == data.name
    assert "epoch 2/2" in result.stderr
    assert str(run.model_path) in result.stderr
    assert read_network(run.model_path).layers[0].units == 100


@pytest.mark.slow
def test_ctrl_c_keeps_what_was_trained(runs_dir):
    command = [*COMMAND, "--epochs", "1000"]
    with started(command, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 120
        while not (made := runs.list_runs()) or Follower(made[0]).poll().completed < 2:
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
        assert Follower(made[0]).state() == progress.RUNNING
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 130
    assert "stopped; what was trained is kept" in errors
    assert "Traceback" not in errors
    follower = Follower(made[0])
    assert follower.state() == progress.INTERRUPTED
    assert follower.progress.completed >= 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--epochs", "0"], "Epochs is '0'; it takes a whole number from 1 to 1000."),
        (["--learning-rate", "fast"], "Learning rate is 'fast'"),
        (["--learning-rate", "-0.1"], "Learning rate is '-0.1'"),
        (["--optimizer", "Adamax"], "SGD, Adam, AdamW, RMSprop"),
        (["--hidden-units", "9-9-9-9"], "at most 3 layers"),
        (["--recipe", "/nowhere/recipe.json"], "/nowhere/recipe.json cannot be read"),
    ],
)
def test_a_wrong_value_gives_one_sentence(runs_dir, capsys, arguments, words):
    assert cli.main(["train", *arguments]) == 1
    out, errors = capsys.readouterr()
    assert out == ""
    assert errors.startswith("error: ") and errors.count("\n") == 1
    assert words in errors
    assert runs.list_runs() == []


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"7", b"\xff\xfe", b'{"epochs": -1}'])
def test_a_wrong_recipe_file_gives_one_sentence(runs_dir, tmp_path, capsys, content):
    path = tmp_path / "some.json"
    path.write_bytes(content)
    assert cli.main(["train", "--recipe", str(path)]) == 1
    errors = capsys.readouterr().err
    assert errors.startswith("error: ") and errors.count("\n") == 1
    assert str(path) in errors or "Epochs is -1" in errors


@pytest.mark.parametrize(
    "arguments", [[], ["dance"], ["train", "--preset", "none"], ["train", "--colour", "red"]]
)
def test_wrong_usage_shows_the_usage(capsys, arguments):
    with pytest.raises(SystemExit) as left:
        cli.main(arguments)
    assert left.value.code == 2
    assert "usage: python -m fmnist" in capsys.readouterr().err


@pytest.mark.slow
def test_the_exit_status_reaches_the_shell(runs_dir):
    result = subprocess.run(
        [*COMMAND, "--epochs", "many"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 1
    assert result.stderr == "error: Epochs is 'many'; it takes a whole number from 1 to 1000.\n"


def test_another_optimizer_brings_its_own_rate():
    def recipe(*arguments):
        return cli.chosen_recipe(cli.command_line().parse_args(["train", *arguments]))

    assert recipe("--optimizer", "Adam").learning_rate == 0.001
    assert recipe("--optimizer", "Adam", "--learning-rate", "0.01").learning_rate == 0.01
    assert recipe().learning_rate == 0.01


@pytest.mark.slow
def test_without_data_and_network_the_stand_in_is_used_and_named(runs_dir, tmp_path):
    environment = os.environ | {
        "FMNIST_DATA_DIR": str(tmp_path),
        "KERAS_HOME": str(tmp_path),
        "https_proxy": "http://127.0.0.1:9",
        "FMNIST_DOWNLOAD_SECONDS": "20",
    }
    result = subprocess.run(
        [*COMMAND, "--epochs", "1", "--training-images", "500", "--json"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr[-3000:]
    assert "Fashion-MNIST could not be downloaded" in result.stderr
    told = json.loads(result.stdout.splitlines()[-1])
    assert "stand-in" in told["data"] and "stand-in" in result.stderr
    assert not Follower(runs.open_run(told["run"])).poll().data_official


def test_sweep_plans_what_the_command_line_says():
    def planned(*arguments):
        return sweep.planned(cli.command_line().parse_args(["sweep", *arguments]))

    recipes = planned("--learning-rate", "0.001,0.01,0.1", "--seeds", "3", "--epochs", "5")
    assert len(recipes) == 9 and {recipe.epochs for recipe in recipes} == {5}
    assert {recipe.learning_rate for recipe in recipes} == {0.001, 0.01, 0.1}
    assert [r.learning_rate for r in planned("--optimizer", "SGD,Adam")] == [0.01, 0.001]
    for wrong in (["--learning-rate", "0.1"], ["--seeds", "1000000"], ["--seeds", "0"],
                  ["--momentum", "0,x"], ["--seed", "1,2", "--seeds", "2"]):  # fmt: skip
        with pytest.raises(ValueError, match=r"\."):
            planned(*wrong)


@pytest.mark.slow
def test_sweep_trains_a_group_and_ends_with_json(runs_dir):
    result = subprocess.run(
        [*COMMAND[:-1], "sweep", "--epochs", "2", "--training-images", "500", "--momentum",
         "0,0.9", "--seeds", "2", "--json"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    told = json.loads(result.stdout)
    assert [(r["momentum"], r["seed"]) for r in told["runs"]] == [
        ("0.0", "0"), ("0.0", "1"), ("0.9", "0"), ("0.9", "1")
    ]  # fmt: skip
    assert all(r["completed"] == 2 and r["test_accuracy"] is not None for r in told["runs"])
    members = groups.runs_of(told["group"], Summaries().sound())
    assert [item.run.id for item in members] == [r["run"] for r in told["runs"]]
    assert "± " in result.stderr
