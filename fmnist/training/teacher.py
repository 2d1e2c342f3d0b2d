"""A larger network whose opinion of a picture the small one can learn in place of its label.

What a teacher gives each wrong class says more than the right class alone (Hinton, Vinyals and
Dean, "Distilling the knowledge in a neural network", arXiv:1503.02531). It is a convolutional
network, which copes better with pictures that are moved, drawn or photographed. It only teaches:
answers come from the small network alone.

``python -m fmnist build-teacher`` makes its weights. TensorFlow is imported inside the functions.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fmnist.arrays import Float32, UInt8, scale
from fmnist.classes import CLASS_COUNT, SIDE
from fmnist.dataset import Dataset, DatasetError

if TYPE_CHECKING:
    import keras

PATH = Path(__file__).parents[2] / "assets" / "teacher.npz"
TEMPERATURE = 1.0  # divides its logits; 1.5 and 2 gave lower accuracy in validation
# Of an image as it is, this share of what is learnt is its label, which is known to be right. With
# opinions alone accuracy in validation was lower by half a point.
LABEL_SHARE = 0.7
CHUNK = 1000  # images answered at a time

# How it is trained: chosen by accuracy on the 3,000 validation images.
EPOCHS, BATCH, RATE, DECAY = 18, 128, 0.002, 0.001
ORIGINALS = 0.5  # share of images shown as they are
FITTED = 57_000  # training images; the rest of the 60,000 are for validation


def opinions(images: UInt8, tell: Callable[[float], None] = lambda share: None) -> Float32:
    """Probabilities of the ten classes, softened: (n, 10), float32.

    Parameters
    ----------
    images : ndarray of shape (n, 28, 28), uint8
    tell : gets the share that is done; what it raises ends the work

    Raises
    ------
    DatasetError
        If the teacher's weights cannot be read.
    """
    import tensorflow as tf

    network = build()
    try:
        with np.load(PATH, allow_pickle=False) as stored:
            network.set_weights([stored[name].astype(np.float32) for name in sorted(stored)])
    except (OSError, ValueError, EOFError) as problem:
        raise DatasetError(
            f"The teacher {PATH} cannot be read ({problem}). Restore the file, or train without: "
            "augmentation pictures."
        ) from problem
    result = np.empty((len(images), CLASS_COUNT), np.float32)
    answer = tf.function(
        lambda some: tf.nn.softmax(network(some, training=False) / TEMPERATURE), autograph=False
    )
    for start in range(0, len(images), CHUNK):
        tell(start / len(images))
        part = slice(start, start + CHUNK)
        result[part] = answer(scale(images[part])[..., None]).numpy()
    return result


def build() -> keras.Model:
    """The untrained network: (n, 28, 28, 1), float32 in [0, 1] → logits (n, 10)."""
    import keras

    layers = keras.layers

    def convolved(x: Any, filters: int) -> Any:
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        return layers.ReLU()(layers.BatchNormalization()(x))

    image = keras.Input((SIDE, SIDE, 1))
    x = layers.MaxPooling2D()(convolved(image, 32))  # (n, 14, 14, 32)
    x = convolved(convolved(x, 64), 64)
    x = layers.Dropout(0.3)(layers.MaxPooling2D()(x))  # (n, 7, 7, 64)
    x = layers.MaxPooling2D()(convolved(x, 128))  # (n, 3, 3, 128)
    x = layers.Dropout(0.4)(layers.Flatten()(x))
    return keras.Model(image, layers.Dense(CLASS_COUNT)(x))


def train(data: Dataset, say: Callable[[str], None], epochs: int = EPOCHS, seed: int = 0) -> float:
    """Train a teacher on the data and its changed copies, and save it; accuracy in validation.

    Raises
    ------
    DatasetError
        If the data is not Fashion-MNIST itself.
    """
    if not data.official:
        raise DatasetError(f"The teacher is trained on Fashion-MNIST itself, not on {data.name}.")
    import keras

    from fmnist.synthetic import augment

    labels = data.train_labels[:FITTED]
    copies = augment.variants(data.train_images[:FITTED], seed, labels)  # (k, n, 28, 28)
    made = np.array(augment.WEIGHTS[1:])
    weights = [ORIGINALS, *(made / made.sum() * (1 - ORIGINALS))]
    keras.utils.set_random_seed(seed)
    network = build()
    schedule = keras.optimizers.schedules.CosineDecay(RATE, epochs * (FITTED // BATCH))
    network.compile(
        keras.optimizers.AdamW(schedule, weight_decay=DECAY),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    kept = scale(data.train_images[FITTED:])[..., None], data.train_labels[FITTED:]
    rng = np.random.default_rng(seed)
    accuracy = 0.0
    for epoch in range(epochs):
        chosen = copies[rng.choice(len(weights), FITTED, p=weights), np.arange(FITTED)]
        mirrored = rng.random(FITTED) < 0.5
        chosen[mirrored] = chosen[mirrored, :, ::-1]
        network.fit(scale(chosen)[..., None], labels, batch_size=BATCH, verbose=0)
        accuracy = float(network.evaluate(*kept, verbose=0)[1])
        say(f"epoch {epoch + 1} of {epochs}: accuracy {accuracy:.4f} in validation")
    save(network.get_weights())
    return accuracy


def save(weights: list[Float32], path: Path = PATH) -> None:
    """Write the weights as half-precision numbers, in the order of the layers."""
    arrays: dict[str, Any] = {
        f"{number:02d}": value.astype(np.float16) for number, value in enumerate(weights)
    }
    np.savez_compressed(path, **arrays)
