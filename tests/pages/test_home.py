import json
from collections.abc import Callable
from urllib.parse import parse_qs

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fmnist import catalogue
from fmnist.arrays import scale
from fmnist.dataset import Dataset
from fmnist.ui.parts.frame import MENU
from tests.reading import as_read

Visit = Callable[..., AppTest]


def words(app: AppTest) -> str:
    """All text of a page, as a person reads it."""
    kinds = ("title", "subheader", "markdown", "caption", "info", "warning", "error", "badge")
    found = [element.value for kind in kinds for element in app.get(kind)]
    return as_read("\n".join(found + [element.proto.body for element in app.get("html")]))


def test_home_shows_the_model_and_the_way_to_train(visit: Visit) -> None:
    app = visit()
    assert "86,835 parameters" in words(app)
    assert [button.label for button in app.button] == ["Train the network"]


def test_what_moves_on_home_is_what_the_network_says_of_these_pictures(
    visit: Visit, data: Dataset
) -> None:
    (component,) = (item for item in visit().get("bidi_component") if item.key == "learning")
    played = json.loads(json.loads(component.proto.json)["content"])
    kept = catalogue.kept_weights("notebook")
    assert kept is not None and played["epochs"] == kept.epochs()
    numbers = [int(parse_qs(link)["index"][0]) for link in played["links"]]
    assert data.test_labels[numbers].tolist() == played["labels"] == [*range(10)] * 4
    assert len(set(numbers)) == 40
    for epoch, answers, shares in zip(
        played["epochs"], played["answers"], played["shares"], strict=True
    ):
        found = kept.network(epoch).probabilities(scale(data.test_images[numbers]))
        assert found.argmax(axis=1).tolist() == answers
        assert np.abs(100 * found.max(axis=1) - shares).max() <= 0.51


@pytest.mark.parametrize("page", [entry.page for entry in MENU])
def test_every_page_has_the_same_menu(visit: Visit, page: str) -> None:
    links = [link.proto.label for link in visit(page).sidebar.get("page_link")]
    assert links == [entry.label for entry in MENU]


def test_other_data_is_named_on_every_page(visit: Visit, data: Dataset) -> None:
    assert ("Not Fashion-MNIST" in words(visit())) is not data.official
