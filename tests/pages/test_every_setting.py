"""Every setting through every door: a field of `Recipe` that does not arrive somewhere fails here.

Fields and values are those of the table. What is found behind a door is told under the name of the
field, so a new field fails until somebody says how it shows in training and in the notebook.
"""

import inspect
import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fmnist.cli.main import chosen_recipe, command_line, main
from fmnist.dataset import Dataset
from fmnist.keras_model import build_sequential
from fmnist.recipe import Recipe, default, field_table, to_text
from fmnist.recipe_words import describe
from fmnist.training import exports, job, runs
from fmnist.training.progress import FINISHED, Follower
from fmnist.training.trainer import Trainer
from fmnist.ui.train.form import to_query
from tests.notebooks import executed, little, with_check
from tests.pages.test_home import words
from tests.pages.train_runs import button, query, table

# Keras's saving and NumPy 2 do not agree on `__array__`; nothing of ours is involved.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]

Visit = Callable[..., AppTest]
Facts = dict[str, Any]
TRAIN = "pages/train.py"
FIELDS = list(field_table())
every_field = pytest.mark.parametrize("name", FIELDS)


def another(name: str, number: int) -> Any:
    """The first or second value of a field beside its default, small enough to be trained."""
    item = field_table()[name]
    if item.choices:
        return [choice for choice in item.choices if choice != default(name)][-1 - number]
    if isinstance(default(name), tuple):
        return ((7, 5, 3), (4,))[number]
    assert item.minimum is not None and item.maximum is not None
    if isinstance(default(name), int):
        return int(item.minimum) + 3 - number
    return round(item.minimum + (item.maximum - item.minimum) / (16, 32)[number], 4)


# Two recipes in which nothing is as usual, except where there is but one other choice.
RECIPES = (
    Recipe(**{name: another(name, 0) for name in FIELDS}),
    Recipe(**{name: another(name, 1) for name in FIELDS if len(field_table()[name].choices) != 2}),
)
every_use = pytest.mark.parametrize(
    ("name", "number"),
    [(name, number) for name in FIELDS for number in (0, 1) if RECIPES[number].uses(name)],
)


def alone(name: str) -> tuple[Recipe, Recipe]:
    """The usual recipe, with an optimizer that takes the field, and the same with the field set."""
    optimizers = field_table()[name].optimizers
    usual = {"optimizer": optimizers[0]} if optimizers else {}
    return Recipe.from_mapping(usual), Recipe.from_mapping(usual | {name: another(name, 0)})


# Form, link, run folder, lists -----------------------------------------------------------------


def set_in_form(app: AppTest, name: str, value: Any) -> None:
    """Do what a person does to the field's widgets."""
    if isinstance(value, tuple):
        app.button_group(key="recipe_layers").set_value(len(value)).run()
        for layer, units in enumerate(value):
            app.number_input(key=f"recipe_units_{layer}").set_value(units)
        app.run()
    else:
        widgets = {item.key: item for item in (*app.selectbox, *app.number_input)}
        assert not widgets[f"recipe_{name}"].disabled
        widgets[f"recipe_{name}"].set_value(value).run()
    assert not app.exception


@every_field
def test_form_link_run_folder_and_lists(visit: Visit, name: str) -> None:
    before, wanted = alone(name)
    app = visit(TRAIN, **to_query(before))
    set_in_form(app, name, getattr(wanted, name))
    assert Recipe.from_mapping(query(app)) == wanted
    other = visit(TRAIN, **query(app))  # another person's session
    button(other, "Start").click().run()
    assert not other.exception
    (run,) = runs.list_runs()
    assert run.recipe == wanted
    stored = json.loads((run.folder / "recipe.json").read_text())["recipe"]
    assert stored[name] == wanted.to_dict()[name]
    assert field_table()[name].words(getattr(wanted, name)) in describe(wanted)
    assert describe(wanted) != describe(before)
    assert describe(wanted) in words(other)
    for page in (visit(TRAIN), visit()):
        assert describe(wanted) in [row["recipe"] for row in table(page)]


