"""A name in the session is written in one place: whoever else needs it imports it from there.

Two files that happen to choose the same word would share a value that neither expects. Predict's
certainty, 20 to 99, once turned up in a slider of Evaluate that goes from 0 to 0.99.
"""

import ast
from collections import defaultdict
from pathlib import Path

from fmnist.ui.parts.parameters import PARAMETERS, WidgetParameter

ROOT = Path(__file__).parents[2]
FILES = [ROOT / "streamlit_app.py", *ROOT.glob("pages/*.py"), *ROOT.glob("fmnist/ui/**/*.py")]


def is_session(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "session_state"


def key_expressions(tree: ast.AST) -> list[tuple[ast.expr, bool]]:
    """What stands where a key stands, and whether the session itself is asked with it."""
    found: list[tuple[ast.expr, bool]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and is_session(node.value):
            found.append((node.slice, True))
        elif isinstance(node, ast.Compare) and any(map(is_session, node.comparators)):
            found.append((node.left, True))
        elif isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute) and is_session(node.func.value):
                found += [(node.args[0], True)]
            elif isinstance(node.func, ast.Name) and node.func.id == "plot" and len(node.args) > 1:
                found.append((node.args[1], False))
            found += [(word.value, False) for word in node.keywords if word.arg == "key"]
    return found


def constants(tree: ast.Module) -> dict[str, str]:
    """Names that the module gives to texts."""
    return {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def keys_written(source: str) -> tuple[set[str], set[str]]:
    """Keys that a module writes as texts of its own, and those it asks the session for unnamed."""
    tree = ast.parse(source)
    named = constants(tree)
    written, unnamed = set(), set()
    for expression, asks in key_expressions(tree):
        if isinstance(expression, ast.Constant) and isinstance(expression.value, str):
            written.add(expression.value)
            if asks:
                unnamed.add(expression.value)
        elif isinstance(expression, ast.Name) and expression.id in named:
            written.add(named[expression.id])
    return written, unnamed


def test_no_key_is_written_in_two_files() -> None:
    places = defaultdict(list)
    for path in FILES:
        for key in keys_written(path.read_text())[0]:
            places[key].append(path.relative_to(ROOT).as_posix())
    assert len(places) > 20
    assert {key: files for key, files in places.items() if len(files) > 1} == {}


def test_what_the_session_is_asked_for_has_a_name() -> None:
    unnamed = {
        path.relative_to(ROOT).as_posix(): keys
        for path in FILES
        if (keys := keys_written(path.read_text())[1])
    }
    assert unnamed == {}


def test_no_key_is_that_of_a_widget_in_the_address() -> None:
    bound = {item.name for item in PARAMETERS if isinstance(item, WidgetParameter)}
    written = {key for path in FILES for key in keys_written(path.read_text())[0]}
    assert written & bound == set()


def test_keys_are_found_in_every_form() -> None:
    source = """
NAME = "named"
st.session_state["a"] = st.session_state.get("b")
if "c" in st.session_state: st.session_state.pop(NAME)
st.slider("label", key="d")
plot(figure, "e", 300)
st.session_state[IMPORTED]
st.session_state[f"{made}-key"]
"""
    assert keys_written(source) == ({"a", "b", "c", "d", "e", "named"}, {"a", "b", "c"})
