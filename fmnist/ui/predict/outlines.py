"""Ten faint outlines to trace, one for each class, each a closed line on a 100×100 sheet."""

import io
from functools import cache

from PIL import Image, ImageDraw

SIZE = 336  # edge of the canvas, in CSS pixels: twelve times 28, and narrow enough for a phone
FAINT = 92

Point = tuple[float, float]

# The right halves of what is symmetric, from the top down to the middle of the hem.
_HALVES: dict[int, list[Point]] = {
    0: [(57, 15), (66, 17), (90, 32), (83, 48), (70, 42), (70, 86)],  # T-shirt/top
    1: [(66, 8), (72, 92), (56, 92), (50, 34)],  # Trouser
    2: [(58, 13), (69, 17), (78, 30), (90, 80), (80, 84), (69, 46), (69, 84)],  # Pullover
    3: [(58, 8), (65, 26), (61, 44), (74, 92)],  # Dress
    4: [(58, 9), (70, 15), (78, 28), (87, 80), (78, 83), (70, 48), (73, 94)],  # Coat
    6: [(59, 13), (71, 17), (84, 32), (91, 66), (82, 70), (71, 44), (71, 90)],  # Shirt
}
_NECKS: dict[int, list[Point]] = {
    0: [(43, 15), (50, 20), (57, 15)],
    2: [(42, 13), (50, 17), (58, 13)],
    3: [(42, 8), (50, 18), (58, 8)],
    4: [(42, 9), (50, 26), (58, 9)],
    6: [(41, 13), (50, 22), (59, 13)],
}
_WHOLE: dict[int, list[Point]] = {
    # Sandal, Sneaker, Bag, Ankle boot
    5: [(6, 66), (20, 57), (34, 60), (48, 52), (62, 40), (74, 32), (79, 36), (66, 54), (86, 46),
        (93, 36), (95, 74), (88, 74), (85, 62), (62, 73), (40, 76), (8, 75)],
    7: [(6, 72), (8, 60), (30, 52), (46, 38), (60, 34), (64, 42), (80, 42), (91, 36), (95, 54),
        (95, 72)],
    8: [(12, 44), (30, 44), (36, 24), (50, 17), (64, 24), (70, 44), (88, 44), (92, 86), (8, 86)],
    9: [(8, 88), (9, 74), (34, 62), (46, 50), (47, 12), (84, 12), (83, 40), (90, 64), (92, 88)],
}  # fmt: skip
# Lines inside the outline that say what it is.
_SEAMS: dict[int, list[list[Point]]] = {
    4: [[(50, 26), (50, 94)]],
    6: [[(50, 22), (50, 90)]],
    7: [[(6, 65), (95, 65)]],
    8: [[(38, 44), (42, 30), (50, 26), (58, 30), (62, 44), (38, 44)]],
}


def points(label: int) -> list[Point]:
    """The closed outline of a class, on a sheet from (0, 0) top left to (100, 100)."""
    if label in _WHOLE:
        return _WHOLE[label]
    right = _HALVES[label]
    left = [(100 - x, y) for x, y in reversed(right)]
    return right + left + _NECKS.get(label, [])


@cache
def outline(label: int | None) -> bytes:
    """PNG of the canvas's black ground, with the faint outline of a class or without any."""
    image = Image.new("L", (2 * SIZE, 2 * SIZE))
    if label is not None:
        draw = ImageDraw.Draw(image)
        lines = [[*points(label), points(label)[0]], *_SEAMS.get(label, [])]
        for line in lines:
            scaled = [(x * SIZE / 50, y * SIZE / 50) for x, y in line]
            draw.line(scaled, fill=FAINT, width=6, joint="curve")
    return _png(image.resize((SIZE, SIZE), Image.Resampling.BOX))


def _png(image: Image.Image) -> bytes:
    content = io.BytesIO()
    image.save(content, "PNG")
    return content.getvalue()
