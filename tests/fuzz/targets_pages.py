"""What a browser sends: the address of a page, and the drawing."""

import base64
import logging
import os
from pathlib import Path
from urllib.parse import parse_qsl
from zlib import crc32

import numpy as np

from fmnist import catalogue
from fmnist.network import ModelError
from fmnist.prediction.options import KindChoice
from fmnist.recipe import field_table
from fmnist.training import runs
from fmnist.training.runs import RunError
from fmnist.ui.parts.parameters import LONGEST_STAGES, PARAMETERS, Parameter
from fmnist.ui.parts.text import one_line, plain
from fmnist.ui.predict import stage_address
from fmnist.ui.predict.drawing import picture_of
from fmnist.ui.predict.outlines import SIZE
from fmnist.ui.train.form import read_query, to_query
from tests.fuzz.corpus_records import RUN_ID
from tests.fuzz.targets_runs import check_recipe

ROOT = Path(__file__).parents[2]
PAGES = ("streamlit_app.py", "pages/train.py", "pages/predict.py", "pages/weights.py",
         "pages/evaluate.py")  # fmt: skip


def drawing(content: bytes) -> bool:
    """A picture of the canvas's size, or None: nothing else, however damaged it is."""
    url = "data:image/png;base64," + base64.b64encode(content).decode()
    rgb = picture_of({"raw": {"objects": [{}]}, "data": url})
    if rgb is None:
        return False
    assert rgb.shape == (SIZE, SIZE, 3) and rgb.dtype == np.uint8
    return True


def parameters(content: bytes) -> dict[str, str]:
    """As Streamlit reads an address; of a name that stands twice, the last counts."""
    return dict(parse_qsl(content.decode("utf-8", "replace"), keep_blank_values=True))


def parsed(content: bytes) -> bool:
    """Each function that reads a parameter says what it found, or refuses in a sentence."""
    query = parameters(content)
    recipe, problems = read_query(query)
    check_recipe(recipe)
    assert read_query(to_query(recipe)) == (recipe, ())
    assert len(plain(" ".join(problems))) < 10_000
    for value in query.values():
        check_stages(value)
        check_parameters(value)
        for open_it in (runs.open_run, catalogue.open_model):
            try:
                open_it(value)
            except (RunError, ModelError) as problem:
                assert one_line(problem).isprintable()
    return not problems


def check_parameters(text: str) -> None:
    """A value that its own text brings back, or a sentence, of each parameter."""
    for parameter in PARAMETERS:
        if isinstance(parameter, Parameter):
            try:
                value = parameter.parse(text)
            except ValueError as problem:
                assert len(str(problem)) < 1000
            else:
                assert parameter.parse(parameter.text(value)) == value


def check_stages(text: str) -> None:
    """Stage settings that the controls can have, and that their own text brings back."""
    kinds: tuple[KindChoice, ...] = ("auto", "photo", "drawing")
    for known in kinds:
        options = stage_address.from_text(text, known)
        again = stage_address.as_text(options, known)
        assert again is None or len(again) <= LONGEST_STAGES
        assert stage_address.from_text(again or "", known) == options


class Pages:
    """All pages, opened anew with each address; no exception may be shown."""

    def __init__(self, folder: Path) -> None:
        from fmnist.ui.server import resources
        from tests.archives import make_run, random_network
        from tests.pages.conftest import WaitingLine

        os.environ["FMNIST_RUNS_DIR"] = str(folder)
        logging.disable(logging.CRITICAL)
        line = WaitingLine()
        resources.job_queue = lambda: line  # type: ignore[assignment, misc, return-value]
        run = make_run(random_network())
        run.folder.rename(folder / RUN_ID)

    def visit(self, content: bytes) -> bool:
        """Open a page, and run it once more."""
        from streamlit.testing.v1 import AppTest

        query = parameters(content)
        page = PAGES[crc32(content) % len(PAGES)]
        if query.keys() & {"index", "source", "stages"}:
            page = "pages/predict.py"
        elif query.keys() & set(field_table()):
            page = "pages/train.py"
        app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=90)
        if page != PAGES[0]:
            app.switch_page(page)
        for name, value in query.items():
            app.query_params[name] = value
        app.run()
        assert not app.exception, app.exception
        app.run()
        assert not app.exception, app.exception
        return not app.warning
