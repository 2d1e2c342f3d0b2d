import base64
import io
import json
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw
from streamlit.testing.v1 import AppTest

from fmnist import catalogue
from fmnist.classes import CLASS_NAMES
from fmnist.dataset import Dataset
from fmnist.ui.predict.outlines import SIZE
from tests.archives import archive, fitted_network, make_run, random_network
from tests.reading import as_read

Visit = Callable[..., AppTest]
PREDICT = "pages/predict.py"


@pytest.fixture(scope="module")
def folder(tmp_path_factory, data: Dataset):
    """Two models that are mostly right."""
    folder = tmp_path_factory.mktemp("models")
    for seed, name in enumerate(("tuned", "notebook")):
        (folder / f"{name}.keras").write_bytes(archive(fitted_network(data, seed=seed)))
    return folder


@pytest.fixture(autouse=True)
def bundled(folder, monkeypatch):
    """They take the place of the bundled ones."""
    monkeypatch.setattr(catalogue, "MODELS_DIR", folder)
    return folder


def text(app: AppTest) -> str:
    """Everything that the page says."""
    parts = [item.value for kind in ("markdown", "caption", "info", "warning", "error")
             for item in getattr(app, kind)]  # fmt: skip
    parts += [item.proto.body for item in app.get("html")]
    return as_read("\n".join(map(str, parts)))


def png(draw: Callable[[ImageDraw.ImageDraw], None], size: int = 120) -> bytes:
    image = Image.new("RGB", (size, size), "white")
    draw(ImageDraw.Draw(image))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def trousers(draw: ImageDraw.ImageDraw) -> None:
    navy = (30, 40, 90)
    points = [(40, 10), (80, 10), (86, 110), (66, 110), (60, 45), (54, 110), (34, 110)]
    draw.polygon(points, fill=navy)


def upload(app: AppTest, *files: tuple[str, bytes]) -> AppTest:
    uploader = app.file_uploader(key="files")
    for name, content in files:
        uploader.upload(name, content, "image/png")
    return app.run()


def drawing(points: list[tuple[int, int]]) -> dict[str, object]:
    """What the canvas reports for a closed white line."""
    image = Image.new("RGBA", (SIZE, SIZE))
    ImageDraw.Draw(image).line([*points, points[0]], fill="white", width=14)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    url = "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
    return {"raw": {"objects": [{"type": "path"}]}, "data": url}


def draw(app: AppTest, points: list[tuple[int, int]]) -> AppTest:
    app.session_state["canvas"] = {"drawing": drawing(points), "backgroundFit": None}
    return app.run()


def test_a_blank_canvas_asks_for_a_drawing(visit: Visit):
    app = visit(PREDICT)
    assert "Draw an item of clothing" in text(app)
    assert "Confidence" not in text(app)
    assert not app.expander


def test_uploaded_picture_gets_an_answer_stages_and_reasons(visit: Visit):
    app = visit(PREDICT, source="upload")
    app = upload(app, ("trousers.png", png(trousers)))
    assert not app.exception
    assert "<h2>" in text(app)
    assert "Picture" in text(app)
    assert "Centre" in text(app)
    assert [item.value for item in app.subheader] == [
        "From picture to 28×28",
        "Why",
        "As the network learned",
    ]
    assert "Neuron" in text(app)


def test_an_override_is_compared_with_the_automatic_answer(visit: Visit):
    app = visit(PREDICT, source="upload")
    app = upload(app, ("trousers.png", png(trousers)))
    assert "Your changes" not in text(app)
    turn = next(item for item in app.slider if item.label.startswith("Turn"))
    app = turn.set_value(90).run()
    assert "Your changes moved" in text(app)
    again = next(item for item in app.button if item.label == "Start over")
    app = again.click().run()
    assert "Your changes" not in text(app)
    assert next(item for item in app.slider if item.label.startswith("Turn")).value == 0


def test_a_bad_file_is_named_with_the_reason(visit: Visit):
    app = visit(PREDICT, source="upload")
    app = upload(app, ("notes.png", b"only text"))
    assert not app.exception
    assert "notes.png contains text" in as_read(app.error[0].value)


def test_one_colour_is_not_classified(visit: Visit):
    app = visit(PREDICT, source="upload")
    app = upload(app, ("white.png", png(lambda draw: None)))
    assert "white.png is all one colour" in text(app)
    assert "Confidence" not in text(app)


def test_many_files_give_a_table_and_the_good_ones_are_answered(visit: Visit):
    app = visit(PREDICT, source="upload")
    app = upload(
        app, ("a.png", png(trousers)), ("b<i>.png", b"text"), ("c.png", png(trousers, 140))
    )
    assert not app.exception
    table = text(app)
    assert table.count("<figure>") == 3
    assert "a.png" in table
    assert "c.png" in table
    assert "b&lt;i&gt;.png contains text" in table
    assert "Download as CSV" in [item.proto.label for item in app.get("download_button")]


