"""What the Evaluate page computes, kept for as long as the model stays the same."""

import streamlit as st

from fmnist.arrays import scale
from fmnist.dataset import Dataset
from fmnist.insight.evaluation import Predictions, predict
from fmnist.network import Network
from fmnist.prediction import confidence
from fmnist.ui.parts.data_cache import kept_with_data
from fmnist.ui.parts.model_picker import Subject
from fmnist.ui.server import resources


def test_predictions(subject: Subject, data: Dataset) -> Predictions:
    """What the model says about the test images."""
    assert subject.network is not None
    return _test(subject.ref, subject.version, data, subject.network)


def training_predictions(subject: Subject, data: Dataset) -> Predictions:
    """What the model says about the training images."""
    assert subject.network is not None
    return _training(subject.ref, subject.version, data, subject.network)


def temperature(subject: Subject) -> float | None:
    """The number by which Predict divides this model's logits; None if it cannot be fitted."""
    assert subject.network is not None
    try:
        return _temperature(subject.ref, subject.version, subject.network)
    except confidence.ConfidenceError:
        return None


@kept_with_data(max_entries=8)
def _test(ref: str, version: str, data: Dataset, _network: Network) -> Predictions:
    return predict(_network, data.test_images, data.test_labels)


@kept_with_data(show_spinner="Classifying all training images", max_entries=4)
def _training(ref: str, version: str, data: Dataset, _network: Network) -> Predictions:
    with resources.training_images(data) as images:
        return predict(_network, images, data.train_labels)


@st.cache_resource(show_spinner=False, max_entries=8)
def _temperature(ref: str, version: str, _network: Network) -> float:
    reference = confidence.read()
    images = scale(reference.images["data"])
    return confidence.fit_temperature(_network.logits(images), reference.labels["data"])
