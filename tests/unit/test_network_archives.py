"""Archives from strangers: read as data, or refused with a sentence that says why."""

import io
import json
import zipfile

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fmnist.network import ModelError, read_network
from tests.archives import archive, configuration, random_network, weights_file
from tests.hostile import deep_brackets, huge_chunk, long_configuration, tiny_chunks, with_kernel

NETWORK = random_network()
keras_warnings = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@settings(max_examples=60, deadline=None)
@given(st.integers(min_value=0, max_value=len(archive(NETWORK)) - 1))
def test_truncated_archive_is_refused(length):
    with pytest.raises(ModelError, match=r"damaged|refused|large"):
        read_network(archive(NETWORK)[:length], "cut")


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=2000))
def test_any_bytes_are_read_or_refused(content):
    with pytest.raises(ModelError):
        read_network(content, "noise")


@settings(max_examples=100, deadline=None)
@given(st.integers(min_value=0), st.integers(min_value=0, max_value=255))
def test_one_changed_byte_never_crashes(position, value):
    content = bytearray(archive(NETWORK))
    content[position % len(content)] = value
    try:
        network = read_network(bytes(content), "changed")
    except ModelError:
        return
    assert network.layers[-1].units == 10


@pytest.mark.slow
def test_zip_bomb_is_refused_without_unpacking():
    bomb = archive(NETWORK, weights=bytes(200 * 1024 * 1024))
    assert len(bomb) < 1024 * 1024
    with pytest.raises(ModelError, match="unpacks to more than 128 MB"):
        read_network(bomb, "bomb")


def test_lying_sizes_do_not_unpack_more_than_stated():
    """A zip whose directory understates a member's size is refused while it is read."""
    bomb = bytearray(archive(NETWORK, weights=bytes(50 * 1024 * 1024)))
    true_size = (50 * 1024 * 1024).to_bytes(4, "little")
    assert bomb.count(true_size) == 2  # in the member's header and in the directory
    small = bytes(bomb).replace(true_size, (1000).to_bytes(4, "little"))
    with pytest.raises(ModelError, match="damaged"):
        read_network(small, "liar")


def test_large_archive_is_refused():
    with pytest.raises(ModelError, match="larger than 64 MB"):
        read_network(bytes(65 * 1024 * 1024), "large")


@pytest.mark.parametrize(
    "member", ["../../etc/passwd", "/etc/passwd", "evil.pkl", "assets/evil.py", "config.json/x"]
)
def test_other_members_are_refused(member, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError, match="so it is refused"):
        read_network(archive(NETWORK, extra={member: b"x"}), "odd")
    assert list(tmp_path.iterdir()) == []


def test_member_that_stands_twice_is_refused():
    content = archive(NETWORK)
    buffer = io.BytesIO(content)
    with (
        zipfile.ZipFile(buffer, "a") as file,
        pytest.warns(UserWarning, match="Duplicate name"),
    ):
        file.writestr("config.json", json.dumps(configuration(random_network((3,)))))
    with pytest.raises(ModelError, match="twice"):
        read_network(buffer.getvalue(), "double")


def with_layer(layer):
    config = configuration(NETWORK)
    config["config"]["layers"].insert(2, layer)
    return archive(NETWORK, config=config)


@pytest.mark.parametrize("kind", ["Lambda", "Conv2D", "BatchNormalization", "TFSMLayer", "os"])
def test_other_layers_are_refused(kind):
    with pytest.raises(ModelError, match=f"a layer '{kind}'.*nothing in a model is ever executed"):
        read_network(with_layer({"class_name": kind, "config": {}}), "odd")


@keras_warnings
def test_real_lambda_layer_is_refused(tmp_path, tensorflow):
    import keras

    layers = [keras.Input((28, 28)), keras.layers.Flatten(), keras.layers.Lambda(lambda x: x)]
    keras.Sequential([*layers, keras.layers.Dense(10, "softmax")]).save(tmp_path / "l.keras")
    with pytest.raises(ModelError, match="a layer 'Lambda'"):
        read_network(tmp_path / "l.keras")


