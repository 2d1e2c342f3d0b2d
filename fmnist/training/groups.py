"""Several runs started as one: a recipe over seeds, or one or two settings over lists of values.

Each run of a group says in its ``recipe.json`` which group it belongs to; nothing else keeps a
group together, so it can be deleted, shared and read run by run.
"""

import itertools
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from fmnist.recipe import OPTIMIZERS, Recipe, field_table, to_text
from fmnist.training.summaries import Summary

T = TypeVar("T")

MAX_RUNS, MAX_SEEDS, MAX_FIELDS, MAX_VALUES = 100, 20, 2, 20
MAX_SEED = 2**31 - 1
GROUP_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)
SWEPT = tuple(name for name in field_table() if name != "seed")  # seeds have a number of their own


@dataclass(frozen=True)
class Variant:
    """The runs of a group that differ in their seeds alone.

    Attributes
    ----------
    recipe : of the first of them
    runs : in the order of their seeds
    """

    recipe: Recipe
    runs: tuple[Summary, ...]


def new_id() -> str:
    """Id of a new group; whoever does not have it cannot guess it."""
    return secrets.token_hex(16)


def read_values(name: str, text: str) -> tuple[Any, ...]:
    """Values of a setting, with commas between them: "0.001, 0.01" or "100-75, 50, none".

    Raises
    ------
    ValueError
        If the setting cannot be swept, or a value is not allowed; the message says which and why.
    """
    if name not in SWEPT:
        raise ValueError(f"{name[:20]!r} is no setting that can be varied.")
    parts = [part.strip() for part in text.split(",", 10 * MAX_VALUES)]
    parts = [part for part in parts if part]
    if not parts:
        raise ValueError(f"{field_table()[name].label} needs values, with commas between them.")
    values = tuple(
        dict.fromkeys(getattr(Recipe.from_mapping({name: part}), name) for part in parts)
    )
    if len(values) > MAX_VALUES:
        raise ValueError(
            f"{field_table()[name].label} has {len(values)} values; at most {MAX_VALUES} are taken."
        )
    return values


def plan(
    base: Recipe, values: Mapping[str, Sequence[Any]], seeds: int, given: Iterable[str] = ()
) -> list[Recipe]:
    """The recipes of a group: every combination of the values, each over so many seeds.

    A swept optimizer brings its own default rate, as in the form, unless the rate is swept too or
    named in `given`.

    Raises
    ------
    ValueError
        If that would be no group, or too large a one.
    """
    if not 1 <= seeds <= MAX_SEEDS:
        raise ValueError(f"{seeds} seeds: there can be 1 to {MAX_SEEDS}.")
    if len(values) > MAX_FIELDS:
        raise ValueError(f"{len(values)} settings are varied; at most {MAX_FIELDS} can be.")
    if base.seed + seeds - 1 > MAX_SEED:
        raise ValueError(f"Seeds from {base.seed} on run out: the last is {MAX_SEED}.")
    count = seeds
    for several in values.values():
        count *= len(several)
    if count > MAX_RUNS:
        raise ValueError(f"That makes {count:,} runs; a group has at most {MAX_RUNS}.")
    if count < 2:
        raise ValueError("One run is no group: take several seeds, or several values.")
    own_rate = "optimizer" in values and not {"learning_rate"} & {*values, *given}
    recipes = []
    for combination in itertools.product(*values.values()):
        changes = dict(zip(values, combination, strict=True))
        if own_rate:
            changes["learning_rate"] = OPTIMIZERS[changes["optimizer"]]
        recipe = replace(base, **changes)
        recipes += [replace(recipe, seed=base.seed + number) for number in range(seeds)]
    return recipes


def runs_of(group: str, known: Iterable[Summary]) -> list[Summary]:
    """The runs of a group, in the order in which they were started."""
    return sorted((item for item in known if item.run.group == group), key=lambda i: i.run.id)


def variants(members: Iterable[Summary]) -> list[Variant]:
    """Runs of a group, put together where they differ in the seed alone."""
    found: dict[Recipe, list[Summary]] = {}
    for item in members:
        found.setdefault(replace(item.run.recipe, seed=0), []).append(item)
    ordered = [sorted(items, key=lambda item: item.run.recipe.seed) for items in found.values()]
    return [Variant(items[0].run.recipe, tuple(items)) for items in ordered]


def varied_fields(recipes: Sequence[Recipe]) -> list[str]:
    """The settings, but for the seed, that are not the same in all recipes.

    The rate that an optimizer brings along does not count as varied.
    """
    names = [name for name in SWEPT if len({getattr(item, name) for item in recipes}) > 1]
    own = all(item.learning_rate == OPTIMIZERS[item.optimizer] for item in recipes)
    if "optimizer" in names and "learning_rate" in names and own:
        names.remove("learning_rate")
    return names


def sweep_text(values: Mapping[str, Sequence[Any]]) -> str:
    """Values as they stand in an address: "learning_rate:0.01,0.1;momentum:0.0,0.9"."""
    return ";".join(f"{name}:{','.join(map(to_text, several))}" for name, several in values.items())


def read_sweep(text: str) -> dict[str, tuple[Any, ...]]:
    """Values of an address. Raises ValueError with one sentence if it makes no sense."""
    found: dict[str, tuple[Any, ...]] = {}
    for part in text.split(";", MAX_FIELDS)[: MAX_FIELDS + 1] if text else []:
        name, _, several = part.partition(":")
        if name in found or len(found) == MAX_FIELDS:
            raise ValueError(f"At most {MAX_FIELDS} settings can be varied, each once.")
        found[name] = read_values(name, several)
    return found
