"""Every field of a recipe, at its ends and choices, through form, link and lists of runs."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from fmnist.recipe import PRESETS, Recipe, default, field_table
from fmnist.recipe_words import describe
from fmnist.training import runs
from tests.pages.test_home import words
from tests.pages.train_runs import query, table
from tests.unit.test_recipe import ends_and_choices

Visit = Callable[..., AppTest]
TRAIN = "pages/train.py"


# Each field alone at each choice or at both ends, and the presets.
RECIPES = PRESETS | {
    f"{name}={value}": Recipe.from_mapping({name: value}) for name, value in ends_and_choices()
}


@pytest.mark.parametrize("case", RECIPES)
def test_link_form_and_words_agree(visit: Visit, case: str) -> None:
    recipe = RECIPES[case]
    app = visit(TRAIN, **recipe.to_query())
    assert not app.warning
    assert describe(recipe) in words(app)
    assert Recipe.from_mapping(query(app)) == recipe
    # The widgets hold every value: what they say is what the next run of the script reads.
    app.run()
    assert not app.exception
    assert Recipe.from_mapping(query(app)) == recipe


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_fills_the_form(visit: Visit, name: str) -> None:
    app = visit(TRAIN, epochs="3")
    app.button_group(key="preset").set_value(name).run()
    assert not app.exception
    assert Recipe.from_mapping(query(app)) == PRESETS[name]
    assert describe(PRESETS[name]) in words(app)


@pytest.mark.parametrize("name", [name for name, item in field_table().items() if item.choices])
def test_every_choice_can_be_chosen(visit: Visit, name: str) -> None:
    app = visit(TRAIN)
    for choice in field_table()[name].choices:
        app.selectbox(key=f"recipe_{name}").set_value(choice).run()
        assert not app.exception
        assert getattr(Recipe.from_mapping(query(app)), name) == choice


@pytest.mark.parametrize("page", ["streamlit_app.py", TRAIN])
def test_lists_word_runs_of_every_recipe(
    visit: Visit, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    monkeypatch.setenv("FMNIST_MAX_RUNS", str(len(RECIPES) + 1))
    for recipe in RECIPES.values():
        runs.create(recipe)
    told = {row["recipe"] for row in table(visit(page))}
    assert {describe(recipe) for recipe in RECIPES.values()} == told


@pytest.mark.parametrize("name", [name for name, item in field_table().items() if item.stops])
def test_buttons_lead_through_all_stops_and_back(visit: Visit, name: str) -> None:
    item = field_table()[name]
    kind = type(default(name))
    app = visit(TRAIN, **{name: str(kind(item.minimum))})
    seen = [kind(item.minimum)]
    for _ in item.stops[1:]:
        app.button(key=f"add-{name}").click().run()
        assert not app.exception
        seen.append(getattr(Recipe.from_mapping(query(app)), name))
        assert app.number_input(key=f"recipe_{name}").value == seen[-1]
    assert seen == [kind(stop) for stop in item.stops]
    assert app.button(key=f"add-{name}").disabled
    app.button(key=f"remove-{name}").click().run()
    assert getattr(Recipe.from_mapping(query(app)), name) == item.stops[-2]


def test_a_number_between_two_stops_is_kept_and_stepped_from(visit: Visit) -> None:
    app = visit(TRAIN)
    app.number_input(key="recipe_batch_size").set_value(100).run()
    assert query(app) == {"batch_size": "100"}
    app.button(key="remove-batch_size").click().run()
    assert query(app) == {"batch_size": "64"}
