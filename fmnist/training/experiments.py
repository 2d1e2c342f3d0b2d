"""Experiments: a question, a guess, the runs that answer it, and what ours showed.

Each is a file in ``assets/experiments``, so that a teacher can add one without a line of code.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fmnist.recipe import Recipe, to_text
from fmnist.training import groups

FOLDER = Path(__file__).parents[2] / "assets" / "experiments"
NAME = re.compile(r"[a-z0-9-]{1,40}", re.ASCII)


@dataclass(frozen=True)
class Experiment:
    """One experiment.

    Attributes
    ----------
    name : of its file, in the address
    title : what it is about, in a word or two
    question : what is asked
    guesses : what may come out, one of which is chosen beforehand
    right : which of them came out in our runs, from 0
    recipe : what all its runs share
    values : settings that are varied
    seeds : runs of each
    shows : what our runs showed, in some sentences
    after : what to try next
    """

    name: str
    title: str
    question: str
    guesses: tuple[str, ...]
    right: int
    recipe: Recipe
    values: Mapping[str, tuple[Any, ...]]
    seeds: int
    shows: str
    after: str

    def recipes(self) -> list[Recipe]:
        """The recipes of its runs."""
        return groups.plan(self.recipe, self.values, self.seeds)

    def command(self) -> str:
        """The command line that shows the same."""
        settings = {
            **self.recipe.to_query(),
            **{name: ",".join(map(to_text, several)) for name, several in self.values.items()},
        }
        options = [f"--{name.replace('_', '-')} {text}" for name, text in settings.items()]
        return " ".join(["python -m fmnist sweep", *options, f"--seeds {self.seeds}"])


@cache
def experiments() -> dict[str, Experiment]:
    """All experiments by name, in the order of their files' numbers."""
    files = sorted(FOLDER.glob("*.json"))
    found = [read(path) for path in files]
    return {item.name: item for item in found}


def read(path: Path) -> Experiment:
    """One experiment from its file. Raises ValueError that names the file and what is wrong."""
    try:
        content = json.loads(path.read_text())
        item = Experiment(
            name=path.stem.partition("-")[2],
            title=content["title"],
            question=content["question"],
            guesses=tuple(content["guesses"]),
            right=content["right"],
            recipe=Recipe.from_mapping(content["recipe"]),
            values=groups.read_sweep(content["sweep"]),
            seeds=content["seeds"],
            shows=content["shows"],
            after=content["after"],
        )
        item.recipes()
        if not (NAME.fullmatch(item.name) and 0 <= item.right < len(item.guesses)):
            raise ValueError("its name, or the number of the right guess")
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise ValueError(f"The experiment {path.name} cannot be read: {problem}.") from problem
    return item
