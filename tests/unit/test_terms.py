"""The words of the field: one sentence each, and no second definition anywhere."""

import re
from pathlib import Path

import pytest

from fmnist.recipe import field_table
from fmnist.terms import TERMS, hint

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", TERMS)
def test_each_is_one_plain_sentence_that_stands_once(name):
    sentence = TERMS[name]
    assert sentence.endswith(".") and sentence.count(". ") == 0 and len(sentence) < 130
    text = "".join(
        re.sub(r'"\s*\n\s*f?"', "", path.read_text()) for path in ROOT.glob("fmnist/**/*.py")
    )
    assert text.count(sentence) == 1


def test_a_hint_names_its_terms():
    assert hint("epoch") == "**Epoch**: One pass over all training images."
    assert hint("loss", "test").count("**") == 4
    with pytest.raises(KeyError):
        hint("no such word")


def test_the_form_says_the_same_as_the_list():
    same = {"epochs": "epoch", "learning_rate": "learning rate", "l2": "L2 penalty",
            "dropout": "dropout", "momentum": "momentum"}  # fmt: skip
    for field, name in same.items():
        assert TERMS[name] in field_table()[field].help
