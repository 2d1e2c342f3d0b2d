"""What a visitor gave is opened once, not each time that something else on the page changes."""

import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from fmnist.sandbox.opener import Opener
from fmnist.ui.server import resources
from tests.archives import archive, random_network
from tests.reading import as_read

pytestmark = pytest.mark.slow
Visit = Callable[..., AppTest]


class Counting(Opener):
    """Opens files, and notes which."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def picture(self, content: bytes, name: str) -> Any:
        self.names.append(name)
        return super().picture(content, name)

    def network(self, content: bytes, name: str) -> Any:
        self.names.append(name)
        return super().network(content, name)


@pytest.fixture
def opener(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counting]:
    with Counting() as opener:
        monkeypatch.setattr(resources, "opener", lambda: opener)
        yield opener


def picture(corner: int) -> bytes:
    buffer = io.BytesIO()
    image = Image.new("RGB", (120, 160), "white")
    image.paste((30, 60, 150), (corner, 30, 100, 140))
    image.save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize("content", [picture(20), b"only text"])
def test_a_picture_is_opened_once_whether_read_or_refused(
    visit: Visit, opener: Counting, content: bytes
) -> None:
    app = visit("pages/predict.py", source="upload")
    app.file_uploader[0].upload("a.png", content, "image/png").run()
    said = [error.value for error in app.error]
    for certainty in (30, 90):
        app.slider(key="certainty").set_value(certainty).run()
        assert not app.exception
        assert [error.value for error in app.error] == said
    assert opener.names == ["a.png"]


def test_each_of_several_pictures_is_opened_once(visit: Visit, opener: Counting) -> None:
    app = visit("pages/predict.py", source="upload")
    for name, corner in (("a.png", 20), ("b.png", 40)):
        app.file_uploader[0].upload(name, picture(corner), "image/png")
    app.run()
    app.slider(key="certainty").set_value(90).run()
    assert not app.exception
    assert opener.names == ["a.png", "b.png"]


@pytest.mark.parametrize("page", ["pages/weights.py", "pages/evaluate.py"])
def test_a_model_is_opened_once_and_another_in_its_place(
    visit: Visit, opener: Counting, page: str
) -> None:
    app = visit(page)
    next(box for box in app.selectbox if box.label == "Model").select("upload").run()
    app.file_uploader[0].upload("a.keras", archive(random_network((12,))), "application/zip").run()
    app.run()
    assert not app.exception and not app.error
    assert opener.names == ["a.keras"]
    app.file_uploader[0].upload("b.keras", b"nonsense", "application/zip").run()
    assert "b.keras" in as_read(app.error[0].value)
    app.run()
    assert "b.keras" in as_read(app.error[0].value)
    assert opener.names == ["a.keras", "b.keras"]