def test_custom_objects_are_refused():
    layer = {"class_name": "Dense", "registered_name": "evil>Dense", "config": {}}
    with pytest.raises(ModelError, match="a layer 'Dense'"):
        read_network(with_layer(layer), "odd")


def test_custom_activation_is_refused():
    config = configuration(NETWORK)
    config["config"]["layers"][2]["config"]["activation"] = {"class_name": "function"}
    with pytest.raises(ModelError):
        read_network(archive(NETWORK, config=config), "odd")


def test_deep_brackets_are_refused():
    with pytest.raises(ModelError, match="damaged"):
        read_network(deep_brackets(100_000), "brackets")


@pytest.mark.parametrize("config", [[], None, 3, {"class_name": "Model"}, {"config": {}}])
def test_strange_configuration_is_refused(config):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("config.json", json.dumps(config))
        file.writestr("model.weights.h5", weights_file(NETWORK))
    with pytest.raises(ModelError):
        read_network(buffer.getvalue(), "strange")


def spoiled_weights(spoil):
    buffer = io.BytesIO(weights_file(NETWORK))
    with h5py.File(buffer, "r+") as file:
        del file["layers/dense/vars/0"]
        spoil(file)
    return archive(NETWORK, weights=buffer.getvalue())


def test_links_to_other_files_are_refused(tmp_path):
    outside = tmp_path / "outside.h5"
    with h5py.File(outside, "w") as file:
        file["secret"] = NETWORK.layers[0].kernel

    def external_link(file):
        file["layers/dense/vars/0"] = h5py.ExternalLink(str(outside), "secret")

    def soft_link(file):
        file["layers/dense/vars/0"] = h5py.SoftLink("/layers/dense_1/vars/0")

    def external_storage(file):
        raw = tmp_path / "raw.bin"
        raw.write_bytes(NETWORK.layers[0].kernel.tobytes())
        shape = NETWORK.layers[0].kernel.shape
        file["layers/dense/vars"].create_dataset(
            "0", shape, "f4", external=[(str(raw), 0, h5py.h5f.UNLIMITED)]
        )

    def virtual_dataset(file):
        shape = NETWORK.layers[0].kernel.shape
        layout = h5py.VirtualLayout(shape, "f4")
        layout[:] = h5py.VirtualSource(str(outside), "secret", shape)
        file["layers/dense/vars"].create_virtual_dataset("0", layout)

    for spoil in (external_link, soft_link, external_storage, virtual_dataset):
        with pytest.raises(ModelError, match="so it is refused"):
            read_network(spoiled_weights(spoil), "linked")


@pytest.mark.parametrize(
    "options",
    [
        {"shape": (784, 12), "chunks": (784, 12)},
        {"shape": (784, 12), "chunks": (1, 1)},
        {"shape": (10**6, 10**6), "chunks": (1000, 1000)},
        {"shape": (8192, 8192), "compression": "gzip", "fillvalue": 1.0},
        {"shape": (784, 12), "chunks": (784, 12), "shuffle": True},
    ],
)
def test_arrays_in_pieces_are_refused_unread(options):
    """Keras stores each array in one piece; pieces take memory by their own number and size."""
    content = with_kernel(NETWORK, lambda group: group.create_dataset("0", dtype="f4", **options))
    with pytest.raises(ModelError, match="in pieces, packed or outside"):
        read_network(content, "pieces")


@pytest.mark.parametrize("make", [tiny_chunks, huge_chunk])
def test_chunks_that_take_gigabytes_are_refused_unread(make):
    with pytest.raises(ModelError, match="in pieces, packed or outside"):
        read_network(make(NETWORK), "chunks")


