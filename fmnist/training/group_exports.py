"""What a person can take away from a group of runs: one table, and all recipes and histories."""

import csv
import io
import zipfile
from collections.abc import Sequence
from typing import Any

from fmnist.recipe import field_table, to_text
from fmnist.spreadsheet import cell
from fmnist.training.exports import epochs_csv, recipe_json
from fmnist.training.summaries import Summary

FIGURES = ("completed", "best_val_accuracy", "last_val_accuracy", "last_val_loss",
           "test_accuracy", "test_loss", "seconds")  # fmt: skip


def table_csv(members: Sequence[Summary]) -> str:
    """One line per run: its id, every setting of its recipe, and its figures."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["run", *field_table(), *FIGURES, "data"])
    for item in members:
        settings = [to_text(getattr(item.run.recipe, name)) for name in field_table()]
        row = figures(item)
        values = ["" if row[name] is None else row[name] for name in FIGURES]
        writer.writerow([item.run.id, *settings, *values, cell(item.data_name)])
    return text.getvalue()


def figures(item: Summary) -> dict[str, Any]:
    """The figures of a run by name; None for what it does not have yet."""
    last = item.epochs[-1] if item.epochs else None
    return {
        "completed": item.completed,
        "best_val_accuracy": item.best,
        "last_val_accuracy": last.val_accuracy if last else None,
        "last_val_loss": last.val_loss if last else None,
        "test_accuracy": item.test.accuracy if item.test else None,
        "test_loss": item.test.loss if item.test else None,
        "seconds": round(item.seconds, 3),
    }


def archive(members: Sequence[Summary]) -> bytes:
    """A zip with the table, and a folder for each run with its recipe and its history."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("runs.csv", table_csv(members))
        for item in members:
            file.writestr(f"{item.run.id}/recipe.json", recipe_json(item.run.recipe))
            history = epochs_csv(item.epochs, item.data_name)
            file.writestr(f"{item.run.id}/history.csv", history)
    return buffer.getvalue()
