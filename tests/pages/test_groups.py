"""Several runs from one press, and the page of a group."""

import json

import pytest

from fmnist.recipe import Recipe
from fmnist.training import groups, runs
from tests.pages.test_home import words
from tests.pages.train_runs import (
    TRAIN,
    Visit,
    act,
    button,
    finish,
    labels,
    lock_run,
    make_run,
    query,
    table,
)


def made_group(values, seeds: int, **recipe: object):
    """A group whose runs have two epochs each."""
    group = groups.new_id()
    members = []
    for planned in groups.plan(Recipe(epochs=5, **recipe), values, seeds):
        run = make_run(**planned.to_dict())
        path = run.folder / "recipe.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | {"group": group}))
        members.append(run.read())
    return group, members


def test_a_link_fills_the_fields_and_start_makes_the_group(visit: Visit, line) -> None:
    app = visit(TRAIN, epochs="3", seeds="2", sweep="learning_rate:0.01,0.1;momentum:0.0,0.9")
    assert app.number_input(key="several_seeds").value == 2
    assert "Start makes 8 runs." in words(app)
    button(app, "Start them").click().run()
    assert not app.exception
    made = [runs.open_run(name) for name in line.runs]
    assert len({(r.recipe.learning_rate, r.recipe.momentum, r.recipe.seed) for r in made}) == 8
    assert {run.group for run in made} == {query(app)["group"]}
    assert len({run.owner for run in made}) == 1 and made[0].owner
    assert "0 of 8 runs ended" in words(app)


def test_fields_and_address_stay_the_same(visit: Visit) -> None:
    app = visit(TRAIN)
    app.number_input(key="several_seeds").set_value(4).run()
    assert query(app)["seeds"] == "4"
    app.selectbox(key="several_field_0").set_value("hidden_units").run()
    app.text_input(key="several_values_0").set_value("none, 50, 100-75").run()
    assert query(app)["sweep"] == "hidden_units:none,50,100-75"
    again = visit(TRAIN, **query(app))
    assert again.text_input(key="several_values_0").value == "none, 50, 100-75"
    assert "Start makes 12 runs." in words(again)
    again.number_input(key="several_seeds").set_value(1).run()
    again.selectbox(key="several_field_0").set_value("nothing").run()
    assert {"seeds", "sweep"}.isdisjoint(query(again))
    assert "Start" in labels(again)


@pytest.mark.parametrize("name", groups.SWEPT)
def test_every_setting_can_be_varied(visit: Visit, name: str) -> None:
    app = visit(TRAIN)
    app.selectbox(key="several_field_0").set_value(name).run()
    assert not app.exception and not app.warning
    assert query(app)["sweep"].startswith(f"{name}:")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ("fast", "takes a number"),
        ("", "needs values"),
        (",".join(str(n / 1000) for n in range(1, 40)), "at most 20"),
        ("<img src=x>", "takes a number"),
    ],
)
def test_values_that_make_no_sense_are_told_and_start_nothing(
    visit: Visit, line, values: str, said: str
) -> None:
    app = visit(TRAIN)
    app.selectbox(key="several_field_0").set_value("learning_rate").run()
    app.text_input(key="several_values_0").set_value(values).run()
    assert said in words(app)
    button(app, "Start them").click().run()
    assert not app.exception and app.error
    assert not line.runs


def test_one_setting_varied_twice_is_told(visit: Visit, line) -> None:
    app = visit(TRAIN, sweep="momentum:0.0,0.9")
    app.selectbox(key="several_field_1").set_value("momentum").run()
    assert "is varied twice" in words(app)


@pytest.mark.parametrize(
    "link",
    [{"seeds": "0"}, {"seeds": "99"}, {"seeds": "x"}, {"sweep": "sky:1,2"}, {"sweep": ";;;"},
     {"sweep": "learning_rate:" + "1," * 5000}, {"sweep": "momentum:0;momentum:0"}],
)  # fmt: skip
def test_a_link_of_garbage_is_told(visit: Visit, link: dict[str, str]) -> None:
    app = visit(TRAIN, **link)
    assert not app.exception and app.warning
    assert "Start" in labels(app)


