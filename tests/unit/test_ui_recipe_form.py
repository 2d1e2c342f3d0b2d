import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fmnist.recipe import OPTIMIZERS, PRESETS, Recipe
from fmnist.ui.recipe_form import describe, read_query, to_query

recipes = st.builds(
    Recipe,
    epochs=st.integers(1, 1000),
    batch_size=st.integers(1, 4096),
    seed=st.integers(0, 2**31 - 1),
    optimizer=st.sampled_from(list(OPTIMIZERS)),
    learning_rate=st.sampled_from([0.01, 0.001]) | st.floats(1e-6, 10.0),
    momentum=st.floats(0.0, 0.999),
    weight_decay=st.floats(0.0, 1.0),
    hidden_units=st.lists(st.integers(1, 512), max_size=3).map(tuple),
    dropout=st.floats(0.0, 0.9),
    l2=st.floats(0.0, 1.0),
    training_images=st.integers(1000, 60_000),
    validation_split=st.floats(0.01, 0.9),
)


@settings(deadline=None)  # a busy machine is no failure
@given(recipes)
def test_a_link_holds_the_whole_recipe(recipe: Recipe) -> None:
    assert read_query(to_query(recipe)) == (recipe, ())


def test_the_notebooks_recipe_needs_no_link() -> None:
    assert to_query(PRESETS["notebook"]) == {}


@pytest.mark.parametrize("rate", [0.01, 0.001])
def test_the_rate_stands_beside_another_optimizer(rate: float) -> None:
    query = to_query(Recipe(optimizer="Adam", learning_rate=rate))
    assert query == {"optimizer": "Adam", "learning_rate": str(rate)}


def test_bad_values_are_left_out_and_explained_one_by_one() -> None:
    recipe, problems = read_query({"epochs": "-5", "learning_rate": "abc", "seed": "3"})
    assert recipe == Recipe(seed=3)
    assert len(problems) == 2
    assert "-5" in problems[0]
    assert "abc" in problems[1]


def test_what_is_no_setting_is_passed_over() -> None:
    assert read_query({"run": "x", "utm_source": "mail", "epochs": "2"}) == (Recipe(epochs=2), ())


def test_a_recipe_in_one_line() -> None:
    assert describe(Recipe()) == "784–100–75–10 · SGD 0.01 · batch 32 · 50 epochs"
    recipe = Recipe(epochs=1, hidden_units=(), dropout=0.5, training_images=2000)
    assert describe(recipe) == (
        "784–10 · SGD 0.01 · batch 32 · 1 epoch · dropout 0.5 · training images 2,000"
    )
