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
# Page, parameter, and what else makes it count.
PARAMETERS = [
    ("streamlit_app.py", ["anything"], {}),
    ("pages/train.py", list(field_table()), {}),
    ("pages/train.py", ["run"], {}),
    ("pages/predict.py", ["source"], {}),
    ("pages/predict.py", ["index"], {"source": "sample"}),
    ("pages/predict.py", ["model"], {}),
    ("pages/predict.py", ["certainty"], {}),
    ("pages/weights.py", ["model"], {}),
    ("pages/weights.py", ["beside"], {}),
    ("pages/weights.py", ["neuron"], {}),
    ("pages/weights.py", ["sort", "own"], {}),
    ("pages/evaluate.py", ["model"], {}),
    ("pages/evaluate.py", ["beside"], {}),
    ("pages/evaluate.py", ["list", "cell", "unit", "true", "predicted"], {}),
    ("pages/evaluate.py", ["view"], {}),
    ("pages/evaluate.py", ["threshold", "confidence"], {"view": "Calibration"}),
    ("pages/evaluate.py", ["label", "opinion"], {"view": "Label lens"}),
    ("pages/predict.py", ["map"], {"source": "sample"}),
]


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
    model = {} if page in ("streamlit_app.py", "pages/train.py") else {"model": run.id}
    app = visit(page, **model | others | dict.fromkeys(names, value))
    app.run()
    assert not app.exception


@pytest.mark.parametrize("text", ["²", "٣", "７", "1" * 5000, "10000", "-1", " 1", "1_0", "+1"])
def test_a_wrong_index_shows_the_first_image(visit: Visit, runs_dir, network, text: str) -> None:
    app = visit("pages/predict.py", model=make_run(network).id, source="sample", index=text)
    assert app.number_input[0].value == 0
    assert app.query_params["index"] in ("0", ["0"])
