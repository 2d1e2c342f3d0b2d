"""``sweep``: one or two settings over lists of values, times seeds, as one group of runs."""

import argparse
import json
import sys
import time
from contextlib import closing
from typing import Any

from fmnist.cli.recipes import add_recipe_options, given_settings, recipe_with
from fmnist.insight.seeds import spread
from fmnist.recipe import Recipe, to_text
from fmnist.recipe_words import describe
from fmnist.training import groups
from fmnist.training.group_exports import figures
from fmnist.training.progress import LIVE
from fmnist.training.queue import JobQueue
from fmnist.training.run import Control
from fmnist.training.runs import Run, RunError
from fmnist.training.summaries import Summaries, Summary

LOOK_SECONDS = 0.3


def add_sweep(parsers: Any) -> None:
    """Add the command."""
    parser = parsers.add_parser(
        "sweep",
        help="train one or two settings over lists of values, times seeds",
        description="A setting with several values, with commas between, is varied.",
    )
    parser.add_argument(
        "--seeds", type=int, default=1, help="runs of each, from --seed on; default: 1"
    )
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    add_recipe_options(parser, several=True)
    parser.set_defaults(run=_sweep)


def planned(chosen: argparse.Namespace) -> list[Recipe]:
    """The recipes of a command line. Raises ValueError, with one sentence, if it makes no group."""
    given = given_settings(chosen)
    values = {
        name: groups.read_values(name, text)
        for name, text in given.items()
        if name in groups.SWEPT and "," in text
    }
    single = {name: text for name, text in given.items() if name not in values}
    return groups.plan(recipe_with(chosen, single), values, chosen.seeds, single)


def _sweep(chosen: argparse.Namespace) -> int:
    recipes = planned(chosen)
    group, reader = groups.new_id(), Summaries()
    with closing(JobQueue()) as queue:
        made = queue.start_group(recipes, "", group)
        print(f"group {group}: {len(made)} runs", file=sys.stderr)
        try:
            _wait(made, reader)
        except KeyboardInterrupt:
            for run in made:
                if not queue.withdraw(run.id):
                    run.ask(Control("stop"))
            raise
        failures = [failure for run in made if (failure := queue.failure(run.id))]
    if failures:
        raise RunError(failures[0])
    members = groups.runs_of(group, reader.sound())
    print(*_table(members), sep="\n", file=sys.stderr)
    if chosen.json:
        print(json.dumps(_summary(group, members)))
    return 0


def _wait(made: list[Run], reader: Summaries) -> None:
    """Until all have ended, with a line that says how many have."""
    while True:
        live = sum(reader.state(run) in LIVE for run in made)
        ended = len(made) - live
        sys.stderr.write(f"\r[{'#' * ended}{'.' * live}] {ended} of {len(made)} runs")
        sys.stderr.flush()
        if not live:
            sys.stderr.write("\n")
            return
        time.sleep(LOOK_SECONDS)


def _table(members: list[Summary]) -> list[str]:
    lines = []
    for variant in groups.variants(members):
        best = [item.best for item in variant.runs if item.best is not None]
        if not best:
            lines.append(f"no epoch   {describe(variant.recipe)}")
            continue
        told = spread(best)
        around = "" if told.deviation is None else f" ± {told.deviation:.4f} ({told.count} seeds)"
        lines.append(
            f"best validation accuracy {told.mean:.4f}{around}   {describe(variant.recipe)}"
        )
    return lines


def _summary(group: str, members: list[Summary]) -> dict[str, Any]:
    varied = [*groups.varied_fields([item.run.recipe for item in members]), "seed"]
    return {
        "group": group,
        "runs": [
            {
                "run": item.run.id,
                **{name: to_text(getattr(item.run.recipe, name)) for name in varied},
                **figures(item),
                "data": item.data_name,
            }
            for item in members
        ],
    }
