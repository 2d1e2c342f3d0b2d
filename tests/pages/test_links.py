"""Every link brings along what it came from: model, picture, source, neuron."""

from collections.abc import Callable
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from fmnist.dataset import Dataset
from tests.archives import fitted_network, make_run

Visit = Callable[..., AppTest]
PREDICT, WEIGHTS, EVALUATE = "pages/predict.py", "pages/weights.py", "pages/evaluate.py"


@pytest.fixture(scope="module")
def network(data: Dataset):
    return fitted_network(data)


@pytest.fixture
def model(network, runs_dir) -> str:
    return make_run(network).id


def menu(app: AppTest) -> dict[str, dict[str, str]]:
    """Label of each line of the menu, and the parameters of its link."""
    links = [item.proto for item in app.sidebar if item.type == "page_link"]
    assert len(links) == 5
    return {
        link.label: {name: value[0] for name, value in parse_qs(link.query_string).items()}
        for link in links
    }


def test_the_menu_takes_the_model_along(visit: Visit, model: str):
    links = menu(visit(WEIGHTS, model=model))
    assert {name: links[name]["model"] for name in ("Predict", "Weights", "Evaluate")} == {
        "Predict": model, "Weights": model, "Evaluate": model,
    }  # fmt: skip
    assert "model" not in links["Home"] and "model" not in links["Train"]


def test_the_menu_leads_back_to_the_neuron(visit: Visit, model: str):
    app = visit(WEIGHTS, model=model, neuron="3")
    app.switch_page(PREDICT).run()
    assert menu(app)["Weights"] == {"model": model, "neuron": "3"}


def test_the_menu_leads_back_to_the_sample(visit: Visit, model: str):
    app = visit(PREDICT, model=model, source="sample", index="5")
    app.switch_page(EVALUATE).run()
    assert menu(app)["Predict"] == {"model": model, "source": "sample", "index": "5"}


def test_another_choice_is_in_the_next_link(visit: Visit, model: str):
    app = visit(WEIGHTS, model="tuned")
    picker = next(box for box in app.selectbox if box.label == "Model")
    picker.set_value(model).run()
    assert menu(app)["Predict"]["model"] == model


def test_a_stranger_writes_nothing_into_the_menu(visit: Visit):
    for link in menu(visit(WEIGHTS, model="![a](http://localhost/p.png)")).values():
        assert "localhost" not in str(link)


@pytest.mark.parametrize("beside", [{}, {"beside": "notebook"}])
def test_images_lead_to_predict_with_their_model(visit: Visit, model: str, beside: dict[str, str]):
    app = visit(EVALUATE, model=model, **beside)
    shown = "".join(item.proto.body for item in app.get("html"))
    links = shown.count("predict?source=sample")
    assert links and links == shown.count(f"&amp;model={model}")
