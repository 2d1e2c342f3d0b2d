"""A group of runs as its page shows it: members, variants, their names and figures."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fmnist.arrays import Float64
from fmnist.charts.groups import Curve
from fmnist.insight import seeds
from fmnist.insight.seeds import Spread
from fmnist.recipe_words import value_in_words
from fmnist.training import groups
from fmnist.training.groups import Variant
from fmnist.training.progress import LIVE
from fmnist.training.summaries import Summary
from fmnist.ui.parts.known_runs import summaries


@dataclass(frozen=True)
class Group:
    """What is known of one or two groups that are looked at together.

    Attributes
    ----------
    states : of the members, in their order
    names : of the variants, in their order
    """

    members: tuple[Summary, ...]
    states: tuple[str, ...]
    variants: tuple[Variant, ...]
    names: tuple[str, ...]

    @property
    def live(self) -> int:
        """How many of them wait or train."""
        return sum(state in LIVE for state in self.states)

    @property
    def epochs(self) -> int:
        """Length of the longest run."""
        return max(item.run.recipe.epochs for item in self.members)

    @property
    def varied(self) -> list[str]:
        """The settings in which the variants differ."""
        return groups.varied_fields([variant.recipe for variant in self.variants])


def read_groups(ids: Sequence[str]) -> Group | None:
    """The runs of these groups together, as they are now; None if there are none."""
    known = summaries().sound()
    members = tuple(item for group in ids for item in groups.runs_of(group, known))
    if not members:
        return None
    states = tuple(summaries().state(item.run) for item in members)
    found = groups.variants(members)
    varied = groups.varied_fields([variant.recipe for variant in found])
    names = tuple(
        ", ".join(value_in_words(variant.recipe, name) for name in varied) or "this recipe"
        for variant in found
    )
    return Group(members, states, tuple(found), names)


def curves(group: Group, metric: str) -> list[Curve]:
    """The figures of every variant by epoch."""
    return [
        Curve(name, _table(variant.runs, metric, group.epochs))
        for name, variant in zip(group.names, group.variants, strict=True)
    ]


def best_accuracies(variant: Variant) -> list[float]:
    """Best validation accuracy of each of its runs that has an epoch."""
    return [item.best for item in variant.runs if item.best is not None]


def spread_of(values: Sequence[float]) -> Spread | None:
    """Their spread; None if there is no figure yet."""
    return seeds.spread(values) if values else None


def in_per_cent(told: Spread) -> str:
    """A mean share with its deviation, such as "86.41 ± 0.23 %"."""
    around = "" if told.deviation is None else f" ± {100 * told.deviation:.2f}"
    return f"{100 * told.mean:.2f}{around} %"


def _table(members: Sequence[Summary], metric: str, epochs: int) -> Float64:
    table = np.full((len(members), epochs), np.nan)
    for row, item in zip(table, members, strict=True):
        for epoch in item.epochs:
            if epoch.epoch <= epochs:
                row[epoch.epoch - 1] = getattr(epoch, metric)
    return table
