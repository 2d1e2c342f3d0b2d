"""A recipe from a command line: preset or file, with single settings replaced."""

import argparse
import json
from pathlib import Path
from typing import Any

from fmnist.recipe import PRESETS, Recipe, field_table, to_text


def add_recipe_options(parser: argparse.ArgumentParser, several: bool = False) -> None:
    """Give a command the preset, the file, and an option for each field of a recipe.

    Parameters
    ----------
    several : whether an option takes several values, with commas between
    """
    parser.add_argument("--preset", choices=sorted(PRESETS), default="notebook")
    parser.add_argument("--recipe", type=Path, metavar="FILE", help="recipe as JSON, from a run")
    for name, item in field_table().items():
        preset = to_text(getattr(PRESETS["notebook"], name))
        parser.add_argument(
            f"--{name.replace('_', '-')}",
            dest=name,
            metavar="VALUE[,VALUE…]" if several and name != "seed" else "VALUE",
            help=f"{item.help} Default: {preset}.".replace("%", "%%"),
        )


def chosen_recipe(chosen: argparse.Namespace) -> Recipe:
    """Preset or file, with single settings replaced."""
    return recipe_with(chosen, given_settings(chosen))


def given_settings(chosen: argparse.Namespace) -> dict[str, str]:
    """The settings that were named, as text."""
    return {
        name: getattr(chosen, name) for name in field_table() if getattr(chosen, name) is not None
    }


def recipe_with(chosen: argparse.Namespace, given: dict[str, str]) -> Recipe:
    """Preset or file with these settings in it."""
    values = PRESETS[chosen.preset].to_dict()
    if chosen.recipe is not None:
        values = read_recipe(chosen.recipe)
    if "optimizer" in given and "learning_rate" not in given:
        values.pop("learning_rate", None)  # the new optimizer's own default
    return Recipe.from_mapping(values | given)


def read_recipe(path: Path) -> dict[str, Any]:
    """Recipe as a page gives it for download, or as ``recipe.json`` of a run folder."""
    try:
        content = json.loads(path.read_text())
    except (OSError, ValueError) as problem:
        raise ValueError(f"{path} cannot be read as a recipe: {problem}.") from problem
    if isinstance(content, dict) and isinstance(content.get("recipe"), dict):
        content = content["recipe"]
    if not isinstance(content, dict):
        raise ValueError(f"{path} is no recipe: it takes a JSON object with settings.")
    return content
