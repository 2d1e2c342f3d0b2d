"""Files that a visitor brings along, all made by code; each is made when it is first needed."""

import base64
import io
from collections.abc import Callable
from functools import cache, partial

from PIL import Image, ImageDraw

from fmnist.ui.predict.outlines import SIZE
from tests.archives import archive, random_network

Make = Callable[[], bytes]


@cache
def picture(mode: str = "RGB", kind: str = "PNG", size: int = 120, blank: bool = False) -> bytes:
    """A dark pair of trousers on a white ground."""
    image = Image.new("RGB", (size, size + 20), "white")
    if not blank:
        points = [(40, 10), (80, 10), (86, 110), (66, 110), (60, 45), (54, 110), (34, 110)]
        ImageDraw.Draw(image).polygon(points, fill=(30, 40, 90))
    buffer = io.BytesIO()
    image.convert(mode).save(buffer, kind)
    return buffer.getvalue()


@cache
def model(hidden: tuple[int, ...]) -> bytes:
    return archive(random_network(hidden))


PICTURES: dict[str, Make] = {
    "trousers.png": picture,
    "grey.jpg": partial(picture, "L", "JPEG", 90),
    "with alpha.png": partial(picture, "RGBA"),
    "one colour.png": partial(picture, blank=True),
    "<b>not</b> a picture.png": lambda: b"only text",
    "nothing.png": lambda: b"",
    "half.png": lambda: picture()[:200],
}
PHOTOS: dict[str, Make] = {
    "photo.jpg": partial(picture, "RGB", "JPEG"),
    "broken.jpg": lambda: b"\xff\xd8\xff",
}
MODELS: dict[str, Make] = {
    "small.keras": partial(model, (12, 8)),
    "no hidden layer.keras": partial(model, ()),
    "half.keras": lambda: model((12, 8))[:300],
    "<b>text</b>.keras": lambda: b"only text",
}


def drawing(points: list[tuple[int, int]]) -> dict[str, object]:
    """What the canvas reports for a closed white line; for no line, that nothing is drawn."""
    image = Image.new("RGBA", (SIZE, SIZE))
    if points:
        ImageDraw.Draw(image).line([*points, points[0]], fill="white", width=14)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    url = "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
    return {"raw": {"objects": [{"type": "path"}] if points else []}, "data": url}


DRAWINGS = {
    "draw a box": drawing([(80, 60), (250, 60), (250, 280), (80, 280)]),
    "draw a dot": drawing([(100, 100), (101, 101)]),
    "wipe it": drawing([]),
}
