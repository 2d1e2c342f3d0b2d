import pytest
from hypothesis import given, settings

from fmnist.recipe import PRESETS, Recipe
from fmnist.ui.train.form import read_query, to_query
from tests.unit.test_recipe import recipes


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
