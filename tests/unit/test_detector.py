import numpy as np
import pytest
from scipy.signal import correlate2d

from fmnist.prediction.detector import KINDS, STRIDES, Detector, convolved
from fmnist.synthetic import build_confidence
from fmnist.synthetic.strange_shapes import SHEET
from fmnist.synthetic.strange_textures import TEXTURES
from fmnist.synthetic.strange_things import THINGS, drawn_thing


def random_detector(seed=0, filters=(3, 4, 5), units=6):
    """As the real one, with few filters."""
    rng = np.random.default_rng(seed)

    def layer(*shape):
        return rng.normal(0, 0.3, shape).astype(np.float32), rng.normal(0, 1, shape[-1:])

    channels = (1, *filters)
    sizes = build_confidence.SIZES
    convolutions = tuple(layer(size, size, *channels[k : k + 2]) for k, size in enumerate(sizes))
    return Detector(
        convolutions, (layer(16 * filters[-1], units), layer(units, 1)), dict.fromkeys(KINDS, 0.0)
    )


@pytest.mark.parametrize("stride", [1, 2, 3])
def test_a_convolution_is_that_of_scipy(stride):
    rng = np.random.default_rng(stride)
    x = rng.normal(0, 1, (2, 11, 9, 3)).astype(np.float32)
    kernel = rng.normal(0, 1, (4, 3, 3, 5)).astype(np.float32)
    got = convolved(x, kernel, stride)
    for n in range(2):
        for f in range(5):
            sums = [correlate2d(x[n, :, :, c], kernel[:, :, c, f], "valid") for c in range(3)]
            assert got[n, :, :, f] == pytest.approx(sum(sums)[::stride, ::stride], abs=1e-4)


@pytest.mark.slow
def test_scores_are_those_of_keras(tensorflow):
    network = build_confidence._untrained()
    rng = np.random.default_rng(0)
    weights = [rng.normal(0, 0.1, w.shape).astype(np.float16) for w in network.get_weights()]
    network.set_weights(weights)
    images = rng.random((7, 28, 28), np.float32)
    scores = build_confidence._rounded(network.get_weights()).scores(images)
    assert scores.std() > 0
    assert scores == pytest.approx(network(images[..., None]).numpy()[:, 0], abs=1e-4)


def test_scores_of_many_pictures_are_those_of_each(monkeypatch):
    monkeypatch.setattr("fmnist.prediction.detector.CHUNK", 4)
    detector = random_detector()
    images = np.random.default_rng(1).random((10, 28, 28), np.float32)
    alone = [detector.scores(image[None])[0] for image in images]
    assert detector.scores(images) == pytest.approx(np.array(alone), abs=1e-4)


def test_a_detector_is_stored_in_half_precision():
    detector = random_detector()
    again = Detector.from_arrays(detector.arrays())
    assert len(again.convolutions) == len(STRIDES)
    assert again.thresholds == detector.thresholds
    image = np.random.default_rng(2).random((1, 28, 28), np.float32)
    assert again.scores(image) == pytest.approx(detector.scores(image), rel=0.02, abs=0.02)
    twice = Detector.from_arrays(again.arrays())
    assert (twice.scores(image) == again.scores(image)).all()


def test_arrays_that_do_not_fit_are_not_taken():
    stored = random_detector().arrays()
    with pytest.raises(ValueError, match="dense_0"):
        Detector.from_arrays(stored | {"dense_0_bias": np.zeros(5, np.float16)})
    del stored["convolution_2_kernel"]
    with pytest.raises(KeyError):
        Detector.from_arrays(stored)


@pytest.mark.parametrize("thing", THINGS)
def test_things_are_drawn_each_in_its_own_way(thing):
    rng = np.random.default_rng(5)
    sheets = [drawn_thing(thing, rng) for _ in range(20)]
    assert all(sheet.shape == (SHEET, SHEET) and sheet.dtype == np.uint8 for sheet in sheets)
    shares = [(sheet > 0).mean() for sheet in sheets]
    assert min(shares) > 0.005 and max(shares) < 0.7
    assert len({sheet.tobytes() for sheet in sheets}) == 20


@pytest.mark.parametrize("texture", dict.fromkeys(TEXTURES), ids=lambda texture: texture.__name__)
def test_textures_are_not_even(texture):
    rng = np.random.default_rng(6)
    for _ in range(10):
        level = texture(rng)
        assert level.shape == (SHEET, SHEET)
        assert np.isfinite(level).all() and np.ptp(level) > 0
