"""What the Weights page computes, kept for as long as the model stays the same."""

from contextlib import suppress

import numpy as np

from fmnist.arrays import Float32, Int64
from fmnist.classes import CLASS_NAMES
from fmnist.dataset import Dataset, DatasetError
from fmnist.insight.neurons import NeuronStatistics, neuron_statistics, order_by, order_by_class
from fmnist.insight.weights import colour_limit, norms
from fmnist.network import Network
from fmnist.training.runs import RunError
from fmnist.ui.parts.data_cache import kept_with_data
from fmnist.ui.parts.model_picker import Subject
from fmnist.ui.server import resources

FirstLayer = tuple[Float32, Float32]  # kernel (784, units), bias (units,)

BY_NUMBER = "Number"
BY_NORM = "Norm of the weights"
BY_FIRING = "How often it fires"
BY_CLASS = "Class it speaks for"
ORDERS = (BY_NUMBER, BY_NORM, BY_FIRING, BY_CLASS)


def first_layer(subject: Subject) -> FirstLayer:
    """The newest first layer that is known. Raises RunError if the run keeps none."""
    if subject.network is not None:
        layer = subject.network.layers[0]
        return layer.kernel, layer.bias
    epochs = kept_epochs(subject)
    if subject.kept is None or not epochs:
        raise RunError(f"Run {subject.ref} has no weights yet; they come with its first epoch.")
    return subject.kept.first_layer(epochs[-1])


def shared_limit(subjects: list[Subject]) -> float:
    """One colour scale for all that is shown together, through all epochs."""
    kernels = [first_layer(subject)[0] for subject in subjects]
    for subject in subjects:
        epochs = kept_epochs(subject)
        if subject.kept and epochs:
            with suppress(RunError):  # a damaged one does not count
                kernels.append(subject.kept.first_layer(epochs[0])[0])
    return colour_limit(*kernels)


def bias_limit(subjects: list[Subject]) -> float:
    """One scale for all biases that are shown together."""
    return max(1e-6, *(float(np.abs(first_layer(subject)[1]).max()) for subject in subjects))


def statistics_of(subject: Subject) -> NeuronStatistics | None:
    """How the neurons act on the training images; None without a model or without data."""
    if subject.network is None:
        return None
    try:
        data = resources.dataset()
    except DatasetError:
        return None
    return _statistics(subject.ref, subject.version, data, subject.network)


def is_counted(subject: Subject) -> bool:
    """Whether the neurons of this model have been counted on the data that is there now."""
    try:
        return (subject.ref, subject.version) in _counted(resources.dataset())
    except DatasetError:
        return False


def count_neurons(subject: Subject) -> bool:
    """Count what the neurons do unless that is known; whether there is something new to show."""
    if is_counted(subject) or statistics_of(subject) is None:
        return False
    _counted(resources.dataset()).add((subject.ref, subject.version))
    return True


@kept_with_data(max_entries=1)
def _counted(data: Dataset) -> set[tuple[str, str]]:
    """Models whose statistics are in the cache, by ref and version."""
    return set()


@kept_with_data(show_spinner="Running all training images through the first layer", max_entries=8)
def _statistics(ref: str, version: str, data: Dataset, _network: Network) -> NeuronStatistics:
    with resources.training_images(data) as images:
        return neuron_statistics(_network, images, data.train_labels)


def order(choice: str, kernel: Float32, statistics: NeuronStatistics | None) -> Int64:
    """Neuron numbers in the order of the grid."""
    if choice == BY_NORM:
        return order_by(norms(kernel))
    if choice == BY_FIRING and statistics is not None:
        return order_by(statistics.firing_rate)
    if choice == BY_CLASS and statistics is not None:
        return order_by_class(statistics)
    return np.arange(kernel.shape[1])


def describe_neuron(
    number: int, kernel_norm: float, bias: float, statistics: NeuronStatistics | None
) -> str:
    """What a grid says about a neuron under the pointer."""
    lines = [f"<b>Neuron {number}</b>"]
    if statistics is not None:
        spoken = int(statistics.speaks_for[number])
        if statistics.dead[number]:
            lines.append("dead: fires on no training image")
        elif spoken >= 0:
            lines.append(f"speaks for {CLASS_NAMES[spoken]}")
        lines.append(f"fires on {statistics.firing_rate[number]:.1%} of the training images")
    return "<br>".join([*lines, f"norm {kernel_norm:.2f}, bias {bias:+.3f}"])


def kept_epochs(subject: Subject) -> list[int]:
    """Epochs whose first layer can be shown; none of a model that has but its last."""
    return subject.kept.epochs() if subject.kept is not None else []