# Command line ----------------------------------------------------------------------------------


@every_field
def test_command_line(name: str, tmp_path: Path) -> None:
    before, wanted = alone(name)
    option = [f"--{name.replace('_', '-')}", to_text(getattr(wanted, name))]
    (tmp_path / "before.json").write_text(exports.recipe_json(before))
    (tmp_path / "wanted.json").write_text(exports.recipe_json(wanted))
    for arguments in (
        ["--recipe", str(tmp_path / "before.json"), *option],
        ["--recipe", str(tmp_path / "wanted.json")],
    ):
        assert chosen_recipe(command_line().parse_args(["train", *arguments])) == wanted


# Training --------------------------------------------------------------------------------------


def told_by_keras(model: Any, optimizer: Any) -> Facts:
    """How settings show in a trained model and its optimizer; executed in the notebook as well."""
    kinds: dict[str, list[Any]] = {"Dense": [], "Dropout": []}
    for layer in model.layers:
        kinds.setdefault(type(layer).__name__, []).append(layer)
    return {
        "batch_size": int(optimizer.iterations),  # updates
        "seed": [layer.kernel_initializer.seed for layer in kinds["Dense"]]
        + [layer.seed for layer in kinds["Dropout"]],
        "optimizer": type(optimizer).__name__,
        "momentum": getattr(optimizer, "momentum", None),
        "weight_decay": optimizer.weight_decay,
        "ema_momentum": optimizer.use_ema and optimizer.ema_momentum,
        "hidden_units": [layer.units for layer in kinds["Dense"][:-1]],
        "dropout": [layer.rate for layer in kinds["Dropout"]],
        "l2": [float(getattr(layer.kernel_regularizer, "l2", 0)) for layer in kinds["Dense"]],
    }


def labels_to_learn(recipe: Recipe, labels: Any, fitted: int) -> list[int]:
    """The fitted labels one after the other, those that are mixed up taken from each other."""
    learnt = [int(label) for label in labels[:fitted]]
    order = np.random.default_rng([recipe.seed, 1000]).permutation(fitted)
    chosen = [int(index) for index in order[: round(recipe.shuffled_labels * fitted)]]
    for place, source in zip(sorted(chosen), chosen, strict=True):
        learnt[place] = int(labels[source])
    return learnt


def wanted(name: str, recipe: Recipe, labels: Any) -> Any:
    """What has to be found for a field; the value itself unless it shows in another way."""
    fitted = int(recipe.training_images * (1 - recipe.validation_split))
    learnt = labels_to_learn(recipe, labels, fitted)
    dense, dropouts = len(recipe.hidden_units) + 1, len(recipe.hidden_units)
    shown_first = np.random.default_rng([recipe.seed, 0]).permutation(fitted)
    return {
        "batch_size": recipe.epochs * math.ceil(fitted / recipe.batch_size),
        "seed": {
            "layers": [recipe.seed * 8 + position for position in range(dense)]
            + [recipe.seed * 8 + 4 + position for position in range(dropouts)],
            "labels": [learnt[index] for index in shown_first],
        },
        "hidden_units": list(recipe.hidden_units),
        "dropout": pytest.approx([recipe.dropout] * dropouts),
        "l2": pytest.approx(
            [recipe.l2 * (recipe.first_layer == "trained"), *[recipe.l2] * (dense - 1)]
        ),
        "validation_split": recipe.training_images - fitted,
        "shuffled_labels": learnt,
    }.get(name, getattr(recipe, name))


def schedule_of(rate_at_end: float) -> str:
    return "cosine" if rate_at_end < 1e-6 else "constant"


