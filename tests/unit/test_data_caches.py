"""No cache of the screen forgets which data set its content was made from. Read from the code."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = [ROOT / "streamlit_app.py", *(ROOT / "pages").glob("*.py"),
         *(ROOT / "fmnist" / "ui").rglob("*.py")]  # fmt: skip
CACHES = {"cache_resource", "cache_data", "cache"}
KEPT = "kept_with_data"
# Here the data set itself is kept, by the folder that it was read from.
OWNER = "resources.py"


def last_name(node):
    """``a.b.c(...)`` and ``a.b.c`` are c."""
    node = node.func if isinstance(node, ast.Call) else node
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def asks_for_data(function):
    """Whether it calls ``resources.dataset()`` itself."""
    return any(
        isinstance(node, ast.Attribute)
        and node.attr == "dataset"
        and getattr(node.value, "id", "") == "resources"
        for node in ast.walk(function)
    )


def called_by(function, tree):
    """Names of the screen's own functions that it calls; other packages may use the same names."""
    foreign = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and not str(node.module).startswith("fmnist.ui")
        for alias in node.names
    }
    calls = {last_name(node) for node in ast.walk(function) if isinstance(node, ast.Call)}
    return calls - foreign


def data_taken(function):
    """Its parameters that are a `Dataset`."""
    return [
        item.arg
        for item in (*function.args.args, *function.args.kwonlyargs)
        if item.annotation is not None and "Dataset" in ast.unparse(item.annotation)
    ]


def forgetful(sources):
    """Names of the kept functions whose key leaves out the data that they depend on."""
    trees = [ast.parse(source) for source in sources]
    functions = [
        (node, called_by(node, tree))
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
    ]
    asking = {function.name for function, _ in functions if asks_for_data(function)}
    while more := {item.name for item, calls in functions if calls & asking} - asking:
        asking |= more
    found = []
    for function, calls in functions:
        decorators = {last_name(item) for item in function.decorator_list}
        if not decorators & (CACHES | {KEPT}):
            continue
        taken = data_taken(function)
        asks = asks_for_data(function) or calls & asking
        left_out = any(name.startswith("_") for name in taken)
        if asks or left_out or bool(taken) is not (KEPT in decorators):
            found.append(function.name)
    return found


@pytest.mark.slow
def test_every_cache_knows_its_data():
    sources = {path: path.read_text() for path in FILES if path.name != OWNER}
    assert sum(source.count(f"@{KEPT}") for source in sources.values()) >= 5
    assert forgetful(sources.values()) == []


@pytest.mark.parametrize(
    "source",
    [
        "@st.cache_resource\ndef kept():\n    return resources.dataset().name",
        "def data():\n    return resources.dataset()\n@st.cache_data\ndef kept():\n    data()",
        "@st.cache_resource(max_entries=1)\ndef kept(_data: Dataset):\n    return _data.name",
        "@st.cache_resource\ndef kept(data: Dataset):\n    return data.name",
        "@kept_with_data(max_entries=1)\ndef kept(_data: Dataset):\n    return 1",
        "@kept_with_data(max_entries=1)\ndef kept(ref: str):\n    return ref",
    ],
)
def test_a_forgetful_cache_is_found(source):
    assert forgetful([source]) == ["kept"]


def test_a_cache_that_knows_its_data_or_needs_none_is_fine():
    assert forgetful(
        ["@kept_with_data(max_entries=1)\ndef kept(ref: str, data: Dataset):\n    return ref",
         "@st.cache_resource\ndef kept(ref: str):\n    return read(ref)"]
    ) == []  # fmt: skip
