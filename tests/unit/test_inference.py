import warnings

import numpy as np
import pytest
from PIL import Image, ImageDraw

from fmnist import catalogue
from fmnist import keras_model as model_module
from fmnist.classes import CLASS_NAMES
from fmnist.network import read_network
from fmnist.prediction import confidence, examples
from fmnist.prediction.inference import Answer, Predictor
from fmnist.prediction.options import Options
from fmnist.prediction.reasons import ADVICE, Reason
from fmnist.prediction.result import Result
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
        assert predictor.answer(image).probabilities == pytest.approx(probabilities, abs=1e-6)
        result = Result(image, (), "photo", (0, 0, 1, 1))
        assert predictor.answer_result(result).probabilities == pytest.approx(
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
    assert answer.probabilities == pytest.approx(predictor.answer(result.image).probabilities)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"strange": True}, Reason.STRANGE),
        ({"strange": True, "clear": False, "confidence": 0.99}, Reason.NOT_FOUND),
        ({"from_above": True, "confidence": 0.99}, Reason.FROM_ABOVE),
        ({"steadiness": 0.3}, Reason.UNSTEADY),
        ({"steadiness": 0.7}, Reason.BETWEEN),
        ({"confidence": 0.7}, None),
    ],
)
def test_an_answer_that_is_not_sure_says_why(said, reason):
    probabilities = np.array([0.1, 0, 0, 0, 0.3, 0, 0.6, 0, 0, 0], np.float32)
    answer = Answer(probabilities, **{"confidence": 0.4, "strange": False} | said)
    assert answer.reason(0.6) is reason
    assert (answer.verdict(0.6) == "sure") == (reason is None)
    if reason is Reason.BETWEEN:
        assert answer.reason_in_words(0.6) == "between Shirt and Coat"
    if reason is not None:
        assert ADVICE[reason].endswith(".")


def test_a_shoe_from_above_is_never_a_sure_answer(keras_model, reference):
    network = read_network(keras_model[1])
    for layer in network.layers:  # says Sneaker to everything
        layer.kernel[:] = 0
    network.layers[-1].bias[:] = np.eye(10)[7] * 20
    predictor = Predictor(network, reference)
    picture = np.full((200, 200, 3), 255, np.uint8)
    picture[20:180, 70:130] = (40, 60, 160)
    for rgb, above in ((picture, True), (picture.transpose(1, 0, 2).copy(), False)):
        _, answer = predictor.answer_picture(rgb, Options(kind="photo"))
        assert answer is not None
        assert answer.from_above is above
        assert not above or answer.verdict(0.0) != "sure"


@pytest.mark.slow
def test_a_turn_is_offered_for_what_lies_the_wrong_way_up(reference):
    """Sneaker and boot upside down: turned, they are surer, and are what they were."""
    predictor = Predictor(catalogue.open_model("tuned").network, reference)
    offered = 0
    for label in range(10):
        upright = examples.read(label)
        _, right = predictor.answer_picture(upright, Options(kind="photo"))
        for quarters in (1, 2, 3):
            rgb = np.ascontiguousarray(np.rot90(upright, quarters))
            result, answer = predictor.answer_picture(rgb, Options(kind="photo"))
            turn = predictor.better_turn(result, answer)
            if turn is None:
                continue
            assert turn.answer.verdict() == "sure"
            assert turn.answer.confidence >= answer.confidence
            rotated, _ = predictor.answer_picture(rgb, Options(kind="photo", rotation=turn.degrees))
            expected = np.rot90(result.image, turn.degrees // 90)
            # An item of odd width or height cannot stand in the middle of 28 pixels.
            shifts = ((x, y) for x in (-1, 0, 1) for y in (-1, 0, 1))
            moved = (np.roll(rotated.image, shift, (0, 1)) for shift in shifts)
            assert min(np.abs(image - expected).mean() for image in moved) < 0.03
            offered += turn.answer.class_index == right.class_index
    assert offered >= 8
