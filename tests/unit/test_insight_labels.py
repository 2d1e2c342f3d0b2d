import csv
import io

import numpy as np

from fmnist.classes import CLASS_NAMES
from fmnist.insight.labels import candidates, to_csv
from tests.unit.test_insight_evaluation import made_predictions

SAYS = made_predictions(800)


def test_highest_losses_come_first():
    items = candidates(SAYS, 20)
    wrong = np.flatnonzero(~SAYS.correct)
    expected = sorted(wrong, key=lambda index: -SAYS.losses[index])[:20]
    assert [item.index for item in items] == expected
    for item in items:
        assert item.label == SAYS.labels[item.index]
        assert item.predicted == SAYS.probabilities[item.index].argmax() != item.label
        assert item.label_probability < item.predicted_probability
        assert np.isclose(np.exp(-item.loss), item.label_probability, rtol=1e-4)


def test_filters():
    items = candidates(SAYS, 1000, label=4, predicted=6)
    expected = (SAYS.labels == 4) & (SAYS.predicted == 6)
    assert {item.index for item in items} == set(np.flatnonzero(expected))
    assert candidates(SAYS, 10, label=4, predicted=4) == []


def test_csv_can_be_read_back():
    items = candidates(SAYS, 5)
    rows = list(csv.DictReader(io.StringIO(to_csv(items))))
    assert [int(row["index"]) for row in rows] == [item.index for item in items]
    assert [row["label_name"] for row in rows] == [CLASS_NAMES[item.label] for item in items]
    assert np.allclose([float(row["loss"]) for row in rows], [item.loss for item in items], 1e-5)
