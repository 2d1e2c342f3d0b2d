from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from fmnist import settings
from fmnist.classes import CLASS_NAMES
from fmnist.dataset import Dataset
from fmnist.training.queue import Download
from fmnist.ui.frame import MENU
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


@pytest.fixture
def no_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("FMNIST_DATA_DIR")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))


@pytest.mark.usefixtures("no_data")
def test_missing_data_can_be_downloaded_from_home(visit: Visit, line) -> None:
    app = visit()
    assert "is not on this computer yet" in words(app)
    next(button for button in app.button if button.label == "Download the data").click().run()
    assert line.fetches == 1
    assert not app.exception


@pytest.mark.usefixtures("no_data")
def test_a_failed_download_says_why_and_offers_another(visit: Visit, line) -> None:
    line.now = Download(failed=True, message="No route to host.")
    app = visit()
    assert "No route to host." in words(app)
    assert "Download the data" in [button.label for button in app.button]


def test_a_damaged_file_is_named_and_looked_at_again(
    visit: Visit, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    good = settings.data_dir()
    assert good is not None
    (tmp_path / "train-images-idx3-ubyte").write_bytes(b"not images")
    monkeypatch.setenv("FMNIST_DATA_DIR", str(tmp_path))
    app = visit()
    assert "train-images-idx3-ubyte" in words(app)
    (tmp_path / "train-images-idx3-ubyte").unlink()
    for file in good.iterdir():
        (tmp_path / file.name).symlink_to(file)
    assert "cannot be used" not in words(app.run())
