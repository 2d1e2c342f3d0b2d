"""The recipe: one table behind form, URL, JSON and command line."""

import dataclasses
import json
import math
import reprlib
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from fmnist.classes import CLASS_COUNT, CLASS_NAMES
from fmnist.cli.main import main
from fmnist.recipe import OPTIMIZERS, PRESETS, Recipe, default, field_table, to_text


def values_of(name):
    """Any valid value of a field, taken from the table itself."""
    item = field_table()[name]
    if item.choices:
        return st.sampled_from(item.choices)
    if name == "hidden_units":
        return st.lists(st.integers(1, 512), max_size=3).map(tuple)
    if isinstance(default(name), int):
        return st.integers(int(item.minimum), int(item.maximum))
    return st.floats(item.minimum, item.maximum)


def ends_and_choices():
    """Each field with each of its choices, or both ends of its range."""
    found = []
    for name, item in field_table().items():
        kind = type(default(name))
        if kind is tuple:
            found += [(name, ()), (name, (1,)), (name, (512, 512, 512))]
        else:
            values = item.choices or (kind(item.minimum), kind(item.maximum))
            found += [(name, value) for value in values]
    return found


# On a busy machine any single example may take long.
patient = hypothesis(deadline=None, suppress_health_check=[HealthCheck.too_slow])
recipes = st.builds(Recipe, **{name: values_of(name) for name in field_table()})


def test_the_defaults_are_the_notebooks():
    assert (
        dataclasses.asdict(Recipe()).items()
        >= {
            "epochs": 50,
            "batch_size": 32,
            "seed": 0,
            "optimizer": "SGD",
            "learning_rate": 0.01,
            "momentum": 0.0,
            "weight_decay": 0.004,
            "hidden_units": (100, 75),
            "dropout": 0.0,
            "l2": 0.0,
            "training_images": 60_000,
            "validation_split": 0.15,
        }.items()
    )
    assert PRESETS["notebook"] == Recipe()
    assert Recipe().to_query() == {}


def test_ten_different_classes():
    assert len(set(CLASS_NAMES)) == CLASS_COUNT == 10


def test_every_field_is_explained():
    assert [item.name for item in dataclasses.fields(Recipe)] == list(field_table())
    for item in field_table().values():
        assert item.label and item.group
        assert item.help.endswith(".")


def test_it_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Recipe().epochs = 3


@patient
@given(recipes)
def test_any_recipe_survives_json(recipe):
    assert Recipe.from_mapping(json.loads(json.dumps(recipe.to_dict()))) == recipe


@patient
@given(recipes)
def test_any_recipe_survives_the_url(recipe):
    query = dict(parse_qsl(urlencode(recipe.to_query()), keep_blank_values=True))
    assert Recipe.from_mapping(query) == recipe


@patient
@given(recipes)
def test_any_recipe_survives_as_text(recipe):
    text = {name: to_text(getattr(recipe, name)) for name in field_table()}
    assert Recipe.from_mapping(text) == recipe


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_rates_are_those_of_keras(tensorflow, name):
    import keras

    assert OPTIMIZERS[name] == pytest.approx(float(getattr(keras.optimizers, name)().learning_rate))
    assert Recipe.from_mapping({"optimizer": name}).learning_rate == OPTIMIZERS[name]


def test_weight_decay_is_that_of_keras(tensorflow):
    import keras

    assert Recipe().weight_decay == keras.optimizers.AdamW().weight_decay


def test_a_rate_that_is_given_is_kept():
    recipe = Recipe.from_mapping({"optimizer": "Adam", "learning_rate": "0.01"})
    assert recipe.learning_rate == 0.01
    assert Recipe.from_mapping(recipe.to_query()) == recipe


# What is not allowed -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("epochs", "-5", "a whole number from 1 to 1000"),
        ("epochs", "2.5", "a whole number"),
        ("epochs", "", "a whole number"),
        ("epochs", True, "a whole number"),
        ("epochs", None, "a whole number"),
        ("epochs", [3], "a whole number"),
        ("epochs", 10**400, "a whole number"),
        ("learning_rate", "abc", "a number from 0.000001 to 10"),
        ("learning_rate", "nan", "a number"),
        ("learning_rate", float("inf"), "a number"),
        ("batch_size", 0, "from 1 to 4096"),
        ("seed", -1, "from 0 to"),
        ("optimizer", "Adamax", "SGD, Adam, AdamW, RMSprop"),
        ("optimizer", 7, "SGD, Adam, AdamW, RMSprop"),
        ("hidden_units", "100-75-50-25", "at most 3 layers"),
        ("hidden_units", "513", "from 1 to 512"),
        ("hidden_units", "0", "from 1 to 512"),
        ("hidden_units", "a-b", "a whole number"),
        ("hidden_units", [[100]], "a whole number"),
        ("dropout", 0.95, "from 0 to 0.9"),
        ("training_images", 60_001, "from 100 to 60000"),
        ("validation_split", 0, "from 0.01 to 0.9"),
        ("colour", "red", "epochs, batch_size"),
    ],
)
def test_a_bad_value_gives_one_sentence_and_keeps_the_rest(name, value, allowed):
    found = {"a-b": "'a'", "[[100]]": "[100]", str(10**400): reprlib.repr(10**400)}.get(str(value))
    good = {"momentum": "0.9", "l2": 0.001}
    recipe, problems = Recipe.from_mapping_leniently({name: value} | good)
    assert recipe == Recipe(momentum=0.9, l2=0.001)
    (sentence,) = problems
    assert allowed in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence and len(sentence) < 280
    with pytest.raises(ValueError, match=r"\.$"):
        Recipe.from_mapping({name: value})
    if name in field_table():
        assert sentence.startswith(field_table()[name].label)
        assert f" is {found or repr(value)}; it takes" in sentence or "at most" in sentence
        with pytest.raises(ValueError, match=r"\.$"):
            Recipe(**{name: value})


