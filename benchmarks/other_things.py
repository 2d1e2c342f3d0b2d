"""What Predict says of pictures that show no clothing, with the bundled model `tuned`.

The pictures are made up, raw, by code of their own: none is among those that the detector of
other things was trained on (`fmnist.synthetic.not_clothing`). Prints the share of each verdict.

    python -m benchmarks.other_things
"""

from collections import Counter
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from scipy import ndimage
from sklearn.datasets import load_digits, load_sample_images

from fmnist import catalogue
from fmnist.prediction import confidence
from fmnist.prediction.inference import Predictor
from fmnist.prediction.options import Options

COUNT = 60  # pictures of each kind
SIZE = 336  # of the canvas on the page
Draw = ImageDraw.ImageDraw
Pixels = np.ndarray
rng = np.random.default_rng(7)


def pen() -> int:
    return int(rng.integers(8, 22))


def corners() -> list[float]:
    """Left, top, right, bottom, at least 40 apart."""
    left, right = sorted(rng.uniform(20, 316, 2))
    top, bottom = sorted(rng.uniform(20, 316, 2))
    return [left, top, max(right, left + 40), max(bottom, top + 40)]


def rectangle(draw: Draw) -> None:
    draw.rectangle(corners(), outline="white", width=pen())


def filled_rectangle(draw: Draw) -> None:
    draw.rectangle(corners(), fill="white")


def circle(draw: Draw) -> None:
    radius = rng.uniform(40, 140)
    draw.ellipse([168 - radius] * 2 + [168 + radius] * 2, outline="white", width=pen())


def triangle(draw: Draw) -> None:
    draw.polygon([tuple(rng.uniform(20, 316, 2)) for _ in range(3)], outline="white", width=pen())


def line(draw: Draw) -> None:
    draw.line([tuple(rng.uniform(20, 316, 2)) for _ in range(2)], fill="white", width=pen())


def zigzag(draw: Draw) -> None:
    count = int(rng.integers(5, 14))
    x = np.linspace(30, 306, count)
    y = 168 + np.where(np.arange(count) % 2, 1, -1) * rng.uniform(30, 130)
    draw.line(list(zip(x, y + rng.normal(0, 12, count), strict=True)), fill="white", width=pen())


def scribble(draw: Draw) -> None:
    place, speed = rng.uniform(60, 276, 2), rng.normal(0, 10, 2)
    points = []
    for _ in range(int(rng.integers(40, 200))):
        speed = 0.85 * speed + rng.normal(0, 9, 2)
        place = np.clip(place + speed, 10, 326)
        points.append(tuple(place))
    draw.line(points, fill="white", width=pen(), joint="curve")


def spiral(draw: Draw) -> None:
    angle = np.linspace(0, rng.uniform(3, 6) * 2 * np.pi, 200)
    radius = np.linspace(5, 140, 200)
    points = np.stack([168 + radius * np.cos(angle), 168 + radius * np.sin(angle)], 1)
    draw.line([tuple(point) for point in points], fill="white", width=int(rng.integers(6, 12)))


def face(draw: Draw) -> None:
    circle(draw)
    for left in (120, 196):
        draw.ellipse((left, 130, left + 20, 150), fill="white")
    draw.arc((110, 150, 226, 240), 20, 160, fill="white", width=8)


def house(draw: Draw) -> None:
    width = pen()
    draw.rectangle((80, 160, 256, 290), outline="white", width=width)
    draw.line([(80, 160), (168, 70), (256, 160)], fill="white", width=width)


def letters(draw: Draw) -> None:
    text = "".join(chr(int(code)) for code in rng.integers(65, 91, int(rng.integers(1, 4))))
    draw.text((60, 60), text, fill="white", font=ImageFont.load_default(150))


def dots(draw: Draw) -> None:
    for _ in range(int(rng.integers(2, 8))):
        x, y = rng.uniform(30, 306, 2)
        draw.ellipse((x - 10, y - 10, x + 10, y + 10), fill="white")


def chair(draw: Draw) -> None:
    width, seat = pen(), rng.uniform(150, 200)
    draw.line([(100, 40), (100, 300)], fill="white", width=width)
    draw.line([(100, seat), (230, seat), (230, 300)], fill="white", width=width)


def table(draw: Draw) -> None:
    width, top = pen(), rng.uniform(100, 180)
    draw.line([(50, top), (290, top)], fill="white", width=width)
    for x in (80, 260):
        draw.line([(x, top), (x + rng.uniform(-20, 20), 290)], fill="white", width=width)


def cat(draw: Draw) -> None:
    width = int(rng.integers(6, 14))
    draw.ellipse((110, 120, 290, 250), outline="white", width=width)
    draw.ellipse((50, 60, 150, 150), outline="white", width=width)
    for x in (62, 112):
        draw.line([(x, 80), (x + 12, 30), (x + 30, 72)], fill="white", width=width)
    draw.arc((250, 60, 320, 200), 30, 270, fill="white", width=width)


def fish(draw: Draw) -> None:
    width = int(rng.integers(6, 14))
    draw.ellipse((40, 110, 230, 220), outline="white", width=width)
    draw.polygon([(220, 165), (300, 100), (300, 230)], outline="white", width=width)
    draw.ellipse((80, 145, 95, 160), fill="white")


def cup(draw: Draw) -> None:
    width = pen()
    draw.polygon([(80, 90), (220, 90), (200, 270), (100, 270)], outline="white", width=width)
    draw.arc((190, 120, 290, 220), -90, 90, fill="white", width=width)


