"""A recipe in words: the one place that turns its values into text for people."""

from collections import Counter
from collections.abc import Sequence

from fmnist.classes import CLASS_COUNT, PIXELS
from fmnist.recipe import Recipe, default, field_table

# These are always told, in their own way; other fields are told when they are not the default.
TOLD_FIRST = ("hidden_units", "optimizer", "learning_rate", "batch_size", "epochs")


def describe(recipe: Recipe) -> str:
    """A recipe in one line."""
    units, optimizer, rate, batch, epochs = (_value(recipe, name) for name in TOLD_FIRST)
    parts = [
        "–".join(filter(None, (str(PIXELS), units, str(CLASS_COUNT)))),
        f"{optimizer} {rate}",
        f"batch {batch}",
        f"{epochs} epoch{'' if recipe.epochs == 1 else 's'}",
    ]
    for name, item in field_table().items():
        if name not in TOLD_FIRST and getattr(recipe, name) != default(name):
            parts.append(f"{in_a_sentence(item.label)} {_value(recipe, name)}")
    return " · ".join(parts)


def differences(recipes: Sequence[Recipe]) -> list[str]:
    """What each recipe has that most of them have not, in words: "Adam, learning rate 0.003".

    Empty for a recipe that is as most are.
    """
    usual = {
        name: Counter(getattr(recipe, name) for recipe in recipes).most_common(1)[0][0]
        for name in (field_table() if recipes else ())
    }
    return [
        ", ".join(
            value_in_words(recipe, name)
            for name, value in usual.items()
            if getattr(recipe, name) != value
        )
        for recipe in recipes
    ]


def fields_that_differ(recipes: Sequence[Recipe]) -> list[str]:
    """Names of the fields that are not the same in all recipes, in the order of the form."""
    return [
        name for name in field_table() if len({getattr(recipe, name) for recipe in recipes}) > 1
    ]


def value_in_words(recipe: Recipe, name: str) -> str:
    """A field with its value, as it stands within a sentence: "learning rate 0.003"."""
    if name == "optimizer":
        return recipe.optimizer
    label = in_a_sentence(field_table()[name].label)
    return f"{label} {_value(recipe, name) or 'none'}"


def brief(recipe: Recipe) -> str:
    """What distinguishes a run from its neighbours in a list, in a few words."""
    rate = _value(recipe, "learning_rate")
    return f"{recipe.optimizer} {rate}, seed {recipe.seed}"


def _value(recipe: Recipe, name: str) -> str:
    return field_table()[name].words(getattr(recipe, name))


def in_a_sentence(label: str) -> str:
    """A label without its capital, unless that belongs to the word, as in L2."""
    return label if label[:2].isupper() else label[0].lower() + label[1:]
