"""What pages say while the data set is missing, on its way, not to be had, or damaged."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from fmnist.dataset import Dataset
from fmnist.training.fetch import Download
from fmnist.ui.parts.frame import MENU
from tests.archives import fitted_network, make_run
from tests.pages.test_home import words
from tests.reading import as_read

pytestmark = pytest.mark.slow
Visit = Callable[..., AppTest]
SAYING = ["streamlit_app.py", "pages/train.py"]
QUIET = [entry.page for entry in MENU if entry.page not in SAYING]
FAULT = "Working with stand-in pictures; Fashion-MNIST could not be downloaded: no network."
FAILED = Download(
    message="no network",
    details="URL fetch failure on https://example.org/x.gz: None -- [Errno -3] ![](http://a.b)",
    failed=True,
)


def folded(app: AppTest) -> str:
    """What is read only after a click on Details."""
    (block,) = [item for item in app.expander if item.label == "Details"]
    return as_read(" ".join(item.value for item in [*block.markdown, *block.caption]))


def unfolded(app: AppTest) -> str:
    """All other words of the page."""
    hidden = {id(item) for block in app.expander for item in [*block.markdown, *block.caption]}
    kinds = ("title", "subheader", "markdown", "caption", "info", "warning", "error", "badge")
    shown = [item.value for kind in kinds for item in app.get(kind) if id(item) not in hidden]
    return as_read("\n".join(shown))


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


@pytest.fixture
def no_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("FMNIST_DATA_DIR")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))


@pytest.fixture
def damaged(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder with one file that is no data."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "train-images-idx3-ubyte").write_bytes(b"not images")
    monkeypatch.setenv("FMNIST_DATA_DIR", str(folder))
    return folder


@pytest.mark.usefixtures("no_data")
@pytest.mark.parametrize("page", SAYING)
def test_missing_data_is_offered(visit: Visit, line, page: str) -> None:
    app = visit(page)
    assert "is not on this computer yet" in words(app)
    next(button for button in app.button if button.label == "Download the data").click().run()
    assert line.fetches == 1
    assert not app.exception
    assert "Download the data" not in labels(app)


@pytest.mark.usefixtures("no_data")
@pytest.mark.parametrize("page", SAYING)
def test_a_failed_download_is_one_calm_line(visit: Visit, line, page: str) -> None:
    line.now = FAILED
    app = visit(page)
    assert not app.error
    assert not app.warning
    assert unfolded(app).count(FAULT) == 1
    assert "fetch failure" not in unfolded(app)
    assert as_read(FAILED.details) in folded(app)
    assert "![](http://a.b)" not in "".join(item.value for item in app.markdown)
    next(button for button in app.button if button.label == "Retry").click().run()
    assert not app.exception
    assert line.fetches == 1
    assert FAULT not in words(app)


@pytest.mark.usefixtures("no_data")
@pytest.mark.parametrize("page", QUIET)
@pytest.mark.parametrize("download", [None, Download(share=0.2), FAILED])
def test_other_pages_leave_it_to_the_badge(visit: Visit, line, page: str, download) -> None:
    line.now = download
    app = visit(page)
    assert "Not Fashion-MNIST" in words(app)
    assert "ownload" not in unfolded(app)
    assert {"Retry", "Download the data"}.isdisjoint(labels(app))
    assert not app.error
    assert not app.warning


@pytest.mark.usefixtures("no_data")
@pytest.mark.parametrize("page", [entry.page for entry in MENU])
def test_the_badge_has_no_path(visit: Visit, page: str) -> None:
    app = visit(page)
    said = " ".join(item.value for item in [*app.sidebar.markdown, *app.sidebar.caption])
    assert "Not Fashion-MNIST" in said
    assert "The images are a stand-in for Fashion-MNIST." in said
    assert ".npz" not in said
    assert str(Path.cwd()) not in words(app)


@pytest.mark.parametrize("page", SAYING)
def test_damaged_files_are_named_under_details(visit: Visit, damaged: Path, page: str) -> None:
    app = visit(page)
    assert not app.error
    assert "The data set cannot be used" in unfolded(app)
    assert str(damaged) not in unfolded(app)
    assert f"{damaged}/train-images-idx3-ubyte" in folded(app)


@pytest.fixture(scope="module")
def network(data: Dataset):
    return fitted_network(data, (12, 8))


@pytest.mark.parametrize(
    ("page", "query"),
    [
        ("pages/predict.py", {}),
        ("pages/predict.py", {"source": "sample", "index": "3"}),
        ("pages/weights.py", {}),
        ("pages/weights.py", {"sort": "How often it fires"}),
        ("pages/evaluate.py", {}),
        ("pages/evaluate.py", {"view": "Label lens"}),
    ],
)
def test_damaged_files_do_not_break_a_page(
    visit: Visit, damaged: Path, network, runs_dir, page: str, query: dict[str, str]
) -> None:
    app = visit(page, model=make_run(network).id, **query)
    assert "No usable data" in words(app)
    assert str(damaged) not in words(app)
    assert not app.error
    assert not app.warning


def test_evaluate_says_what_it_lacks(visit: Visit, damaged: Path, network, runs_dir) -> None:
    app = visit("pages/evaluate.py", model=make_run(network).id)
    assert "Home says why" in app.info[0].value


@pytest.mark.parametrize("page", ["streamlit_app.py", "pages/evaluate.py"])
def test_damaged_files_are_looked_at_again(
    visit: Visit, damaged: Path, data: Dataset, page: str
) -> None:
    app = visit(page)
    assert "cannot be used" in words(app)
    (damaged / "train-images-idx3-ubyte").unlink()
    for file in Path(data.source).iterdir():
        (damaged / file.name).symlink_to(file)
    assert "cannot be used" not in words(app.run())