def test_compact_array_is_refused():
    """An array inside its own header, as HDF5 can store small ones and Keras does not."""

    def compact(group):
        how = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        how.set_layout(h5py.h5d.COMPACT)
        space = h5py.h5s.create_simple((3, 4))
        h5py.h5d.create(group.id, b"0", h5py.h5t.IEEE_F32LE, space, how)

    with pytest.raises(ModelError, match="in pieces, packed or outside"):
        read_network(with_kernel(NETWORK, compact), "compact")


@pytest.mark.slow
@pytest.mark.parametrize("hidden", [(0,), (12, 0, 8), (1025,), (8192,)])
def test_layers_of_no_units_or_too_many_are_refused(hidden):
    with pytest.raises(ModelError, match=r"layers of 1 to 1,024 units are read"):
        read_network(archive(random_network(hidden)), "odd")


def test_the_widest_layer_is_read():
    assert read_network(archive(random_network((1024,)))).layers[0].units == 1024


def test_too_many_layers_are_refused():
    read_network(archive(random_network((3,) * 29)))  # 32, with the input and Flatten
    for content in (archive(random_network((3,) * 30)), long_configuration(NETWORK, 3000)):
        with pytest.raises(ModelError, match=r"has [\d,]+ layers; at most 32 are read"):
            read_network(content, "deep")


@pytest.mark.slow
def test_too_many_weights_are_refused():
    with pytest.raises(ModelError, match="more than 4,000,000 parameters"):
        read_network(archive(random_network((1024,) * 5)), "heavy")


@pytest.mark.parametrize("name", [None, {"a": 1}, "x" * 101])
def test_strange_layer_names_are_refused(name):
    config = configuration(NETWORK)
    config["config"]["layers"][2]["config"]["name"] = name
    with pytest.raises(ModelError, match="name is not text of at most 100 characters"):
        read_network(archive(NETWORK, config=config), "named")


def test_huge_configuration_is_refused():
    config = configuration(NETWORK) | {"padding": "x" * (5 * 1024 * 1024)}
    with pytest.raises(ModelError, match=r"config\.json to more than 4 MB"):
        read_network(archive(NETWORK, config=config), "long")


def test_messages_repeat_no_markup():
    markup = "![x](http://example.org/x.png)<script>" + "y" * 500
    with pytest.raises(ModelError) as caught:
        read_network(with_layer({"class_name": markup, "config": {}}), "odd")
    message = str(caught.value)
    assert not set("![](){}<`*:") & set(message)
    assert len(message) < 300


def test_other_compression_is_refused():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_LZMA) as file:
        file.writestr("config.json", json.dumps(configuration(NETWORK)))
        file.writestr("model.weights.h5", weights_file(NETWORK))
    with pytest.raises(ModelError, match="packed in a way"):
        read_network(buffer.getvalue(), "lzma")


def test_missing_or_strange_arrays_are_refused():
    def group(file):
        file.create_group("layers/dense/vars/0")

    def text(file):
        file["layers/dense/vars/0"] = np.full((784, 12), b"x")

    def flat(file):
        file["layers/dense/vars/0"] = np.zeros(784, np.float32)

    for spoil in (lambda _file: None, group, text, flat):
        with pytest.raises(ModelError):
            read_network(spoiled_weights(spoil), "strange")


@pytest.mark.parametrize(("position", "value"), [(0, 1e38), (1, 1e30), (2, -3e38)])
def test_weights_that_overflow_are_refused(position, value):
    """Each is a number, but sums and products of them are none, and the answers were NaN."""
    network = random_network()
    network.layers[position].kernel[:] = value
    with pytest.raises(ModelError, match=r"weights so large that answers overflow"):
        read_network(archive(network), "loud")


def test_large_weights_that_do_not_overflow_are_read():
    network = random_network()
    network.layers[0].kernel[:] *= 1e6
    assert np.isfinite(read_network(archive(network)).probabilities(np.ones((1, 28, 28)))).all()
