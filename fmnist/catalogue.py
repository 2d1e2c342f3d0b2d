"""The models that a person can choose: those that come with the app, and finished runs.

They are read in this process: what is bundled came with the code, and the models of runs were
written by our own workers. Each is an archive with checksums, so that damage is found before the
weights are looked into. Files of strangers are opened by `fmnist.sandbox`.

A model is named by its *ref*, which also stands in the URL: ``tuned``, ``notebook`` or the id of
a run.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from fmnist.network import ModelError, Network, read_network
from fmnist.recipe import PRESETS, Recipe
from fmnist.training import runs
from fmnist.training.kept import KeptWeights
from fmnist.training.summaries import Summaries, Summary

MODELS_DIR = Path(__file__).parent.parent / "assets" / "models"
BUNDLED: dict[str, str] = {
    "tuned": "Tuned: the classic network, trained longer and on varied images",
    "notebook": "Notebook: the classic network, trained the classic way",
}
DATA_NAME = "Fashion-MNIST"


@dataclass(frozen=True)
class ModelChoice:
    """One entry of the list to choose from.

    Attributes
    ----------
    ref : "tuned", "notebook" or the id of a run
    label : what to call it, in words for people
    """

    ref: str
    label: str


@dataclass(frozen=True)
class Model:
    """A trained model, ready to answer.

    Attributes
    ----------
    ref : what it is called in the URL
    label : what it is called on the page
    network : the dense layers
    recipe : how it was trained; None if that is not known
    data_name : what it was trained on, in words
    data_official : whether that was Fashion-MNIST itself
    """

    ref: str
    label: str
    network: Network
    recipe: Recipe | None
    data_name: str
    data_official: bool


def model_choices(known: list[Summary]) -> list[ModelChoice]:
    """Everything that can be opened now: bundled models first, then runs, newest first.

    No two have the same label, since people and select boxes go by it.

    Parameters
    ----------
    known : all runs that can be shown, newest first
    """
    bundled = [
        ModelChoice(ref, label) for ref, label in BUNDLED.items() if _bundled_path(ref).is_file()
    ]
    labels = told_apart({item.run.id: _run_label(item) for item in known if item.has_model})
    return bundled + [ModelChoice(ref, label) for ref, label in labels.items()]


def told_apart(labels: dict[str, str]) -> dict[str, str]:
    """Labels of runs by their id; those that are the same get the end of the id as well.

    People and select boxes go by labels: of two that are the same, only one could be chosen.
    """
    count = Counter(labels.values())
    return {
        run_id: f"{label} ({run_id[-6:]})" if count[label] > 1 else label
        for run_id, label in labels.items()
    }


def open_model(ref: str) -> Model:
    """Read a model.

    Parameters
    ----------
    ref : "tuned", "notebook" or the id of a run

    Raises
    ------
    ModelError
        If there is no such model, or it is damaged; the message is one plain sentence.
    """
    if ref in BUNDLED:
        network = read_network(_bundled_path(ref), f"the bundled model {ref!r}")
        return Model(ref, BUNDLED[ref], network, PRESETS.get(ref), DATA_NAME, True)
    try:
        run = runs.open_run(ref)
        summary = Summaries().of(run)
    except runs.RunError as problem:
        raise ModelError(
            f"{problem} Choose {' or '.join(map(repr, BUNDLED))}, or the id of a finished run."
        ) from problem
    if not run.has_model():
        raise ModelError(f"Run {run.id} has no model yet; it gets one when its training ends.")
    return Model(
        ref=run.id,
        label=_run_label(summary),
        network=read_network(run.model_path, f"the model of run {run.id}"),
        recipe=None if run.foreign else run.recipe,
        data_name=summary.data_name or DATA_NAME,
        data_official=summary.data_official,
    )


def kept_weights(ref: str) -> KeptWeights | None:
    """The weights through time of a bundled model, if they come with it."""
    folder = MODELS_DIR / ref
    return KeptWeights(folder, PRESETS[ref].hidden_units) if folder.is_dir() else None


def version(ref: str) -> int:
    """A number that changes with the model's file or what it is called; 0 without a file."""
    try:
        if ref in BUNDLED:
            return _bundled_path(ref).stat().st_mtime_ns
        run = runs.open_run(ref)
        label = run.events_path.stat().st_mtime_ns if run.has_begun() else 0
        return run.model_path.stat().st_mtime_ns + label
    except (OSError, runs.RunError):
        return 0


def _bundled_path(ref: str) -> Path:
    return MODELS_DIR / f"{ref}.keras"


def _run_label(item: Summary) -> str:
    """Such as "Run of 22 Nov 08:15, 50 epochs, 87.6% on the test images"."""
    when = time.strftime("%d %b %H:%M", time.localtime(item.run.created))
    parts = [f"Run of {when}", f"{item.completed} epoch{'s' * (item.completed != 1)}"]
    if item.test is not None:
        # A figure measured on other data says so, because it cannot be compared with the rest.
        kind = "test images" if item.data_official else "stand-in images"
        parts.append(f"{item.test.accuracy:.1%} on the {kind}")
    return ", ".join(parts)
