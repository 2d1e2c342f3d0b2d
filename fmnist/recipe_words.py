"""A recipe in words: the one place that turns its values into text for people."""

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
            parts.append(f"{_in_a_sentence(item.label)} {_value(recipe, name)}")
    return " · ".join(parts)


def brief(recipe: Recipe) -> str:
    """What distinguishes a run from its neighbours in a list, in a few words."""
    rate = _value(recipe, "learning_rate")
    return f"{recipe.optimizer} {rate}, seed {recipe.seed}"


def _value(recipe: Recipe, name: str) -> str:
    return field_table()[name].words(getattr(recipe, name))


def _in_a_sentence(label: str) -> str:
    """A label without its capital, unless that belongs to the word, as in L2."""
    return label if label[:2].isupper() else label[0].lower() + label[1:]
