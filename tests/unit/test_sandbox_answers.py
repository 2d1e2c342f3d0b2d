"""What comes back from the process that opens files is believed only as far as it can be true."""

import io
import json
import struct
from typing import Any

import numpy as np
import pytest

from fmnist.network import MAX_LAYERS
from fmnist.sandbox import answers
from fmnist.sandbox.wire import MAX_HEADER_BYTES, WireError, receive, send
from tests.archives import random_network

NETWORK = random_network((3,))


def message(header: dict[str, Any], parts: list[Any]) -> bytes:
    stream = io.BytesIO()
    send(stream, header, parts)
    return stream.getvalue()


def through(header: dict[str, Any], parts: list[Any]) -> tuple[dict[str, Any], bytes]:
    return receive(io.BytesIO(message(header, parts)), 10**6)


def test_picture_comes_back() -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (5, 7, 3), np.uint8)
    np.testing.assert_array_equal(answers.to_picture(*through(*answers.from_picture(rgb))), rgb)


@pytest.mark.parametrize("hidden", [(), (3,), (5, 4, 3)])
def test_network_comes_back(hidden: tuple[int, ...]) -> None:
    network = random_network(hidden)
    found = answers.to_network(*through(*answers.from_network(network)))
    for read, written in zip(found.layers, network.layers, strict=True):
        assert (read.name, read.activation) == (written.name, written.activation)
        np.testing.assert_array_equal(read.kernel, written.kernel)
        np.testing.assert_array_equal(read.bias, written.bias)


@pytest.mark.parametrize(
    "shape",
    [None, [], [5], [5, 7, 3], [5, 8], [0, 7], [-5, -7], [5.0, 7], [True, 105], "57", {"5": 7},
     [1025, 1], [10**30, 1], [[5], 7]],
)  # fmt: skip
def test_wrong_pictures_are_refused(shape: object) -> None:
    with pytest.raises(WireError):
        answers.to_picture({"shape": shape}, bytes(5 * 7 * 3))


def layer(**changes: object) -> dict[str, object]:
    return {"name": "a", "shape": [784, 10], "activation": "softmax"} | changes


NUMBERS = np.zeros(784 * 10 + 10, np.float32).tobytes()


def test_the_layer_that_the_wrong_ones_differ_from_is_right() -> None:
    assert answers.to_network({"layers": [layer()]}, NUMBERS).parameters == 7850


@pytest.mark.parametrize(
    ("layers", "content"),
    [
        (None, NUMBERS),
        ([], NUMBERS),
        ({}, NUMBERS),
        ([None], NUMBERS),
        ([layer()] * (MAX_LAYERS + 1), NUMBERS),
        ([layer(), layer()], NUMBERS),
        ([layer(name=None)], NUMBERS),
        ([layer(name="x" * 101)], NUMBERS),
        ([layer(activation="tanh")], NUMBERS),
        ([layer(activation=["softmax"])], NUMBERS),
        ([layer(activation="relu")], NUMBERS),
        ([layer(shape=[784, 9])], NUMBERS[:-3140]),
        ([layer(shape=[784, 10.0])], NUMBERS),
        ([layer(shape=[784, 1025])], NUMBERS),
        ([layer()], NUMBERS[:-4]),
        ([layer()], NUMBERS[:-1]),
        ([layer()], NUMBERS + bytes(4)),
        ([layer()], np.full(7850, np.nan, np.float32).tobytes()),
    ],
)
def test_wrong_networks_are_refused(layers: object, content: bytes) -> None:
    with pytest.raises(WireError):
        answers.to_network({"layers": layers}, content)


@pytest.mark.parametrize("problem", [None, "", 3, ["x"], "two\nlines", "x" * 1001, "\x1b[2J"])
def test_wrong_sentences_are_refused(problem: object) -> None:
    with pytest.raises(WireError):
        answers.to_sentence(problem)


def raw(header: bytes, size: int = 0, said: int | None = None) -> bytes:
    return struct.pack(">II", len(header) if said is None else said, size) + header


WRONG = {
    "nothing": b"",
    "half of the lengths": b"\0\0",
    "shorter than stated": raw(b"{}", said=3),
    "content missing": raw(b"{}", size=5),
    "too much content": raw(b"{}", size=2**31),
    "a long header": raw(json.dumps({"a": "x" * MAX_HEADER_BYTES}).encode()),
    "no JSON": raw(b"\x80\x04K\x01."),
    "no object": raw(b"[]"),
    "deep brackets": raw(b"[" * 60_000),
    "a long number": raw(b"[" + b"9" * 60_000 + b"]"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_no_message_is_refused(case: str) -> None:
    with pytest.raises(WireError):
        receive(io.BytesIO(WRONG[case]), 1000)
