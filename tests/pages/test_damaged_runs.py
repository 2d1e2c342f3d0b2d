"""One damaged run breaks no page, for nobody; it is named, with a way to delete it."""

import shutil
from collections.abc import Callable, Iterator

import pytest
from streamlit.testing.v1 import AppTest

from fmnist.training import runs
from fmnist.training.runs import Run, RunFolder
from tests.damage import DAMAGES, HOPELESS
from tests.pages.test_home import words
from tests.spoiling import finished_run

pytestmark = pytest.mark.slow

Visit = Callable[..., AppTest]
PAGES = ("streamlit_app.py", "pages/train.py", "pages/predict.py", "pages/weights.py",
         "pages/evaluate.py")  # fmt: skip


KINDS = list(DAMAGES)
PAIRS = list(zip(KINDS[::2], KINDS[1::2], strict=True))


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Run]]:
    """One run of each kind of damage, all in one folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FMNIST_RUNS_DIR", str(tmp_path_factory.mktemp("damaged")))
        patch.setenv("FMNIST_MAX_RUNS", "1000")
        made = {kind: finished_run() for kind in DAMAGES}
        for kind, run in made.items():
            DAMAGES[kind](run)
        yield made


@pytest.fixture
def all_damaged(
    visit: Visit, damaged: dict[str, Run], monkeypatch: pytest.MonkeyPatch
) -> dict[str, Run]:
    """That folder as the server's."""
    folder = next(iter(damaged.values())).folder.parent
    monkeypatch.setenv("FMNIST_RUNS_DIR", str(folder))
    return damaged


@pytest.mark.parametrize("page", PAGES)
def test_all_damages_at_once_break_no_page(
    visit: Visit, all_damaged: dict[str, Run], page: str
) -> None:
    visit(page)


def test_damaged_runs_are_named_with_a_way_to_delete_them(
    visit: Visit, all_damaged: dict[str, Run]
) -> None:
    app = visit()
    while more := [button for button in app.button if button.key == "more-runs"]:
        more[0].click().run()
        assert not app.exception
    names = {button.key for button in app.button}
    for kind, run in all_damaged.items():
        assert (f"delete_{run.id}" in names) is (kind in HOPELESS), kind
        assert (run.id in words(app)) is (kind in HOPELESS), kind


@pytest.mark.parametrize("kind", DAMAGES)
def test_a_link_to_a_damaged_run_breaks_no_page(visit: Visit, kind: str) -> None:
    run = finished_run()
    DAMAGES[kind](run)
    app = visit("pages/train.py", run=run.id)
    assert (f"delete_{run.id}" in [button.key for button in app.button]) is (kind in HOPELESS)
    visit("pages/predict.py", model=run.id)


@pytest.mark.parametrize("kinds", PAIRS, ids=" and ".join)
@pytest.mark.parametrize("page", ["pages/weights.py", "pages/evaluate.py"])
def test_links_to_two_damaged_runs_break_no_page(
    visit: Visit, page: str, kinds: tuple[str, str]
) -> None:
    made = [finished_run(), finished_run()]
    for kind, run in zip(kinds, made, strict=True):
        DAMAGES[kind](run)
    visit(page, model=made[0].id, beside=made[1].id)


@pytest.mark.parametrize("page", PAGES[:2])
def test_delete_deletes_a_damaged_run(visit: Visit, page: str) -> None:
    sound, run = finished_run(), finished_run()
    DAMAGES["a FIFO for a recipe"](run)
    app = visit(page)
    assert run.id in words(app)
    app.button(key=f"delete_{run.id}").click().run()
    assert not app.exception
    assert [run.id for run in runs.folders()] == [sound.id]
    assert run.id not in words(app)


def test_a_damaged_run_that_is_at_work_is_not_deleted(visit: Visit) -> None:
    run = finished_run()
    DAMAGES["no recipe"](run)
    lock = run.acquire("worker")
    app = visit()
    app.button(key=f"delete_{run.id}").click().run()
    lock.release()
    assert "is at work. Stop it first" in words(app)
    assert [item.id for item in runs.folders()] == [run.id]


# Between listing and reading -----------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_a_run_deleted_while_a_page_is_drawn_breaks_nothing(
    visit: Visit, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    """After each listing the runs are deleted, as another visitor's Start may do it."""
    made = [finished_run() for _ in range(3)]
    app = visit(page)
    listed = runs.folders

    def list_and_lose() -> list[RunFolder]:
        found = listed()
        for run in found:
            shutil.rmtree(run.folder)
        return found

    monkeypatch.setattr(runs, "folders", list_and_lose)
    app.run()
    assert not app.exception, app.exception
    assert not any(run.folder.exists() for run in made)
    app.run()
    assert not app.exception, app.exception


@pytest.mark.parametrize("gone", ["recipe.json", ""])
def test_an_open_run_that_is_deleted_is_told(visit: Visit, gone: str) -> None:
    run, other = finished_run(), finished_run()
    app = visit("pages/train.py", run=run.id)
    app.multiselect(key="overlays").select(other.id).run()
    assert not app.exception
    for lost in (other, run):
        (lost.folder / gone).unlink() if gone else shutil.rmtree(lost.folder)
        app.run()
        assert not app.exception, app.exception
    assert f"no run '{run.id}'" in words(app)
