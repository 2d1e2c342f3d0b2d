"""Files of strangers: the decoders themselves, and the same through the sandbox."""

import io
import time
import zlib
from functools import cache

import numpy as np

from fmnist.insight.evaluation import predict
from fmnist.network import MAX_PARAMETERS, MAX_UNITS, ModelError, Network, read_network
from fmnist.prediction import confidence
from fmnist.prediction.confidence import ConfidenceError
from fmnist.prediction.decode import LONGEST_EDGE, PictureError, decode
from fmnist.prediction.explain import gradient_times_input, neuron_votes
from fmnist.prediction.inference import Predictor
from fmnist.prediction.preprocess import preprocess
from fmnist.sandbox import answers
from fmnist.sandbox.opener import Opener
from fmnist.sandbox.reader import Limits
from fmnist.sandbox.wire import receive

NAME = "a file"
reference = cache(confidence.read)
# Seconds of processor time. What takes more may need more memory than the sandbox has, too.
QUICK = 0.2
# On a busy machine a process may have to wait; its memory and processor time are the real ones.
LIMITS = Limits(patience=60, start=300)
IMAGES = np.stack([np.zeros((28, 28), np.float32), np.ones((28, 28), np.float32)])


def sentence(problem: Exception) -> None:
    """A refusal names the file and can be shown."""
    text = answers.to_sentence(str(problem))
    assert text.startswith(NAME), text


def decoded(content: bytes) -> bool:
    """A picture decodes to RGB of a moderate size, and the pipeline copes with it."""
    try:
        rgb = decode(content, NAME)
    except PictureError as problem:
        sentence(problem)
        raise
    check_picture(rgb)
    if zlib.crc32(content) % 8 == 0:  # which takes ten times as long as decoding
        result = preprocess(rgb)
        assert result.image.shape == (28, 28) and result.image.dtype == np.float32
        assert np.isfinite(result.image).all()
        assert 0 <= result.image.min() <= result.image.max() <= 1
    return True


def check_picture(rgb: np.ndarray) -> None:
    assert rgb.dtype == np.uint8 and rgb.ndim == 3 and rgb.shape[2] == 3, (rgb.dtype, rgb.shape)
    assert 1 <= min(rgb.shape[:2]) <= max(rgb.shape[:2]) <= LONGEST_EDGE, rgb.shape


def read(content: bytes) -> bool:
    """A model has dense layers within the limits, and gives probabilities.

    What takes much memory is refused before it does.
    """
    try:
        network = read_network(content, NAME)
    except ModelError as problem:
        sentence(problem)
        assert not isinstance(problem.__cause__, MemoryError), problem
        raise
    check_network(network)
    if zlib.crc32(content) % 8 == 0:
        check_answers(network)
    return True


def check_answers(network: Network) -> None:
    """Confidence and explanations are numbers, or the model is refused in a sentence."""
    try:
        predictor = Predictor(network, reference())
    except ConfidenceError:
        return
    for image in IMAGES:
        answer = predictor.answer(image)
        assert 0 <= answer.confidence <= 1, answer.confidence
        assert np.isfinite(gradient_times_input(network, image, answer.class_index)).all()
        assert all(np.isfinite(vote.evidence) for vote in neuron_votes(network, image, 0))
    predictions = predict(network, (IMAGES * 255).astype(np.uint8), np.array([0, 1], np.uint8))
    assert np.isfinite(predictions.confidence).all() and predictions.loss >= 0


def check_network(network: Network) -> None:
    assert network.parameters <= MAX_PARAMETERS
    for layer in network.layers:
        assert layer.kernel.dtype == layer.bias.dtype == np.float32
        assert layer.units <= MAX_UNITS
        assert np.isfinite(layer.kernel).all() and np.isfinite(layer.bias).all()
    probabilities = network.probabilities(IMAGES)
    assert probabilities.shape == (2, 10)
    assert np.isfinite(probabilities).all(), f"probabilities are {probabilities}"
    assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-4)


def received(content: bytes) -> bool:
    """What a process of the sandbox says is read as its answer, or is no message at all."""
    header, payload = receive(io.BytesIO(content), answers.MAX_NETWORK_BYTES)
    if "problem" in header:
        assert answers.to_sentence(header["problem"]) == header["problem"]
    elif "layers" in header:
        network = answers.to_network(header, payload)
        assert network.layers[-1].units == 10 and network.parameters * 4 == len(payload)
    else:
        check_picture(answers.to_picture(header, payload))
    return True


class Opened:
    """The same files through the sandbox, which must say the same of them."""

    def __init__(self) -> None:
        self._opener = Opener(LIMITS)
        self._opener.warm_up()

    def picture(self, content: bytes) -> bool:
        """The array, or the refusal, that the decoder itself gives."""
        start = time.process_time()
        try:
            expected, refused = decode(content, NAME), ""
        except PictureError as problem:
            expected, refused = None, str(problem)
        quick = time.process_time() - start < QUICK
        try:
            found = self._opener.picture(content, NAME)
        except PictureError as problem:
            agree(str(problem), refused, quick)
            raise
        check_picture(found)
        assert not refused or not quick, "a picture that was refused here"
        assert expected is None or np.array_equal(found, expected), "another picture than here"
        return True

    def model(self, content: bytes) -> bool:
        """The network, or the refusal, that the reader itself gives."""
        start = time.process_time()
        try:
            expected, refused = read_network(content, NAME), ""
        except ModelError as problem:
            expected, refused = None, str(problem)
        quick = time.process_time() - start < QUICK
        try:
            found = self._opener.network(content, NAME)
        except ModelError as problem:
            agree(str(problem), refused, quick)
            raise
        assert expected is not None, f"a network that was refused here: {refused}"
        for one, other in zip(found.layers, expected.layers, strict=True):
            assert (one.name, one.activation) == (other.name, other.activation)
            assert np.array_equal(one.kernel, other.kernel) and np.array_equal(one.bias, other.bias)
        return True


def agree(said: str, expected: str, quick: bool) -> None:
    """A refusal of the sandbox is the decoder's, or comes of its limits."""
    answers.to_sentence(said)
    if quick:
        assert said == expected, f"the sandbox said {said!r}, and the code itself {expected!r}"
