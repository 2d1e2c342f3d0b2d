"""How Predict does on real pictures, on made photos in other colours, and how fast it is.

    python -m benchmarks.real_pictures FOLDER [MODEL]

FOLDER holds sets of ``<index>_<name>/`` folders: ``photos``, and others, which are drawings.
Intervals are Wilson's, of 95%. Sure answers are those of the stored confidences, which fits without
the picture gave (`fmnist.synthetic.fit_trust`); other models are fitted here, in the same way.
"""

import sys
import time
from pathlib import Path
from statistics import median

import numpy as np
from threadpoolctl import threadpool_limits

from fmnist import catalogue, dataset
from fmnist.arrays import scale
from fmnist.cli.main import network_of
from fmnist.insight.evaluation import wilson_interval
from fmnist.network import Network
from fmnist.prediction import confidence
from fmnist.prediction.confidence import CERTAINTY, JUDGED
from fmnist.prediction.decode import decode
from fmnist.prediction.inference import Predictor
from fmnist.prediction.options import Options
from fmnist.prediction.pixels import shrunk
from fmnist.prediction.preprocess import PHOTO_EDGE, preprocess
from fmnist.prediction.trade import trade
from fmnist.synthetic import fit_trust
from fmnist.synthetic.recoloured import COLOURS, GROUNDS, photo

IMAGES = 25  # of the validation images, each made into 40 photos
VALIDATION = range(57_000, 60_000)


def share(right: int, count: int) -> str:
    low, high = wilson_interval(right, count)
    return f"{right / count:6.1%} ({low:.0%} to {high:.0%}, n = {count})"


def real(folder: Path, predictor: Predictor) -> list[float]:
    """Top-1 and top-2 of each set; returns seconds for a photo."""
    seconds = []
    for place in sorted(path for path in folder.iterdir() if path.is_dir()):
        kind = "photo" if place.name == "photos" else "drawing"
        first = second = count = 0
        for path, label in fit_trust.pictures(folder, kind):
            if path.parts[-3] != place.name:
                continue
            rgb, begun = decode(path.read_bytes(), path.name), time.process_time()
            _, answer = predictor.answer_picture(rgb, Options(kind=kind))
            if kind == "photo":
                seconds.append(time.process_time() - begun)
            count += 1
            if answer is not None:
                first += answer.class_index == label
                second += label in (answer.class_index, answer.runner_up)
        print(f"{place.name:10} top-1 {share(first, count)}   top-2 {share(second, count)}")
    return seconds


def sure(reference: confidence.Reference) -> None:
    for kind in JUDGED:
        found = trade(reference.measured[kind], CERTAINTY)
        print(f"{kind}s: sure answers {share(found.answered, found.pictures)}")
        if found.answered:
            print(f"{'':10} of those right {share(found.right, found.answered)}")


def colours(network: Network) -> None:
    """Whether an item in other colours, on other grounds, gets the answer of the plain image."""
    data = dataset.load()
    chosen = np.random.default_rng(5).choice(VALIDATION, IMAGES, replace=False)
    same: dict[tuple[str, str], list[bool]] = {}
    overlaps = []
    for index in map(int, chosen):
        image = data.train_images[index]
        plain = int(network.logits(scale(image)[None])[0].argmax())
        for number, (colour, ground, shadow) in enumerate(
            (c, g, s) for c in COLOURS for g in GROUNDS for s in (False, True)
        ):
            made = photo(image, colour, ground, np.random.default_rng([index, number]), shadow)
            result = preprocess(made.rgb, Options(kind="photo"))
            answer = int(network.logits(result.image[None])[0].argmax())
            same.setdefault((colour, ground), []).append(not result.blank and answer == plain)
            if result.mask is not None:
                layer = np.repeat(made.mask[..., None] * np.uint8(255), 3, axis=2)
                true = shrunk(layer, PHOTO_EDGE)[..., 0] > 127
                overlaps.append((result.mask & true).sum() / (result.mask | true).sum())
    print(f"{'same answer':12}" + "".join(f"{ground:>10}" for ground in GROUNDS))
    for colour in COLOURS:
        row = (np.mean(same[colour, ground]) for ground in GROUNDS)
        print(f"{colour:12}" + "".join(f"{value:>10.0%}" for value in row))
    every = [value for values in same.values() for value in values]
    print("all", share(sum(every), len(every)))
    low = np.quantile(overlaps, 0.1)
    print(f"intersection over union: median {median(overlaps):.3f}, tenth percentile {low:.3f}")


def main() -> None:
    folder, ref = Path(sys.argv[1]), (*sys.argv[2:], "tuned")[0]
    network, reference = network_of(ref), confidence.read()
    if ref not in catalogue.BUNDLED or not len(reference.measured["photo"]):
        reference = fit_trust.fit(network, reference, folder, dataset.load())
    predictor = Predictor(network, reference)
    seconds = real(folder, predictor)
    sure(reference)
    print(f"one photo, pipeline and answer: median {1000 * median(seconds):.1f} ms of one core")
    colours(network)


if __name__ == "__main__":
    with threadpool_limits(limits=1, user_api="blas"):  # as in the server
        main()