def test_one_sentence_for_each_bad_value():
    recipe, problems = Recipe.from_mapping_leniently(
        {"epochs": "-5", "learning_rate": "abc", "seed": "4", "optimizer": "adam"}
    )
    assert recipe == Recipe(seed=4, optimizer="Adam", learning_rate=0.001)
    assert len(problems) == 2


@patient
@given(st.dictionaries(st.sampled_from([*field_table(), "run", ""]), st.text(max_size=20)))
def test_no_text_at_all_breaks_the_lenient_reading(values):
    recipe, problems = Recipe.from_mapping_leniently(values)
    assert isinstance(recipe, Recipe)
    assert len(problems) <= len(values)


@pytest.mark.parametrize(
    ("text", "units"),
    [("none", ()), ("", ()), ("100", (100,)), ("100-75", (100, 75)), ("8, 4,2", (8, 4, 2))],
)
def test_hidden_units_as_people_write_them(text, units):
    assert Recipe.from_mapping({"hidden_units": text}).hidden_units == units


def test_the_command_line_shows_every_setting(capsys):
    with pytest.raises(SystemExit) as left:
        main(["train", "--help"])
    assert left.value.code == 0
    help_text = " ".join(capsys.readouterr().out.split())
    for name in field_table():
        assert f"--{name.replace('_', '-')} VALUE" in help_text


# Keras's arithmetic --------------------------------------------------------------------------


def test_the_split_of_the_notebook():
    recipe = Recipe()
    assert (recipe.fitted_images, recipe.validation_images) == (51_000, 9_000)
    assert recipe.batches_per_epoch == 1_594
    assert recipe.fitted_images - (recipe.batches_per_epoch - 1) * recipe.batch_size == 24


@pytest.mark.parametrize("images", [100, 101, 999, 12_345, 60_000])
def test_the_split_is_that_of_keras(tensorflow, images):
    import numpy as np
    from keras.src.trainers.data_adapters.array_slicing import train_validation_split

    indices = np.arange(images)
    for hundredths in range(1, 91):
        recipe = Recipe(training_images=images, validation_split=hundredths / 100)
        (fitted,), (kept,) = train_validation_split((indices,), recipe.validation_split)
        assert recipe.fitted_images == len(fitted)
        assert recipe.validation_images == len(kept)
        assert kept[0] == recipe.fitted_images  # the last ones, before any shuffling


# + and − of the form ---------------------------------------------------------------------------


def pressed(item, value, sign):
    """What a browser makes of + or − on a number field: written after Streamlit's NumberInput.

    None when the button is greyed out. The value and the step are rounded to the decimals of the
    step, a half upwards, before they are added.
    """
    step = item.step_at(value)
    if not item.minimum <= value + sign * step <= item.maximum:
        return None
    text = repr(step)
    if "e-" in text:
        digits, _, exponent = text.partition("e-")
        decimals = int(exponent) + len(digits.removesuffix(".0").partition(".")[2])
    else:
        decimals = len(text.removesuffix(".0").partition(".")[2])
    if decimals == 0:
        return value + sign * step
    scale = 10**decimals
    return (math.floor(value * scale + 0.5) + sign * math.floor(step * scale + 0.5)) / scale


NUMBERS = [name for name, item in field_table().items() if not item.choices]


def numbers_of(name):
    """Any value of a number field, its ends, and values of few digits, as people type them."""
    item = field_table()[name]
    ends = st.sampled_from([item.minimum, item.maximum])
    if isinstance(default(name), float):
        typed = st.integers(2, 6).flatmap(
            lambda digits: st.floats(item.minimum, item.maximum).map(lambda x: round(x, digits))
        )
        small = st.floats(-6, 1).map(lambda power: 10**power)
        possible = (typed | small).filter(lambda x: item.minimum <= x <= item.maximum)
        return ends | st.floats(item.minimum, item.maximum) | possible
    return ends | st.integers(int(item.minimum), int(item.maximum))


@pytest.mark.parametrize("name", NUMBERS)
@patient
@given(data=st.data())
def test_a_step_from_any_value_leads_to_another_valid_one(name, data):
    item = field_table()[name]
    value = data.draw(numbers_of(name))
    for sign in (1, -1):
        after = pressed(item, value, sign)
        if after is not None:
            assert item.minimum <= after <= item.maximum
            assert (after - value) * sign > 0
    assert pressed(item, value, 1) is not None or pressed(item, value, -1) is not None


@pytest.mark.parametrize("name", [name for name in NUMBERS if field_table()[name].stops])
@patient
@given(data=st.data())
def test_stops_lead_from_any_value_to_both_ends(name, data):
    item = field_table()[name]
    value = data.draw(numbers_of(name))
    up, down = item.next_stop(value), item.previous_stop(value)
    assert up is None or value < up <= item.maximum
    assert down is None or item.minimum <= down < value
    assert (item.stops[0], item.stops[-1]) == (item.minimum, item.maximum)
    assert (up is None) is (value == item.maximum)
    assert (down is None) is (value == item.minimum)


def test_steps_that_people_expect():
    table = field_table()
    assert table["batch_size"].next_stop(32) == 64
    assert table["batch_size"].previous_stop(32) == 16
    assert table["batch_size"].next_stop(100) == 128
    assert table["ema_momentum"].next_stop(0.0) == 0.9
    assert table["ema_momentum"].next_stop(0.999) == 0.9999
    assert pressed(table["learning_rate"], 0.01, 1) == 0.011
    assert pressed(table["learning_rate"], 0.001, -1) == 0.0009
    assert pressed(table["training_images"], 60_000, -1) == 59_000
