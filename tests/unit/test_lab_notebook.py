"""The lab notebook: kept, printed, taken along; and garbage from a browser's storage."""

import json
from dataclasses import asdict

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmnist.training import lab_notebook
from fmnist.training.lab_notebook import LONGEST, MOST_ENTRIES, Entry

ENTRY = Entry("1 Nov", "Is <b> bold?", "<i>yes</i>", [("a<b", "1 ± 2 %")], "<script>x\ny",
              "python -m fmnist sweep --l2 0,0.1")  # fmt: skip


def test_a_page_prints_words_as_words():
    written = lab_notebook.as_page({"l2": ENTRY})
    assert "&lt;b&gt;" in written and "<script>" not in written and "x<br>y" in written
    assert "a&lt;b" in written


def test_the_notebook_is_one_and_starts_nothing_by_itself():
    made = nbformat.reads(lab_notebook.as_ipynb({"l2": ENTRY, "rate": ENTRY}), 4)
    nbformat.validate(made)
    code = [cell.source for cell in made.cells if cell.cell_type == "code"]
    assert code == [f"# {ENTRY.command}"] * 2
    assert not any("<script>" in cell.source for cell in made.cells)
    harmful = Entry("", "", "", [], "", "x\nimport os")
    (cell,) = nbformat.reads(lab_notebook.as_ipynb({"x": harmful}), 4).cells[2:]
    assert "\n" not in cell.source and cell.source.startswith("#")


def test_what_was_kept_comes_back():
    entries = {"l2": ENTRY, "learning-rate": ENTRY}
    assert lab_notebook.from_json(lab_notebook.to_json(entries)) == entries


@pytest.mark.parametrize(
    "text",
    [None, 7, "", "[", "[]", "null", "[" * 100_000, '{"l2": 1}', '{"l2": {"rows": []}}',
     json.dumps({"../x": asdict(ENTRY)}), " " * (LONGEST + 1),
     json.dumps({"l2": asdict(ENTRY) | {"note": "x" * 3000}}),
     json.dumps({"l2": asdict(ENTRY) | {"rows": [["a"]]}}),
     json.dumps({"l2": asdict(ENTRY) | {"rows": [["a", 1]]}})],
)  # fmt: skip
def test_garbage_is_left_out(text):
    assert lab_notebook.from_json(text) == {}


def test_garbage_beside_an_entry_leaves_it_alone():
    kept = json.dumps({"x y": 1, "l2": asdict(ENTRY), "b": None})
    assert lab_notebook.from_json(kept) == {"l2": ENTRY}
    many = json.dumps({f"n{number}": asdict(ENTRY) for number in range(MOST_ENTRIES + 9)})
    assert len(lab_notebook.from_json(many)) == MOST_ENTRIES


PLAIN = st.none() | st.booleans() | st.integers() | st.text()
KEYS = st.sampled_from(["l2", "rows", "day", "note"])


@given(st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner)))
def test_nothing_that_is_kept_can_break_it(content):
    lab_notebook.as_page(lab_notebook.from_json(json.dumps(content)))
