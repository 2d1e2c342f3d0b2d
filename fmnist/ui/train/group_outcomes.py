"""What the figures of a group of runs tell: each run, each variant, and whether two differ."""

import itertools

import numpy as np
import streamlit as st

from fmnist.charts.groups import outcome_heatmap, outcomes
from fmnist.insight.seeds import Spread, verdict, welch
from fmnist.recipe import field_table
from fmnist.training.progress import FINISHED
from fmnist.ui.parts import address
from fmnist.ui.parts.group_data import Group, best_accuracies, in_per_cent, spread_of
from fmnist.ui.parts.parameters import RUN
from fmnist.ui.parts.plot import Click, plot
from fmnist.ui.parts.text import plain


def show_outcomes(group: Group) -> None:
    """Draw the plot, the table, and what a test says of the two best variants."""
    _outcomes(group)
    _table(group)
    _verdicts(group)


def _outcomes(group: Group) -> None:
    """A dot for each run, or a heatmap over two settings; a click opens the run."""
    varied = group.varied
    if len(varied) == 2 and len(group.variants) > 3:
        _heatmap(group, varied[0], varied[1])
        return
    table = field_table()
    axis = ", ".join(table[name].label for name in varied) or "Recipe"
    if len(varied) == 1:
        labels = [table[varied[0]].words(getattr(v.recipe, varied[0])) or "none"
                  for v in group.variants]  # fmt: skip
    else:
        labels = list(group.names)
    with_epochs = [[i for i in v.runs if i.best is not None] for v in group.variants]
    values = [[item.best or 0.0 for item in items] for items in with_epochs]
    ids = [[item.run.id for item in items] for items in with_epochs]
    plot(outcomes(labels, values, ids, axis), "group-outcomes", 340, on_click=_open_dot)
    st.caption("Each dot is the best validation accuracy of a run: a click opens it.")


def _heatmap(group: Group, row: str, column: str) -> None:
    table = field_table()
    by_values = {(getattr(v.recipe, row), getattr(v.recipe, column)): v for v in group.variants}
    rows = list(dict.fromkeys(key[0] for key in by_values))
    columns = list(dict.fromkeys(key[1] for key in by_values))
    means = np.full((len(rows), len(columns)), np.nan)
    for (i, first), (j, second) in itertools.product(enumerate(rows), enumerate(columns)):
        variant = by_values.get((first, second))
        told = spread_of(best_accuracies(variant)) if variant else None
        means[i, j] = told.mean if told else np.nan

    def open_cell(click: Click) -> None:
        if isinstance(click.point_number, tuple):
            i, j = click.point_number
            variant = by_values.get((rows[i], columns[j]))
            if variant is not None:
                best = max(variant.runs, key=lambda item: item.best or 0.0)
                address.replace(RUN.query(best.run.id))

    figure = outcome_heatmap(
        [table[row].words(value) or "none" for value in rows],
        [table[column].words(value) or "none" for value in columns],
        means,
        table[row].label,
        table[column].label,
    )
    plot(figure, "group-outcomes", 120 + 48 * len(rows), on_click=open_cell)
    st.caption("Best validation accuracy, mean over the seeds: a click opens the best run of it.")


def _open_dot(click: Click) -> None:
    if isinstance(click.customdata, str):
        address.replace(RUN.query(click.customdata))


def _table(group: Group) -> None:
    """Mean and standard deviation of each variant."""
    finished = all(state == FINISHED for state in group.states)
    lines = ["| | Runs | Best validation accuracy | Last validation accuracy | Test accuracy |",
             "|---|--:|--:|--:|--:|"]  # fmt: skip
    for name, variant in zip(group.names, group.variants, strict=True):
        last = [item.epochs[-1].val_accuracy for item in variant.runs if item.epochs]
        test = [item.test.accuracy for item in variant.runs if item.test]
        cells = [
            _cell(spread_of(best_accuracies(variant))),
            _cell(spread_of(last)),
            _cell(spread_of(test)) if finished else "when all have finished",
        ]
        lines.append(f"| {plain(name)} | {len(variant.runs)} | {' | '.join(cells)} |")
    st.markdown("\n".join(lines))


def _cell(told: Spread | None) -> str:
    return "–" if told is None else in_per_cent(told)


def _verdicts(group: Group) -> None:
    """Whether the best differs from the next by more than noise."""
    figures = {
        name: values
        for name, variant in zip(group.names, group.variants, strict=True)
        if (values := best_accuracies(variant))
    }
    if len(figures) < 2:
        return
    first, second = sorted(figures, key=lambda name: -np.mean(figures[name]))[:2]
    test = welch(figures[first], figures[second])
    st.markdown(plain(verdict(test, first[:1].upper() + first[1:], second)))
    if test is not None:
        st.caption(
            "Welch's test of the best validation accuracies. It takes the runs for independent and "
            "their figures for about normally distributed, which few runs cannot show. Where many "
            "variants are compared, the best of them owes more to luck than the test knows."
        )
