from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from fmnist.classes import CLASS_NAMES
from fmnist.dataset import Dataset
from fmnist.ui.parts.frame import MENU
from tests.reading import as_read

Visit = Callable[..., AppTest]


def words(app: AppTest) -> str:
    """All text of a page, as a person reads it."""
    kinds = ("title", "subheader", "markdown", "caption", "info", "warning", "error", "badge")
    found = [element.value for kind in kinds for element in app.get(kind)]
    return as_read("\n".join(found + [element.proto.body for element in app.get("html")]))


def test_home_shows_the_ten_classes_and_the_way_to_train(visit: Visit) -> None:
    app = visit()
    assert all(name in words(app) for name in CLASS_NAMES)
    assert "86,835 parameters" in words(app)
    assert [button.label for button in app.button] == ["Train the network"]


@pytest.mark.parametrize("page", [entry.page for entry in MENU])
def test_every_page_has_the_same_menu(visit: Visit, page: str) -> None:
    links = [link.proto.label for link in visit(page).sidebar.get("page_link")]
    assert links == [entry.label for entry in MENU]


def test_other_data_is_named_on_every_page(visit: Visit, data: Dataset) -> None:
    assert ("Not Fashion-MNIST" in words(visit())) is not data.official
