"""Pages opened before the data was there show the real pictures as soon as it is."""

import base64
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from fmnist import dataset
from fmnist.dataset import Dataset
from fmnist.insight.evaluation import predict
from fmnist.insight.neurons import neuron_statistics
from tests.archives import fitted_network, make_run
from tests.pages.test_home import words

pytestmark = pytest.mark.slow

Visit = Callable[..., AppTest]
PNG = r"data:image/png;base64,([A-Za-z0-9+/=]+)"


@pytest.fixture(scope="module")
def network(data: Dataset):
    return fitted_network(data, (12, 8))


@pytest.fixture
def arrive(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[], None]:
    """No data at first; the returned function puts the files in place."""
    source = dataset.find()
    assert source is not None
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setenv("FMNIST_DATA_DIR", str(folder))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))

    def arrive() -> None:
        for path in source.iterdir():
            (folder / path.name).symlink_to(path)

    return arrive


def pixels(picture: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(picture))))


def numbered(app: AppTest, pattern: str) -> list[tuple[int, np.ndarray]]:
    """Pictures whose description names the number of an image: number and pixels."""
    found = re.findall(f'<img src="{PNG}" alt="[^"]*{pattern}', words(app))
    assert found
    return [(int(number.replace(",", "")), pixels(picture)) for picture, number in found]


def both(visit: Visit, arrive: Callable[[], None], page: str, **query: str) -> list[AppTest]:
    """The page opened before the data came and drawn anew, and opened afterwards."""
    before = visit(page, **query)
    assert "tand-in" in words(before)
    arrive()
    before.run()
    assert not before.exception
    return [before, visit(page, **query)]


def test_pictures_of_home(visit: Visit, arrive, data: Dataset) -> None:
    for app in both(visit, arrive, "streamlit_app.py"):
        (component,) = (item for item in app.get("bidi_component") if item.key == "learning")
        sent = json.loads(component.proto.json)
        links = json.loads(sent["content"])["links"]
        numbers = [int(parse_qs(link)["index"][0]) for link in links]
        strip = np.asarray(Image.open(io.BytesIO(base64.b64decode(sent["strip"]))))
        assert np.array_equal(strip, np.hstack(list(data.test_images[numbers])))


def test_tiles_of_the_classes(visit: Visit, arrive, data: Dataset) -> None:
    for app in both(visit, arrive, "pages/train.py"):
        sheet = pixels(re.findall(rf"url\({PNG}\)", words(app))[0])
        for label in range(10):
            first = data.train_images[data.train_labels == label][0]
            assert np.array_equal(sheet[label * 28 : label * 28 + 28, :28], first)


def test_similar_images(visit: Visit, arrive, data: Dataset, network, runs_dir) -> None:
    query = {"model": make_run(network).id, "source": "sample", "index": "3"}
    distances = ((data.train_images.reshape(-1, 784) - data.test_images[3].reshape(784).astype(
        np.float32)) ** 2).sum(axis=1)  # fmt: skip
    for app in both(visit, arrive, "pages/predict.py", **query):
        shown = numbered(app, r"image ([\d,]+)")
        similar = [(number, picture) for number, picture in shown if picture.shape == (28, 28)]
        assert similar
        for number, picture in similar:
            assert np.array_equal(picture, data.train_images[number])
        assert distances[similar[0][0]] < np.quantile(distances, 0.01)


def test_exciting_images_and_figures_of_neurons(
    visit: Visit, arrive, data: Dataset, network, runs_dir
) -> None:
    statistics = neuron_statistics(network, data.train_images, data.train_labels)
    number = int(np.flatnonzero(~statistics.dead)[0])
    query = {"model": make_run(network).id, "neuron": str(number)}
    for app in both(visit, arrive, "pages/weights.py", **query):
        shown = numbered(app, r"no\. (\d+)")
        assert [index for index, _ in shown] == list(statistics.top_images[number])[: len(shown)]
        for index, picture in shown:
            assert np.array_equal(picture, data.train_images[index])
        assert f"fires on **{statistics.firing_rate[number]:.1%}**" in words(app)


def test_figures_and_images_of_the_test(
    visit: Visit, arrive, data: Dataset, network, runs_dir
) -> None:
    says = predict(network, data.test_images, data.test_labels)
    for app in both(visit, arrive, "pages/evaluate.py", model=make_run(network).id):
        accuracy = next(item.value for item in app.metric if item.label == "Test accuracy")
        assert accuracy == f"{says.accuracy:.4f}"
        for index, picture in numbered(app, r"test image (\d+)"):
            assert np.array_equal(picture, data.test_images[index])


def test_the_label_lens(visit: Visit, arrive, data: Dataset, network, runs_dir) -> None:
    query = {"model": make_run(network).id, "view": "Label lens"}
    for app in both(visit, arrive, "pages/evaluate.py", **query):
        for index, picture in numbered(app, r"no\. (\d+), loss"):
            assert np.array_equal(picture, data.train_images[index])
