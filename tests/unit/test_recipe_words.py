"""A recipe in words: every field with every kind of value that it can have."""

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis

from fmnist.recipe import PRESETS, Recipe, default
from fmnist.recipe_words import brief, describe
from tests.unit.test_recipe import ends_and_choices, recipes


@pytest.mark.parametrize(("name", "value"), ends_and_choices())
def test_every_field_at_its_ends_and_choices_is_in_words(name, value):
    usual = describe(Recipe())
    words = describe(Recipe(**{name: value}))
    assert (words == usual) is (value == default(name))
    if isinstance(value, str) and value != default(name):
        assert value in words


def test_a_recipe_in_one_line():
    assert describe(Recipe()) == "784–100–75–10 · SGD 0.01 · batch 32 · 50 epochs"
    recipe = Recipe(epochs=1, hidden_units=(), dropout=0.5, training_images=2000)
    assert describe(recipe) == (
        "784–10 · SGD 0.01 · batch 32 · 1 epoch · dropout 0.5 · training images 2,000"
    )
    assert describe(Recipe(l2=1e-4)).endswith("50 epochs · L2 penalty 0.0001")


def test_the_presets_in_one_line():
    assert set(PRESETS) == {"notebook", "tuned"}
    assert describe(PRESETS["tuned"]) == (
        "784–100–75–10 · AdamW 0.003 · batch 256 · 400 epochs · learning rate schedule cosine · "
        "weight decay 0.05 · weight averaging 0.999 · augmentation taught · "
        "validation split 0.05"
    )


@hypothesis(deadline=None)
@given(recipes)
def test_any_recipe_has_words(recipe):
    assert "·" in describe(recipe)
    assert brief(recipe).endswith(f"seed {recipe.seed}")
