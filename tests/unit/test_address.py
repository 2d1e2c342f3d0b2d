"""The address bar has one way in and out, and every parameter is declared once."""

import ast
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fmnist.recipe import Recipe, field_table
from fmnist.ui.parts import parameters
from fmnist.ui.parts.frame import MENU
from fmnist.ui.parts.parameters import PARAMETERS, RECIPE, Parameter
from tests.unit.test_groups import SWEEPS

ROOT = Path(__file__).parents[2]
FILES = [ROOT / "streamlit_app.py", *ROOT.glob("pages/*.py"), *ROOT.glob("fmnist/**/*.py")]
READ = [parameter for parameter in PARAMETERS if isinstance(parameter, Parameter)]


def uses_of_the_address(source: str) -> list[int]:
    """Lines that read or write the address by Streamlit's own means."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if (isinstance(node, ast.Attribute) and node.attr == "query_params")
        or (isinstance(node, ast.alias) and node.name == "query_params")
        or (isinstance(node, ast.keyword) and node.arg == "bind")
        or (isinstance(node, ast.Constant) and node.value == "query-params")
    ]


def test_the_address_is_read_and_written_in_one_module() -> None:
    users = [
        path.relative_to(ROOT).as_posix() for path in FILES if uses_of_the_address(path.read_text())
    ]
    assert users == ["fmnist/ui/parts/address.py"]


@pytest.mark.parametrize(
    "source",
    [
        "st.query_params['run']",
        "st.query_params.from_dict({})",
        "from streamlit import query_params",
        "st.slider('a', bind='query-params')",
        "options = {'bind': 'query-params'}",
    ],
)
def test_other_ways_are_found(source: str) -> None:
    assert uses_of_the_address(source)
    assert not uses_of_the_address("st.page_link('pages/train.py', query_params={})")


def test_every_declared_parameter_is_in_the_table() -> None:
    declared = [
        value
        for value in vars(parameters).values()
        if isinstance(value, Parameter | parameters.WidgetParameter)
    ]
    assert len(PARAMETERS) == len({parameter.name for parameter in PARAMETERS})
    assert set(map(id, PARAMETERS)) == set(map(id, [*declared, *RECIPE.values()]))


def test_pages_are_those_of_the_menu() -> None:
    titles = {entry.label for entry in MENU}
    assert all(parameter.pages and set(parameter.pages) <= titles for parameter in PARAMETERS)


def test_every_field_of_a_recipe_is_a_parameter() -> None:
    assert list(RECIPE) == list(field_table())


VALUES = {
    "run": st.from_regex(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}", fullmatch=True),
    "compare": st.lists(
        st.from_regex(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}", fullmatch=True), min_size=1, max_size=6
    ).map(tuple),
    "source": st.sampled_from(parameters.SOURCES),
    "image": st.integers(0, 9),
    "index": st.integers(0, 10**9 - 1),
    "stages": st.sampled_from(
        ["turn:-15", "fill:no,turn:15", "crop:10-90-5-100,mirror:yes", "box:10-90-5-100,taps:5-10"]
    ),
    "seeds": st.integers(1, 20),
    "sweep": SWEEPS.filter(bool),
    "group": st.from_regex(r"[0-9a-f]{32}", fullmatch=True),
    "experiment": st.from_regex(r"[a-z0-9-]{1,40}", fullmatch=True),
    "shown": st.sampled_from(["Forward", "Backward", "Update"]),
    "at": st.tuples(st.integers(0, 3), st.integers(0, 511)),
    "cell": st.tuples(st.integers(0, 9), st.integers(0, 9)),
}
SAME = {"model": "run", "beside": "run", "neuron": "index", "epoch": "index",
        "beside_epoch": "index", "with": "group", "picture": "index",
        "game": "index"}  # fmt: skip


@pytest.mark.parametrize("parameter", READ, ids=[parameter.name for parameter in READ])
@given(data=st.data())
def test_what_is_written_is_read(parameter: Parameter, data: st.DataObject) -> None:
    if parameter.name in field_table():
        value = getattr(Recipe(), parameter.name)
    else:
        value = data.draw(VALUES[SAME.get(parameter.name, parameter.name)])
    assert parameter.parse(parameter.text(value)) == value
    assert parameter.query(value) == {parameter.name: parameter.text(value)}


@pytest.mark.parametrize("parameter", READ, ids=[parameter.name for parameter in READ])
@given(text=st.text() | st.text(alphabet="0123456789-,:.e+_"))
@example(text="")
@example(text="²")
@example(text="1" * 5000)
@example(text="a" * 10_000)
@example(text="\0")
@example(text="\ud800")
def test_any_text_has_a_value_or_a_sentence(parameter: Parameter, text: str) -> None:
    try:
        value = parameter.parse(text)
    except ValueError as problem:
        assert str(problem).endswith(".") and len(str(problem)) < 300
    else:
        assert parameter.parse(parameter.text(value)) == value