def apple(draw: Draw) -> None:
    width = pen()
    draw.ellipse((70, 100, 180, 280), outline="white", width=width)
    draw.ellipse((150, 100, 260, 280), outline="white", width=width)
    draw.line([(165, 110), (180, 50)], fill="white", width=width)


def digits(draw: Draw) -> None:
    draw.text((90, 50), str(rng.integers(10)), fill="white", font=ImageFont.load_default(220))


def noise() -> Pixels:
    return rng.uniform(0, 255, (240, 320, 3))


def grain() -> Pixels:
    return np.repeat(rng.normal(128, 50, (240, 320, 1)), 3, axis=2)


def slope() -> Pixels:
    return np.linspace(0, 255, 320)[None, :, None] * rng.uniform(0.5, 1, 3) * np.ones((240, 1, 1))


def coloured_clouds() -> Pixels:
    width = rng.uniform(3, 25)
    clouds = ndimage.gaussian_filter(rng.normal(0, 1, (240, 320, 3)), (width, width, 0))
    return (clouds - clouds.min()) / np.ptp(clouds) * 255


def thing_on_plain_ground() -> Pixels:
    image = Image.new("RGB", (320, 240), tuple(map(int, rng.integers(150, 256, 3))))
    draw = ImageDraw.Draw(image)
    kind, color = rng.integers(3), tuple(map(int, rng.integers(0, 200, 3)))
    x, y, wide, high = *rng.uniform((80, 60), (240, 180)), *rng.uniform(25, 80, 2)
    if kind < 2:
        shape = draw.ellipse if kind == 0 else draw.rectangle
        shape((x - wide, y - high, x + wide, y + high), fill=color)
    else:
        angle = np.sort(rng.uniform(0, 6.3, 6))
        points = np.stack([x + wide * np.cos(angle), y + high * np.sin(angle)], 1)
        draw.polygon([tuple(point) for point in points], fill=color)
    soft = image.filter(ImageFilter.GaussianBlur(1))
    return np.asarray(soft) + rng.normal(0, 4, (240, 320, 3))


def handwritten_digit() -> Pixels:
    images = load_digits().images  # (1797, 8, 8), 0 to 16
    image = Image.fromarray(np.uint8(images[rng.integers(len(images))] * 15))
    grey = 255 - np.asarray(image.resize((240, 240), Image.Resampling.BICUBIC), float)
    return np.repeat(grey[..., None], 3, axis=2)


def page_of_text() -> Pixels:
    image = Image.new("RGB", (320, 240), "white")
    words = [
        " ".join("abcdefghijklmnop"[: int(n)] for n in rng.integers(2, 9, 5)) for _ in range(14)
    ]
    ImageDraw.Draw(image).multiline_text((15, 8), "\n".join(words), fill="black")
    return np.asarray(image, float)


def screenshot() -> Pixels:
    image = Image.new("RGB", (320, 240), tuple(map(int, rng.integers(220, 256, 3))))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 320, 24), fill=tuple(map(int, rng.integers(20, 200, 3))))
    for _ in range(int(rng.integers(3, 9))):
        x, y, wide = rng.uniform(0, 240), rng.uniform(30, 210), rng.uniform(30, 120)
        box = (x, y, x + wide, y + rng.uniform(10, 50))
        draw.rectangle(box, fill=tuple(map(int, rng.integers(0, 256, 3))))
        draw.text((x + 4, y + 2), "Button", fill="black")
    return np.asarray(image, float)


def scenery() -> Pixels:
    """A cut-out of scikit-learn's own photos: a temple, a flower."""
    photo = load_sample_images().images[int(rng.integers(2))]
    top, left = int(rng.integers(0, 180)), int(rng.integers(0, 300))
    return np.asarray(photo[top : top + 240, left : left + 320], float)


DRAWINGS: tuple[Callable[[Draw], None], ...] = (
    rectangle, filled_rectangle, circle, triangle, line, zigzag, scribble, spiral, face, house,
    letters, digits, dots, chair, table, cat, fish, cup, apple,
)  # fmt: skip
PHOTOS: tuple[Callable[[], Pixels], ...] = (
    noise, grain, slope, coloured_clouds, thing_on_plain_ground, handwritten_digit, page_of_text,
    screenshot, scenery,
)  # fmt: skip


def drawn(make: Callable[[Draw], None]) -> Pixels:
    image = Image.new("RGB", (SIZE, SIZE))
    make(ImageDraw.Draw(image))
    return np.asarray(image)


def main() -> None:
    predictor = Predictor(catalogue.open_model("tuned").network, confidence.read())
    kinds = [(make.__name__, Options(kind="drawing"), lambda m=make: drawn(m)) for make in DRAWINGS]
    kinds += [(make.__name__, Options(), make) for make in PHOTOS]
    print(f"{'':24}no clothing  not sure   sure  (as a Bag)")
    for name, options, make in kinds:
        said: Counter[str] = Counter()
        for _ in range(COUNT):
            picture = np.clip(make(), 0, 255).astype(np.uint8)
            _, answer = predictor.answer_picture(picture, options)
            verdict = "not_clothing" if answer is None else answer.verdict()
            said[verdict] += 1
            said["bag"] += verdict == "sure" and answer.class_name == "Bag"
        shares = [said[key] / COUNT for key in ("not_clothing", "unsure", "sure", "bag")]
        print(f"{name.replace('_', ' '):24}" + "".join(f"{share:>10.0%}" for share in shares))


if __name__ == "__main__":
    main()
