import warnings

import numpy as np
import pytest
from PIL import Image, ImageDraw

from fmnist import catalogue
from fmnist import keras_model as model_module
from fmnist.classes import CLASS_NAMES
from fmnist.network import read_network
from fmnist.prediction import confidence
from fmnist.prediction.inference import Answer, Predictor
from fmnist.prediction.preprocess import Options
from fmnist.recipe import Recipe


@pytest.fixture(scope="module")
def reference():
    return confidence.read()


@pytest.fixture(scope="module")
def keras_model(tensorflow, tmp_path_factory):
    built = model_module.build_sequential(Recipe(hidden_units=(32, 16), seed=3))
    path = tmp_path_factory.mktemp("model") / "model.keras"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of NumPy, from inside Keras
        built.save(path)
    return built, path


def test_probabilities_are_those_of_keras(keras_model, reference):
    built, path = keras_model
    predictor = Predictor(read_network(path), reference)
    images = np.random.default_rng(0).random((20, 28, 28)).astype(np.float32)
    expected = built(images).numpy()
    for image, probabilities in zip(images, expected, strict=True):
        for kind in confidence.KINDS:
            assert predictor.answer(image, kind).probabilities == pytest.approx(
                probabilities, abs=1e-6
            )


def test_answer_names_the_two_likeliest_classes():
    probabilities = np.array([0.1, 0, 0, 0, 0.3, 0, 0.6, 0, 0, 0], np.float32)
    answer = Answer(probabilities, 0.55, False)
    assert answer.class_index == 6
    assert answer.class_name == CLASS_NAMES[6]
    assert answer.runner_up == 4
    assert answer.verdict(0.5) == "sure"
    assert answer.verdict(0.6) == "unsure"
    assert Answer(probabilities, 0.99, True).verdict(0.2) == "not_clothing"
    assert Answer(probabilities, 0.99, False, clear=False).verdict(0.2) == "unsure"


def test_a_blank_picture_is_not_classified(keras_model, reference):
    predictor = Predictor(read_network(keras_model[1]), reference)
    for grey in (0, 128, 255):
        result, answer = predictor.answer_picture(np.full((60, 50, 3), grey, np.uint8))
        assert answer is None
        assert result.blank


def test_a_photo_of_nothing_is_never_a_sure_answer(reference):
    predictor = Predictor(catalogue.open_model("tuned").network, reference)
    noise = np.random.default_rng(0).uniform(0, 255, (150, 200, 3)).astype(np.uint8)
    _, answer = predictor.answer_picture(noise)
    assert answer is not None
    assert answer.verdict(0.2) == "not_clothing"


@pytest.mark.parametrize("width", [6, 14, 22])
def test_simple_shapes_are_no_clothing(reference, width):
    predictor = Predictor(catalogue.open_model("tuned").network, reference)
    for shape in ("rectangle", "ellipse"):
        for box in ((40, 90, 300, 250), (110, 30, 240, 310), (60, 60, 280, 280)):
            image = Image.new("RGB", (336, 336))
            getattr(ImageDraw.Draw(image), shape)(box, outline="white", width=width)
            _, answer = predictor.answer_picture(np.asarray(image), Options(kind="drawing"))
            assert answer is not None
            assert answer.verdict() != "sure", (shape, box)


def test_a_picture_is_answered_by_what_the_pipeline_made_of_it(keras_model, reference):
    predictor = Predictor(read_network(keras_model[1]), reference)
    picture = np.full((120, 100, 3), 255, np.uint8)
    picture[30:100, 20:80] = (40, 60, 160)
    result, answer = predictor.answer_picture(picture)
    assert answer is not None
    again = predictor.answer(result.image, "photo")
    assert answer.probabilities == pytest.approx(again.probabilities)
    assert answer.confidence == again.confidence