@pytest.fixture(scope="module")
def trained(
    tensorflow: None, data: Dataset, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Facts]]:
    """Both recipes trained by the command line with every setting as an option."""
    trainers: list[Trainer] = []

    class Kept(Trainer):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given)
            trainers.append(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FMNIST_RUNS_DIR", str(tmp_path_factory.mktemp("runs")))
        patch.setattr(job, "Trainer", Kept)
        facts = []
        for recipe in RECIPES:
            options = {name: to_text(getattr(recipe, name)) for name in FIELDS}
            given = [f"--{name.replace('_', '-')}={text}" for name, text in options.items()]
            assert main(["train", *given]) == 0
            facts.append(facts_of_run(runs.list_runs()[0], trainers[-1]))
        yield facts


def facts_of_run(run: runs.Run, trainer: Trainer) -> Facts:
    seen = Follower(run).poll()
    assert seen.phase == FINISHED
    begin = next(event for event in runs.read_events(run)[0] if event["event"] == "train_begin")
    feed = trainer.feed
    rows, mirrored = feed.epoch(0)
    facts = told_by_keras(trainer.network, trainer.model.optimizer)
    copies = "pictures" if feed.targets is None else "taught"
    drawn = build_sequential(run.recipe).trainable_variables[0]
    stays = np.array_equal(drawn.numpy(), trainer.network.trainable_variables[0].numpy())
    return facts | {
        "first_layer": "random" if stays else "trained",
        "epochs": len(seen.epochs),
        "seed": {"layers": facts["seed"], "labels": feed.labels[rows].tolist()},
        "learning_rate": begin["learning_rate"],
        "learning_rate_schedule": schedule_of(seen.epochs[-1].learning_rate),
        "training_images": feed.validation[1],
        "validation_split": feed.validation[1] - feed.validation[0],
        "shuffled_labels": feed.labels[: feed.validation[0]].tolist(),
        "augmentation": copies
        if len(feed.images) > feed.test[1]
        else "flip"
        if mirrored.any()
        else "none",
    }


@every_use
def test_training(trained: list[Facts], data: Dataset, name: str, number: int) -> None:
    found = trained[number][name]
    assert found == wanted(name, RECIPES[number], data.train_labels)


# Notebook --------------------------------------------------------------------------------------

CHECK = f"""
from __future__ import annotations
import itertools, json
{inspect.getsource(told_by_keras)}
shown = list(itertools.islice(batches(), int(model.optimizer.iterations) // len(history["loss"])))
originals = {{image.tobytes() for image in x_train}}
rate = model.optimizer.get_config()["learning_rate"]
facts = told_by_keras(model, model.optimizer)
print(json.dumps(facts | {{
    "first_layer": "trained" if model.layers[1].trainable else "random",
    "epochs": len(history["loss"]),
    "seed": {{
        "layers": facts["seed"],
        "labels": np.concatenate([labels for _, labels in shown]).tolist(),
    }},
    "learning_rate": rate["config"]["initial_learning_rate"] if isinstance(rate, dict) else rate,
    "rate_at_end": float(model.optimizer.learning_rate),
    "training_images": len(x_train) + len(x_valid),
    "validation_split": len(x_valid),
    "shuffled_labels": y_train.tolist(),
    "augmentation": any(
        image.tobytes() not in originals for images, _ in shown for image in images
    ),
}}))
"""


@pytest.fixture(scope="module")
def notebooks(data: Dataset, tmp_path_factory: pytest.TempPathFactory) -> list[Facts]:
    """Both recipes' exported notebooks, executed; the facts of their last cells."""
    texts = [exports.notebook(recipe) for recipe in RECIPES]
    checked = [with_check(text, CHECK) for text in texts]
    printed = executed(checked, little(data, 300, 50), tmp_path_factory.mktemp("notebooks"))
    found = [json.loads(line) for line in printed if line.startswith("{")]
    for facts, text in zip(found, texts, strict=True):
        facts["learning_rate_schedule"] = schedule_of(facts.pop("rate_at_end"))
        told = "taught" if "what a larger network says" in text else "pictures"
        copies = facts["augmentation"] and "drawings and photo-like copies" in text
        facts["augmentation"] = told if copies else "flip" if facts["augmentation"] else "none"
    return found


@every_use
def test_notebook(notebooks: list[Facts], data: Dataset, name: str, number: int) -> None:
    found = notebooks[number][name]
    if isinstance(found, float):
        found = pytest.approx(found)
    assert found == wanted(name, RECIPES[number], data.train_labels)
