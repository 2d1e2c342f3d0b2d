"""The data files: found in the documented order, checked, never trained on when wrong."""

import gzip
import hashlib
import struct

import numpy as np
import pytest

from fmnist import dataset, environment
from fmnist.arrays import scale
from fmnist.dataset import OFFICIAL_FILES, DatasetError, DatasetMissing

IMAGES, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"
TEST_IMAGES, TEST_LABELS = "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"


def source(name):
    """The file that the other tests use, packed or not."""
    folder = dataset.find()
    assert folder is not None
    return next(p for p in (folder / f"{name}.gz", folder / name) if p.is_file())


def unpacked(name):
    path = source(name)
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of its own with links to the four files."""
    place = tmp_path / "data"
    place.mkdir()
    for name in OFFICIAL_FILES:
        path = source(name)
        (place / path.name).symlink_to(path.resolve())
    monkeypatch.setenv("FMNIST_DATA_DIR", str(place))
    return place


def put(folder, name, content, packed=True):
    for path in (folder / f"{name}.gz", folder / name):
        path.unlink(missing_ok=True)
    if packed:
        (folder / f"{name}.gz").write_bytes(gzip.compress(content, 1))
    else:
        (folder / name).write_bytes(content)


def wrong(folder):
    """The message of an error that must come, whether other data is allowed or not."""
    with pytest.raises(DatasetError) as caught:
        dataset.load(folder)
    message = str(caught.value)
    assert str(folder) in message
    assert message.endswith(".")
    assert "\n" not in message
    return message


@pytest.fixture(params=["strict", "other data allowed"])
def strictness(request, monkeypatch):
    if request.param == "strict":
        request.getfixturevalue("real_data")  # the files beside a damaged one have to be right
        monkeypatch.delenv("FMNIST_ALLOW_OTHER_DATA", raising=False)
    else:
        monkeypatch.setenv("FMNIST_ALLOW_OTHER_DATA", "1")


def test_shapes_types_and_labels(data):
    for images, labels, count in (
        (data.train_images, data.train_labels, 60_000),
        (data.test_images, data.test_labels, 10_000),
    ):
        assert images.shape == (count, 28, 28) and labels.shape == (count,)
        assert images.dtype == labels.dtype == np.uint8
        assert set(np.unique(labels)) == set(range(10))


def test_arrays_are_read_only(data):
    for array in (data.train_images, data.train_labels, data.test_images, data.test_labels):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_the_real_data_is_recognised(data):
    if not data.official:
        assert data.name != "Fashion-MNIST"
        return
    assert data.name == "Fashion-MNIST"
    # First labels and class counts as published with the data set.
    assert data.train_labels[:5].tolist() == [9, 0, 0, 3, 0]
    assert data.test_labels[:3].tolist() == [9, 2, 1]
    assert np.bincount(data.train_labels).tolist() == [6000] * 10


def test_digests_are_those_of_the_content(data):
    same = {
        name: hashlib.sha256(unpacked(name)).hexdigest() == digest
        for name, (_shape, digest) in OFFICIAL_FILES.items()
    }
    assert all(same.values()) == data.official


def test_keras_reads_the_same_arrays(tensorflow, data, tmp_path, monkeypatch):
    """Keras's own loader on the very files, from a cache of its own."""
    from keras.src.backend import config

    monkeypatch.setattr(config, "_KERAS_DIR", str(tmp_path))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    cache = environment.keras_cache_dir()
    cache.mkdir(parents=True)
    for name in OFFICIAL_FILES:
        (cache / f"{name}.gz").write_bytes(gzip.compress(unpacked(name), 1))
    from keras.datasets import fashion_mnist

    (x_train, y_train), (x_test, y_test) = fashion_mnist.load_data()
    np.testing.assert_array_equal(data.train_images, x_train)
    np.testing.assert_array_equal(data.train_labels, y_train)
    np.testing.assert_array_equal(data.test_images, x_test)
    np.testing.assert_array_equal(data.test_labels, y_test)


def test_packed_and_unpacked_files_are_the_same(folder, data):
    for name in OFFICIAL_FILES:
        put(folder, name, unpacked(name), packed="images" not in name)
    loaded = dataset.load()
    assert loaded.source == str(folder)
    assert loaded.official == data.official
    assert (loaded.train_images == data.train_images).all()
    assert (loaded.test_labels == data.test_labels).all()


def test_scaling_divides_by_255():
    pixels = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)
    scaled = scale(pixels)
    assert scaled.dtype == np.float32 and scaled.shape == (1, 16, 16)
    np.testing.assert_array_equal(scaled.ravel(), np.float32(np.arange(256) / 255))
    assert pixels.max() == 255


# Where it is looked for ----------------------------------------------------------------------


