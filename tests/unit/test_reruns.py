"""Where pages rerun themselves from their body. A press has a callback, which runs before it.

``st.rerun(scope="fragment")`` raises when a rerun of the whole page overtakes the press, and any
rerun after a press draws everything above it twice.
"""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = [ROOT / "streamlit_app.py", *ROOT.glob("pages/*.py"), *ROOT.glob("fmnist/**/*.py")]

# Each for a reason, which also stands beside it.
ALLOWED = {
    # Fragments that redraw themselves by the clock: only the whole page starts or ends that.
    ("fmnist/ui/parts/data_notice.py", "_download"),
    ("fmnist/ui/train/view.py", "_moving_part"),
    ("fmnist/ui/weights/grid.py", "_grid"),
    ("fmnist/ui/parts/through_time.py", "_clock"),
    ("fmnist/ui/train/group_view.py", "_moving_part"),
    ("fmnist/ui/learn/experiments.py", "_result"),
    # The same; and a press in the table, which is such a fragment, opens or changes other parts.
    ("fmnist/ui/parts/run_table.py", "_table"),
    # Follows no press: what was counted after the page had been drawn without it.
    ("pages/weights.py", "<module>"),
}
MOST = {("fmnist/ui/train/view.py", "_moving_part"): 2}  # the second one: a wish was granted


def reruns(source):
    """Function and call of every rerun: by any name that the module or its function goes by."""
    tree = ast.parse(source)
    names = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("streamlit")
        for alias in node.names
        if alias.name == "rerun"
    }

    def walk(node, function):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                yield from walk(child, child.name)
                continue
            named = getattr(child, "attr", None) == "rerun" or getattr(child, "id", None) in names
            if named and isinstance(child, ast.Attribute | ast.Name):
                yield function, node
            yield from walk(child, function)

    return list(walk(tree, "<module>"))


def is_plain(call):
    return isinstance(call, ast.Call) and not call.args and not call.keywords


def all_reruns():
    return [
        (path.relative_to(ROOT).as_posix(), function, call)
        for path in FILES
        for function, call in reruns(path.read_text())
    ]


def test_no_rerun_has_a_scope():
    odd = [f"{path}, {function}" for path, function, call in all_reruns() if not is_plain(call)]
    assert odd == []


def test_each_rerun_has_its_reason():
    places = [(path, function) for path, function, _ in all_reruns()]
    assert set(places) == ALLOWED
    assert {place: places.count(place) for place in ALLOWED} == dict.fromkeys(ALLOWED, 1) | MOST


@pytest.mark.parametrize("path", sorted({path for path, _ in ALLOWED}))
def test_the_reason_stands_beside_it(path):
    lines = (ROOT / path).read_text().splitlines()
    for number, line in enumerate(lines):
        if "st.rerun(" in line:
            before = [text for text in lines[max(0, number - 3) : number] if "# " in text]
            assert "  # " in line or before, f"{path}:{number + 1}"


@pytest.mark.parametrize(
    ("source", "function", "plain"),
    [
        ("def f():\n    st.rerun()", "f", True),
        ("def f():\n    if st.button('x'):\n        st.rerun(scope='fragment')", "f", False),
        ("streamlit.rerun('app')", "<module>", False),
        ("from streamlit import rerun as again\nagain()", "<module>", True),
        ("def f():\n    st.button('x', on_click=st.rerun)", "f", False),
    ],
)
def test_reruns_are_found(source, function, plain):
    ((where, call),) = reruns(source)
    assert where == function
    assert is_plain(call) is plain
