"""Every link brings along what it came from: model, picture, source, neuron, stage settings."""

from collections.abc import Callable
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from fmnist.dataset import Dataset
from fmnist.ui.parts.frame import MENU
from tests.archives import fitted_network, make_run
from tests.pages.conftest import ROOT
from tests.pages.test_addresses import NASTY
from tests.pages.test_predict import draw, png, trousers, upload

pytestmark = pytest.mark.slow
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
    assert len(links) == 6
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


@pytest.mark.parametrize(
    ("page", "query"),
    [(PREDICT, {"source": "sample", "index": "5"}), (WEIGHTS, {"neuron": "3"})],
)
def test_the_menu_of_a_page_that_a_link_opened_says_the_same(
    line, model: str, page: str, query: dict[str, str]
):
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
    app.switch_page(page)
    query = {"model": model, **query}
    for name, value in query.items():
        app.query_params[name] = value
    app.run()  # once: the rest of the page is not there yet
    label = next(entry.label for entry in MENU if entry.page == page)
    assert menu(app)[label] == query


def test_the_link_to_the_open_page_is_not_a_change_behind(visit: Visit, model: str):
    app = visit(EVALUATE, model=model, view="Label lens", label="Bag")
    app.query_params["label"] = "Sandal"  # a browser puts the choice there at once
    app.selectbox(key="label").set_value(5).run()
    assert menu(app)["Evaluate"] == {"model": model, "view": "Label lens", "label": "Sandal"}


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
    html = "".join(item.proto.body for item in app.get("html"))
    links = html.count("predict?source=sample")
    assert links and links == html.count(f"&amp;model={model}")


# Stage settings ------------------------------------------------------------------------------

TROUSERS = png(trousers)
ALL = "kind:photo,invert:no,fill:yes,turn:-15,mirror:yes,threshold:35,crop:10-90-5-100"
BOX = [(80, 60), (250, 60), (250, 280), (80, 280)]


@pytest.fixture
def uploaded(visit: Visit, model: str) -> Callable[..., AppTest]:
    """Open Predict and upload one picture: ``uploaded(stages="turn:15")``."""

    def uploaded(**query: str) -> AppTest:
        app = visit(PREDICT, model=model, source="upload", **query)
        app = upload(app, ("trousers.png", TROUSERS))
        assert not app.exception
        return app

    return uploaded


def stages(app: AppTest) -> str | None:
    """The settings in the address."""
    values = app.query_params.get("stages")
    return values[0] if isinstance(values, list) else values


def turn(app: AppTest) -> float:
    return next(item.value for item in app.slider if item.label.startswith("Turn"))


def set_turn(app: AppTest, degrees: int) -> AppTest:
    return (
        next(item for item in app.slider if item.label.startswith("Turn")).set_value(degrees).run()
    )


def go(app: AppTest, page: str, **query: str) -> AppTest:
    """Follow a link; nothing of the old address is left."""
    app.switch_page(page)
    app.query_params.clear()
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def follow(app: AppTest, page: str, label: str) -> AppTest:
    """Click a line of the menu."""
    return go(app, page, **menu(app)[label])


def test_settings_are_in_the_address_only_while_they_differ(uploaded: Callable[..., AppTest]):
    app = uploaded()
    assert stages(app) is None
    app = set_turn(app, 15)
    assert stages(app) == "turn:15"
    fill = next(item for item in app.segmented_control if item.label.startswith("Fill"))
    app = fill.set_value("No").run()
    assert stages(app) == "fill:no,turn:15"
    app = next(item for item in app.button if item.label == "Start over").click().run()
    assert stages(app) is None and turn(app) == 0
    assert stages(set_turn(set_turn(app, 5), 0)) is None


def test_a_link_brings_every_setting(uploaded: Callable[..., AppTest]):
    app = uploaded(stages=ALL)
    assert stages(app) == ALL
    kinds = (app.slider, app.toggle, app.selectbox, app.segmented_control)
    said = {item.label: item.value for kind in kinds for item in kind}
    assert said["The picture is"] == "photo"
    assert (said["Negate the brightness"], said["Fill closed outlines"]) == ("No", "Yes")
    assert (said["Turn, in degrees"], said["Mirror left and right"]) == (-15, True)
    assert said["Threshold of what belongs to the item, in %"] == 35
    assert (said["Left and right, in %"], said["Top and bottom, in %"]) == ((10, 90), (5, 100))
    assert stages(app.run()) == ALL


def test_the_menu_leads_back_to_the_settings(uploaded: Callable[..., AppTest], model: str):
    app = go(set_turn(uploaded(), 15), EVALUATE)
    assert menu(app)["Predict"] == {"model": model, "source": "upload", "stages": "turn:15"}
    app = follow(app, PREDICT, "Predict")
    assert stages(app) == "turn:15"  # the picture is gone; the next one has its settings
    app = upload(app, ("again.png", TROUSERS))
    assert turn(app) == 15


def test_no_link_back_means_no_settings(uploaded: Callable[..., AppTest]):
    app = go(go(set_turn(uploaded(), 15), EVALUATE), PREDICT, source="upload")
    app = upload(app, ("trousers.png", TROUSERS))
    assert turn(app) == 0 and stages(app) is None


def test_settings_wait_in_the_address_for_the_first_picture(visit: Visit, model: str):
    app = visit(PREDICT, model=model, source="draw", stages="turn:15")
    assert stages(app.run()) == "turn:15"
    app = draw(app, BOX)
    assert turn(app) == 15 and stages(app) == "turn:15"


def test_another_picture_starts_automatic(uploaded: Callable[..., AppTest]):
    app = uploaded(stages="turn:15")
    app.file_uploader[0].clear()
    app = upload(app, ("other.png", TROUSERS))
    assert turn(app) == 0 and stages(app) is None


def test_settings_go_with_their_picture(uploaded: Callable[..., AppTest]):
    app = uploaded(stages="turn:15")
    app.file_uploader[0].clear()
    app.run()
    assert stages(app) is None
    app = upload(app, ("trousers.png", TROUSERS))
    assert turn(app) == 0


def test_many_files_and_samples_have_no_settings(uploaded: Callable[..., AppTest], visit: Visit):
    app = upload(uploaded(stages="turn:15"), ("other.png", TROUSERS))
    assert stages(app) is None
    assert stages(visit(PREDICT, source="sample", index="5", stages="turn:15")) is None


def test_another_link_on_the_page_brings_its_settings(uploaded: Callable[..., AppTest]):
    app = set_turn(uploaded(stages="turn:15,mirror:yes"), 30)
    app.query_params["stages"] = "turn:15,mirror:yes"
    assert turn(app.run()) == 15
    assert stages(app) == "turn:15,mirror:yes"


@pytest.mark.parametrize(
    "value", [*NASTY.values(), "turn:7", "turn:9999", "threshold:1", "crop:9-1-9-1"]
)
def test_strange_settings_are_automatic(uploaded: Callable[..., AppTest], value: str):
    app = uploaded(stages=value)
    assert turn(app) == 0 and stages(app) is None
