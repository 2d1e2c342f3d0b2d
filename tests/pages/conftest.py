"""Pages run in this process, with a queue that takes runs and starts no training process."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.runtime.scriptrunner import script_runner
from streamlit.testing.v1 import AppTest

from fmnist.recipe import Recipe
from fmnist.training import line as line_of_runs
from fmnist.training import runs
from fmnist.training.fetch import Download
from fmnist.training.runs import Run
from fmnist.ui.parts import first_screen
from fmnist.ui.server import resources

ROOT = Path(__file__).parents[2]


class WaitingLine:
    """A queue whose runs wait forever."""

    def __init__(self) -> None:
        self.runs: dict[str, Run] = {}
        self.starting: set[str] = set()
        self.fetches = 0
        self.now: Download | None = None
        self.failures: dict[str, str] = {}

    def start(self, recipe: Recipe, owner: str = "") -> Run:
        run = runs.create(recipe, owner)
        self.submit(run)
        return run

    def start_group(self, recipes: list[Recipe], owner: str, group: str) -> list[Run]:
        made = [runs.create(recipe, owner, group) for recipe in recipes]
        for run in made:
            self.submit(run)
        return made

    def submit(self, run: Run) -> None:
        line_of_runs.join(run)
        self.runs[run.id] = run

    def withdraw(self, run_id: str) -> bool:
        run = self.runs.pop(run_id, None)
        return run is not None and run.leave_line()

    def position(self, run_id: str) -> int | None:
        return list(self.runs).index(run_id) + 1 if run_id in self.runs else None

    def line(self) -> line_of_runs.Line:
        return line_of_runs.look()

    def capacity(self) -> int:
        return 1

    def problem(self) -> str:
        return ""

    def about(self) -> str:
        return ""

    def is_starting(self, run_id: str) -> bool:
        return run_id in self.starting

    def failure(self, run_id: str) -> str | None:
        return self.failures.get(run_id)

    def fetch_data(self) -> None:
        self.fetches += 1
        self.now = Download(share=0.25)

    def download(self) -> Download | None:
        return self.now


def run_whole(app: AppTest) -> AppTest:
    """Run a page, and its rest as well, for which a browser asks when it has drawn the top."""
    app.run()
    if first_screen.KEY in app.session_state:
        app.run()
    return app


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Iterator[WaitingLine]:
    line = WaitingLine()
    monkeypatch.setattr(resources, "job_queue", lambda: line)
    yield line
    for run_id in list(line.runs):
        line.withdraw(run_id)


@pytest.fixture
def visit(
    line: WaitingLine, monkeypatch: pytest.MonkeyPatch, runs_dir: Path
) -> Callable[..., AppTest]:
    """Open a page as a first visit: ``visit("pages/train.py", epochs="5")``."""
    monkeypatch.chdir(ROOT)

    def visit(page: str = "streamlit_app.py", **query: str) -> AppTest:
        app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=90)
        if page != "streamlit_app.py":
            app.switch_page(page)
        for name, value in query.items():
            app.query_params[name] = value
        run_whole(app)
        assert not app.exception, app.exception
        return app

    return visit


@pytest.fixture(scope="package", autouse=True)
def nothing_cached() -> Iterator[None]:
    """What is kept is named by file and version, so all tests of pages can share it."""
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


@pytest.fixture(scope="package", autouse=True)
def keras_keeps_its_session() -> Iterator[None]:
    """Streamlit has Keras, once imported, forget its session after each run of a script.

    That collects all garbage, in three quarters of the time of these tests. Other tests of the same
    process import Keras; a web server never does.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(script_runner, "_clean_problem_modules", lambda: None)
        yield