def test_csv_has_one_line_a_file_and_no_formulas():
    from fmnist.ui.predict.table import Row, as_csv

    content = as_csv([Row("=1+1.png", problem="=1+1.png is empty")], 0.6)
    header, line = content.splitlines()
    assert header.startswith("file,class_index,class_name,verdict,confidence")
    assert line.startswith("'=1+1.png,")
    assert line.count(",") == header.count(",")


def test_a_sample_is_answered_and_its_class_revealed(visit: Visit, data: Dataset):
    app = visit(PREDICT, source="sample", index="7")
    name = CLASS_NAMES[data.test_labels[7]]
    assert f"the data set calls it <b>{name}</b>" in text(app)
    app = app.number_input[0].set_value(8).run()
    assert CLASS_NAMES[data.test_labels[8]] in text(app)
    assert app.query_params["index"] in ("8", ["8"])


def test_a_wrong_sample_in_the_address_opens_the_first(visit: Visit):
    for wrong in ("-1", "10000", "shoe"):
        app = visit(PREDICT, source="sample", index=wrong)
        assert app.number_input[0].value == 0


def test_certainty_decides_between_sure_and_not_sure(visit: Visit, data: Dataset):
    network = fitted_network(data)
    shares = network.probabilities(data.test_images[:200].astype(np.float32) / 255).max(axis=1)
    index = int(np.argmin(np.abs(shares - 0.6)))  # neither hopeless nor certain
    app = visit(PREDICT, source="sample", index=str(index))
    slider = next(item for item in app.slider if item.label == "How sure it has to be")
    app = slider.set_value(20).run()
    lenient = text(app)
    slider = next(item for item in app.slider if item.label == "How sure it has to be")
    strict = text(slider.set_value(99).run())
    assert "Not sure" not in lenient
    assert ("Not sure" in strict) or ("does not look like clothing" in strict)


def test_the_model_is_chosen_by_the_address(visit: Visit):
    app = visit(PREDICT, model="notebook")
    assert app.selectbox(key="model-picker").value == "notebook"
    assert visit(PREDICT).selectbox(key="model-picker").value == "tuned"


def test_a_chosen_model_goes_into_the_address(visit: Visit):
    app = visit(PREDICT)
    app = app.selectbox(key="model-picker").set_value("notebook").run()
    assert app.query_params["model"] in ("notebook", ["notebook"])
    assert app.selectbox(key="model-picker").value == "notebook"


def test_an_unknown_model_is_explained_and_the_default_used(visit: Visit):
    app = visit(PREDICT, model="nonsense")
    assert "nonsense" in app.warning[0].value
    assert app.selectbox(key="model-picker").value == "tuned"


@pytest.mark.parametrize("hidden", [(), (9,), (12, 8, 6)])
def test_a_run_of_any_architecture_answers(visit: Visit, runs_dir, hidden):
    run = make_run(random_network(hidden))
    app = visit(PREDICT, source="sample", model=run.id)
    assert not app.exception
    assert ("one template" in text(app)) == (hidden == ())


def test_without_any_model_the_page_says_what_to_do(visit: Visit, monkeypatch, tmp_path):
    monkeypatch.setattr(catalogue, "MODELS_DIR", tmp_path)
    assert "Train one first" in visit(PREDICT).info[0].value


def test_a_drawing_is_answered_when_the_canvas_reports_it(visit: Visit):
    app = visit(PREDICT)
    half = [(57, 15), (90, 32), (83, 48), (70, 42), (70, 86)]
    shirt = [*half, *[(100 - x, y) for x, y in reversed(half)]]
    app = draw(app, [(int(x * 3.36), int(y * 3.36)) for x, y in shirt])
    assert not app.exception
    assert "From picture to 28×28" in [item.value for item in app.subheader]


def test_an_uploaded_model_answers_without_a_name_in_the_address(visit: Visit, data: Dataset):
    network = fitted_network(data, (24,), seed=5)
    app = visit(PREDICT, source="sample", index="7", model="notebook")
    app = app.selectbox(key="model-picker").select("upload").run()
    app.file_uploader[0].upload("mine.keras", archive(network), "application/zip").run()
    assert not app.exception and not app.error
    assert "model" not in app.query_params
    pixels = data.test_images[7:8].astype(np.float32) / np.float32(255)
    (bars,) = (item.proto.json for item in app.get("bidi_component") if '"bars"' in item.proto.json)
    shown = json.loads(json.loads(bars)["figure"])["data"][0]["x"]
    np.testing.assert_allclose(shown, network.probabilities(pixels)[0], atol=1e-3)
    many = upload(
        app.segmented_control(key="source").set_value("upload").run(),
        ("a.png", png(trousers)), ("b.png", png(trousers, 140)),
    )  # fmt: skip
    assert not many.exception
    assert text(many).count("<figure>") == 2
