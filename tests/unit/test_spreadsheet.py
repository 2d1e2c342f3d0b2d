"""No cell of a file that people take home is a formula."""

import csv
import io

import pytest

from fmnist.spreadsheet import cell
from fmnist.training.exports import history_csv
from fmnist.training.progress import Epoch, Progress

FORMULA = 'HYPERLINK("http://example.org";"x")'


@pytest.mark.parametrize(
    "start",
    [
        *"=+-@",
        *"\uff1d\uff0b\uff0d\uff20",  # of full width
        *"\ufe66\ufe62\ufe63\ufe6b",  # small
        *"\u207a\u207c\u208a\u208c",  # raised and lowered
        *"\t\r\n\x0b\x1b\x7f",
        *" \u00a0\u2003\u3000\u2028",  # spaces
        *"\u200b\u200e\u202e\u2060\ufeff",  # of no width
    ],
)
def test_a_formula_is_made_text(start):
    for text in (f"{start}{FORMULA}", f"{start}={FORMULA}", start):
        assert cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "shirt.png", "1.jpg", "a=b", "Ä.png", "写真.png", "_x", "'x"])
def test_ordinary_names_stay(text):
    assert cell(text) == text


def test_the_history_names_its_data_as_text():
    """The name stands in the events of a run, which may come from anywhere."""
    seen = Progress(epochs=[Epoch(1, 1.0, 0.5, 1.0, 0.5, 0.01, 1.0)], data_name=f"\uff1d{FORMULA}")
    (_, row) = csv.reader(io.StringIO(history_csv(seen)))
    assert row[-1] == f"'\uff1d{FORMULA}"
    assert row[0] == "1"


def test_a_nul_is_left_out_and_hides_no_formula():
    assert cell("a\0b") == "ab"
    assert cell("\0=1+1") == "'=1+1"
