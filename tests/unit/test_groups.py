"""Groups of runs: what is planned, what a text means, and how runs are put together again."""

import csv
import io
import json
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmnist.recipe import OPTIMIZERS, Recipe, replace
from fmnist.training import group_exports, groups, runs
from fmnist.training.summaries import Summaries
from tests.pages.train_runs import finish, make_run


def test_seeds_alone():
    recipes = groups.plan(Recipe(seed=5), {}, 3)
    assert recipes == [replace(Recipe(), seed=seed) for seed in (5, 6, 7)]


def test_two_settings_times_seeds():
    values = {"learning_rate": (0.01, 0.1), "hidden_units": ((), (50,))}
    recipes = groups.plan(Recipe(), values, 2)
    assert len(recipes) == len(set(recipes)) == 8
    assert {(r.learning_rate, r.hidden_units, r.seed) for r in recipes} == {
        (rate, units, seed) for rate in (0.01, 0.1) for units in ((), (50,)) for seed in (0, 1)
    }


def test_an_optimizer_brings_its_own_rate_unless_one_is_named():
    optimizers = {"optimizer": ("SGD", "Adam")}
    recipes = groups.plan(Recipe(), optimizers, 1)
    assert [r.learning_rate for r in recipes] == [OPTIMIZERS["SGD"], OPTIMIZERS["Adam"]]
    assert groups.varied_fields(recipes) == ["optimizer"]
    given_rate = groups.plan(Recipe(learning_rate=0.05), optimizers, 1, ["learning_rate"])
    assert [r.learning_rate for r in given_rate] == [0.05, 0.05]


@pytest.mark.parametrize(
    ("values", "seeds", "words"),
    [
        ({}, 1, "no group"),
        ({"momentum": (0.0,)}, 1, "no group"),
        ({}, 0, "1 to 20"),
        ({}, -3, "1 to 20"),
        ({}, 1_000_000, "1 to 20"),
        ({"momentum": tuple(n / 100 for n in range(20))}, 20, "400 runs; a group has at most 100"),
        ({"momentum": (0.0,), "l2": (0.0,), "dropout": (0.0,)}, 2, "at most 2"),
    ],
)
def test_what_makes_no_group_is_told(values, seeds, words):
    with pytest.raises(ValueError, match=words):
        groups.plan(Recipe(), values, seeds)


def test_seeds_end_where_seeds_end():
    last = 2**31 - 1
    assert [r.seed for r in groups.plan(Recipe(seed=last - 1), {}, 2)] == [last - 1, last]
    with pytest.raises(ValueError, match="run out"):
        groups.plan(Recipe(seed=last - 1), {}, 3)


@pytest.mark.parametrize(
    ("name", "text", "values"),
    [
        ("learning_rate", "0.01, 0.1,0.1 ,", (0.01, 0.1)),
        ("hidden_units", "none, 100, 100-75", ((), (100,), (100, 75))),
        ("optimizer", "SGD,Adam", ("SGD", "Adam")),
        ("epochs", "5", (5,)),
    ],
)
def test_values_are_read(name, text, values):
    assert groups.read_values(name, text) == values


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("learning_rate", ""),
        ("learning_rate", " , ,"),
        ("learning_rate", "0.1, fast"),
        ("learning_rate", "nan"),
        ("learning_rate", "0"),
        ("epochs", "1e9"),
        ("seed", "1,2"),
        ("sky", "1,2"),
        ("momentum", ",".join(str(n / 1000) for n in range(200))),
        ("optimizer", "<script>"),
    ],
)
def test_values_that_make_no_sense_are_told(name, text):
    with pytest.raises(ValueError, match=r".\.$|.[.]"):
        groups.read_values(name, text)


SWEEPS = st.dictionaries(
    st.sampled_from(["learning_rate", "momentum", "hidden_units", "batch_size"]),
    st.just(None),
    max_size=2,
).map(
    lambda names: {
        name: {
            "learning_rate": (0.01, 1e-06),
            "momentum": (0.0, 0.9),
            "hidden_units": ((), (100, 75)),
            "batch_size": (1, 4096),
        }[name]
        for name in names
    }
)


@given(SWEEPS)
def test_an_address_says_a_sweep_and_brings_it_back(values):
    assert groups.read_sweep(groups.sweep_text(values)) == values


@given(st.text(max_size=60) | st.from_regex(r"[a-z_]{1,14}:[0-9,.]{0,9}(;[a-z_:,0-9]*){0,3}"))
def test_any_other_address_is_refused_in_words(text):
    try:
        values = groups.read_sweep(text)
    except ValueError as problem:
        assert str(problem)
    else:
        assert len(values) <= 2


# Runs of a group -------------------------------------------------------------------------------


@pytest.fixture
def made(runs_dir):
    """A group of four runs, of which one has finished, and a run of its own."""
    make_run()
    group = groups.new_id()
    recipes = groups.plan(Recipe(epochs=5), {"momentum": (0.0, 0.9)}, 2)
    members = []
    for recipe in recipes:
        content = json.loads((make_run(**recipe.to_dict()).folder / "recipe.json").read_text())
        run = runs.folders()[0]
        (run.folder / "recipe.json").write_text(json.dumps(content | {"group": group}))
        members.append(run.read())
    finish(members[0])
    return group, members


def test_runs_are_put_together_by_all_but_their_seed(made):
    group, members = made
    found = groups.runs_of(group, Summaries().sound())
    assert [item.run for item in found] == members
    variants = groups.variants(found)
    assert [variant.recipe.momentum for variant in variants] == [0.0, 0.9]
    assert [[i.run.recipe.seed for i in v.runs] for v in variants] == [[0, 1], [0, 1]]
    assert groups.runs_of("0" * 32, Summaries().sound()) == []


def test_the_table_has_every_setting_and_figure(made):
    group, members = made
    found = groups.runs_of(group, Summaries().sound())
    rows = list(csv.DictReader(io.StringIO(group_exports.table_csv(found))))
    assert [row["run"] for row in rows] == [run.id for run in members]
    assert [row["momentum"] for row in rows] == ["0.0", "0.0", "0.9", "0.9"]
    assert [row["test_accuracy"] for row in rows] == ["0.8773", "", "", ""]
    assert {row["best_val_accuracy"] for row in rows} == {"0.79"}
    for row, run in zip(rows, members, strict=True):
        settings = {name: row[name] for name in run.recipe.to_dict()}
        assert Recipe.from_mapping(settings) == run.recipe


def test_the_zip_has_recipes_that_can_be_trained_again(made):
    group, members = made
    found = groups.runs_of(group, Summaries().sound())
    with zipfile.ZipFile(io.BytesIO(group_exports.archive(found))) as file:
        assert len(file.namelist()) == 1 + 2 * len(members)
        for run in members:
            recipe = json.loads(file.read(f"{run.id}/recipe.json"))
            assert Recipe.from_mapping(recipe) == run.recipe
            history = list(csv.DictReader(io.StringIO(file.read(f"{run.id}/history.csv").decode())))
            assert [row["epoch"] for row in history] == ["1", "2", "3", "4", "5"]