# The page of a group -----------------------------------------------------------------------------


def test_a_group_shows_means_spread_and_a_verdict(visit: Visit) -> None:
    group, members = made_group({"learning_rate": (0.01, 0.1)}, 3)
    app = visit(TRAIN, group=group)
    text = words(app)
    assert "6 runs: learning rate" in text
    assert "| learning rate 0.01 | 3 | 79.00 ± 0.00 % | 79.00 ± 0.00 % |" in text.replace("\\", "")
    assert "when all have finished" in text
    assert "may well be noise" in text and "Welch" in text
    assert {row["group"] for row in table(app)} == {group}
    for run in members:
        finish(run)
    assert "87.73 ± 0.00 %" in words(visit(TRAIN, group=group))


def test_seeds_alone_and_two_settings(visit: Visit) -> None:
    seeds, _ = made_group({}, 3)
    assert "3 runs of one recipe" in words(visit(TRAIN, group=seeds))
    square, _ = made_group({"momentum": (0.0, 0.9), "l2": (0.0, 0.1)}, 1)
    app = visit(TRAIN, group=square)
    assert "momentum and l2 penalty" in words(app)
    assert "take more seeds" in words(app)
    figures = [
        item.proto.json for item in app.get("bidi_component") if item.key == "group-outcomes"
    ]
    assert len(figures) == 1 and "heatmap" in figures[0]


def test_two_groups_are_compared(visit: Visit) -> None:
    first, _ = made_group({}, 2)
    second, _ = made_group({}, 2, optimizer="Adam", learning_rate=0.001)
    app = visit(TRAIN, group=first)
    app.selectbox(key="beside-group-chosen").set_value(second).run()
    assert not app.exception
    assert query(app) == {"group": first, "with": second}
    assert "noise" in words(app) and "| Adam | 2 |" in words(app)
    again = visit(TRAIN, **query(app))
    assert again.selectbox(key="beside-group-chosen").value == second


def test_stop_all_stops_those_that_wait_and_those_that_train(visit: Visit, line, request) -> None:
    app = visit(TRAIN, seeds="3")
    button(app, "Start them").click().run()
    first = runs.open_run(next(iter(line.runs)))
    line.withdraw(first.id)
    lock_run(first, "worker", request)
    button(app, "Stop all").click().run()
    assert not app.exception and not line.runs
    assert first.control().state == "stop"


def test_a_stranger_cannot_stop_a_group(visit: Visit, line, monkeypatch) -> None:
    monkeypatch.setenv("FMNIST_MODE", "class")
    app = visit(TRAIN, seeds="2")
    button(app, "Start them").click().run()
    stranger = visit(TRAIN, group=query(app)["group"])
    assert "You are watching" in words(stranger)
    assert "Stop all" not in labels(stranger)
    assert "Stop all" in labels(app)


def test_back_to_the_form_brings_the_sweep(visit: Visit) -> None:
    group, _ = made_group({"momentum": (0.0, 0.9)}, 2)
    app = visit(TRAIN, group=group)
    button(app, "New run").click().run()
    assert query(app) == {"epochs": "5", "seeds": "2", "sweep": "momentum:0.0,0.9"}


@pytest.mark.parametrize("name", ["0" * 32, "x", "../..", "a" * 10_000])
def test_an_unknown_group_is_told(visit: Visit, name: str) -> None:
    app = visit(TRAIN, group=name)
    assert not app.exception and app.warning


def test_a_group_of_a_run_is_opened_from_the_table(visit: Visit) -> None:
    group, members = made_group({}, 2)
    app = act(visit(TRAIN), {"do": "group", "run": members[0].id})
    assert query(app) == {"group": group}
    act(app, {"do": "open", "run": members[0].id})
    assert "Its group" in [link.proto.label for link in app.main.get("page_link")]
