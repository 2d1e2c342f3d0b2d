import numpy as np
import pytest

from fmnist.network import Dense, Network
from fmnist.prediction import confidence
from fmnist.prediction.confidence import KINDS, Calibration, ConfidenceError, fit_temperature
from fmnist.synthetic import not_clothing


@pytest.fixture(scope="module")
def reference():
    return confidence.read()


def drawn_from(logits, rng):
    """Labels with the very probabilities that the logits give."""
    shares = np.exp(logits - logits.max(1, keepdims=True))
    shares /= shares.sum(1, keepdims=True)
    return (rng.random((len(logits), 1)) > shares.cumsum(1)).sum(1).clip(0, 9).astype(np.uint8)


@pytest.mark.parametrize("factor", [0.5, 1.0, 3.0])
def test_temperature_undoes_over_and_under_confidence(factor):
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (20_000, 10))
    labels = drawn_from(logits, rng)
    assert fit_temperature(logits * factor, labels) == pytest.approx(factor, rel=0.08)


def test_calibrated_confidence_is_met_by_accuracy():
    rng = np.random.default_rng(1)
    logits = rng.normal(0, 1.5, (30_000, 10))
    labels = drawn_from(logits, rng)
    boastful = (logits * 4).astype(np.float32)
    temperature = fit_temperature(boastful, labels)
    calibration = Calibration(dict.fromkeys(KINDS, temperature))
    sample = range(0, 30_000, 10)
    given = np.array([calibration.confidence(boastful[k], "data") for k in sample])
    right = (boastful.argmax(1) == labels)[::10]
    assert given.mean() == pytest.approx(right.mean(), abs=0.03)


def test_calibrate_takes_any_architecture(reference):
    rng = np.random.default_rng(0)
    kernel = rng.normal(0, 0.05, (784, 10)).astype(np.float32)
    network = Network((Dense("only", kernel, np.zeros(10, np.float32), "softmax"),))
    calibration = confidence.calibrate(network, reference)
    assert set(calibration.temperatures) == set(KINDS)
    # an untrained network knows nothing, and its confidence must say so
    assert calibration.confidence(rng.normal(0, 1, 10).astype(np.float32), "photo") < 0.4


def test_validation_pictures_pass_the_detector(reference):
    for kind, limit in (("data", 0.03), ("photo", 0.06), ("drawing", 0.06)):
        scores = reference.detector.scores(reference.images[kind].astype(np.float32) / 255)
        assert (scores > reference.detector.thresholds[kind]).mean() <= limit


@pytest.mark.slow
def test_what_is_no_clothing_does_not_pass(reference):
    garments = reference.images["data"]
    strange = not_clothing.make(320, garments, seed=99)  # other pictures than it learned from
    scores = reference.detector.scores(strange)
    assert (scores > reference.detector.thresholds["drawing"]).mean() > 0.8


def test_test_images_pass(reference, real_data):
    scores = reference.detector.scores(real_data.test_images[:3000].astype(np.float32) / 255)
    assert (scores > reference.detector.thresholds["data"]).mean() < 0.03


def test_verdicts():
    assert confidence.verdict(0.99, True) == "not_clothing"
    assert confidence.verdict(0.6, False, 0.6) == "sure"
    assert confidence.verdict(0.59, False, 0.6) == "unsure"


def test_saved_and_read_again(reference, tmp_path):
    path = tmp_path / "confidence.npz"
    size = confidence.save(reference, path)
    assert size == path.stat().st_size <= confidence.MAX_BYTES
    again = confidence.read(path)
    image = reference.images["photo"][0].astype(np.float32)[None] / 255
    assert again.detector.scores(image) == pytest.approx(reference.detector.scores(image))
    assert again.detector.thresholds == pytest.approx(reference.detector.thresholds)
    for kind in KINDS:
        assert (again.images[kind] == reference.images[kind]).all()


def test_a_missing_or_damaged_file_says_what_to_do(tmp_path):
    path = tmp_path / "confidence.npz"
    with pytest.raises(ConfidenceError, match="build-confidence"):
        confidence.read(path)
    path.write_bytes(b"PK\x03\x04 no archive")
    with pytest.raises(ConfidenceError, match=r"confidence\.npz"):
        confidence.read(path)


@pytest.mark.slow
def test_made_pictures_are_images_and_repeat(reference):
    garments = reference.images["data"]
    first = not_clothing.make(60, garments, seed=4)
    assert first.shape == (60, 28, 28)
    assert first.dtype == np.float32
    assert first.min() >= 0
    assert first.max() <= 1
    assert (first.reshape(60, -1).max(1) > 0).all()
    assert (first == not_clothing.make(60, garments, seed=4)).all()
    assert (first != not_clothing.make(60, garments, seed=5)).any()