def test_the_named_folder_comes_before_kerass_cache(folder, tmp_path, monkeypatch):
    cache = tmp_path / "keras" / "datasets" / "fashion-mnist"
    cache.mkdir(parents=True)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    assert dataset.find() == folder
    monkeypatch.setenv("FMNIST_DATA_DIR", str(tmp_path / "nowhere"))
    assert dataset.find() is None
    for path in folder.iterdir():
        (cache / path.name).symlink_to(path)
    assert dataset.find() == cache == environment.keras_cache_dir()
    assert dataset.load().source == str(cache)
    monkeypatch.delenv("FMNIST_DATA_DIR")
    assert dataset.find() == cache


def test_nothing_anywhere_says_where_it_looked(tmp_path, monkeypatch):
    monkeypatch.setenv("FMNIST_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    with pytest.raises(DatasetMissing, match="FMNIST_DATA_DIR") as caught:
        dataset.load()
    assert str(tmp_path / "datasets" / "fashion-mnist") in str(caught.value)


# What is wrong -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OFFICIAL_FILES)
def test_one_of_four_is_missing(folder, name, strictness):
    for path in folder.glob(f"{name}*"):
        path.unlink()
    message = wrong(folder)
    assert f"{name}.gz is missing" in message
    assert not issubclass(DatasetError, DatasetMissing)


@pytest.mark.parametrize("packed", [True, False])
def test_a_file_cut_short(folder, packed, strictness):
    put(folder, LABELS, unpacked(LABELS)[:-1000], packed)
    message = wrong(folder)
    assert LABELS in message and "59,008 bytes" in message and "60,008" in message


@pytest.mark.parametrize("kept", [0.5, 0.999, 0.0])
def test_a_packed_file_cut_short(folder, kept, strictness):
    content = gzip.compress(unpacked(TEST_LABELS), 1)
    put(folder, TEST_LABELS, b"")
    (folder / f"{TEST_LABELS}.gz").write_bytes(content[: int(kept * len(content))])
    assert f"{TEST_LABELS}" in wrong(folder)


@pytest.mark.parametrize("position", [0, 1, 500, -6])
def test_a_damaged_byte_in_a_packed_file(folder, position, strictness):
    content = bytearray(gzip.compress(unpacked(TEST_LABELS), 1))
    content[position] ^= 0xFF
    (folder / source(TEST_LABELS).name).unlink()
    (folder / f"{TEST_LABELS}.gz").write_bytes(content)
    message = wrong(folder)
    assert f"{TEST_LABELS}.gz" in message
    assert "Delete it" in message


def test_text_where_a_file_should_be(folder, strictness):
    (folder / source(IMAGES).name).unlink()
    (folder / f"{IMAGES}.gz").write_text("<html>Please log in to the network</html>")
    assert f"{IMAGES}.gz cannot be read" in wrong(folder)
    put(folder, IMAGES, b"<html>Please log in to the network</html>", packed=False)
    message = wrong(folder)
    assert IMAGES in message and "41 bytes" in message and "47,040,016" in message


def test_a_folder_where_a_file_should_be(folder, strictness):
    (folder / source(IMAGES).name).unlink()
    (folder / f"{IMAGES}.gz").mkdir()
    assert "is missing" in wrong(folder)


def test_swapped_files(folder, strictness):
    put(folder, IMAGES, unpacked(TEST_IMAGES))
    assert IMAGES in wrong(folder)


def test_training_images_of_another_order_need_permission(folder, monkeypatch, data):
    """Same shapes, other content: refused, or with permission marked as what it is."""
    content = unpacked(TEST_LABELS)
    put(folder, TEST_LABELS, content[:8] + content[8:][::-1])
    monkeypatch.delenv("FMNIST_ALLOW_OTHER_DATA", raising=False)
    if data.official:
        message = wrong(folder)
        assert TEST_LABELS in message and "SHA-256" in message
    monkeypatch.setenv("FMNIST_ALLOW_OTHER_DATA", "1")
    loaded = dataset.load()
    assert not loaded.official
    assert loaded.name == "data that is not Fashion-MNIST"
    assert (loaded.test_labels == data.test_labels[::-1]).all()


def test_another_shape(folder, strictness):
    header = struct.pack(">BBBB3I", 0, 0, 8, 3, 10_000, 14, 56)
    put(folder, TEST_IMAGES, header + unpacked(TEST_IMAGES)[16:])
    assert TEST_IMAGES in wrong(folder)


def test_another_element_type(folder, strictness):
    content = bytearray(unpacked(TEST_LABELS))
    content[2] = 9  # signed bytes
    put(folder, TEST_LABELS, bytes(content))
    assert TEST_LABELS in wrong(folder)


def test_a_label_beyond_nine(folder, monkeypatch):
    content = bytearray(unpacked(TEST_LABELS))
    content[100] = 10
    put(folder, TEST_LABELS, bytes(content))
    monkeypatch.setenv("FMNIST_ALLOW_OTHER_DATA", "1")
    assert "has the label 10; labels are 0 to 9" in wrong(folder)
