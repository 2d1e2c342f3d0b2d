"""Whatever stands in an address, a page opens without an exception."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from fmnist.recipe import field_table
from tests.archives import fitted_network, make_run

pytestmark = pytest.mark.slow

Visit = Callable[..., AppTest]
NASTY = {
    "empty": "",
    "space": " ",
    "superscript": "²",
    "other digits": "٣",
    "fullwidth digit": "７",
    "more digits than int reads": "1" * 5000,
    "long": "a" * 10_000,
    "negative": "-1",
    "beyond": "10000",
    "fraction": "1.5",
    "infinite": "1e999",
    "not a number": "nan",
    "underscore": "1_0",
    "nul": "\0",
    "path": "../../etc/passwd",
    "markdown": "![a](http://localhost/p.png) $x$ :red[x]",
    "html": "<script>alert(1)</script>",
    "json": '{"a": [1]}',
    "emoji": "💥",
}
# A page, parameters that do not hide each other, and what else makes them count.
PARAMETERS = [
    ("streamlit_app.py", ["anything"], {}),
    ("pages/train.py", [*field_table(), "seeds", "sweep", "compare"], {}),
    ("pages/train.py", ["run", "group", "with", "smoothing", "log_loss"], {}),
    ("pages/predict.py", ["source", "model"], {}),
    ("pages/predict.py", ["index", "certainty", "map", "epoch", "stages"], {"source": "sample"}),
    ("pages/predict.py", ["image", "certainty", "stages"], {"source": "photo"}),
    ("pages/weights.py", ["model", "beside"], {}),
    ("pages/weights.py", ["neuron", "sort", "own", "epoch", "beside_epoch"], {}),
    ("pages/evaluate.py", ["model", "beside"], {}),
    ("pages/evaluate.py", ["list", "cell", "unit", "true", "predicted", "view", "epoch"], {}),
    ("pages/evaluate.py", ["threshold", "confidence"], {"view": "Calibration"}),
    ("pages/evaluate.py", ["label", "opinion"], {"view": "Label lens"}),
    ("pages/learn.py", ["part", "picture", "at", "shown", "epoch", "step_rate", "untrained"], {}),
    ("pages/learn.py", ["break", "off", "which", "one", "curve"], {"part": "Break it"}),
    ("pages/learn.py", ["experiment"], {"part": "Experiments"}),
]


PAGES_WITHOUT_MODEL = ("streamlit_app.py", "pages/train.py")


@pytest.fixture(scope="module")
def network(data):
    return fitted_network(data, (12, 8))


@pytest.mark.parametrize("value", NASTY.values(), ids=NASTY)
@pytest.mark.parametrize(
    ("page", "names", "others"), PARAMETERS, ids=[f"{p}-{n[0]}" for p, n, _ in PARAMETERS]
)
def test_no_value_of_any_parameter_breaks_a_page(
    visit: Visit, runs_dir, network, page: str, names: list[str], others: dict, value: str
) -> None:
    run = make_run(network)
    model = {} if page in PAGES_WITHOUT_MODEL else {"model": run.id}
    app = visit(page, **model | others | dict.fromkeys(names, value))
    app.run()
    assert not app.exception


@pytest.mark.parametrize("text", ["²", "٣", "７", "1" * 5000, "10000", "-1", " 1", "1_0", "+1"])
def test_a_wrong_index_shows_the_first_image(visit: Visit, runs_dir, network, text: str) -> None:
    app = visit("pages/predict.py", model=make_run(network).id, source="sample", index=text)
    assert app.number_input[0].value == 0
    assert app.query_params["index"] in ("0", ["0"])
