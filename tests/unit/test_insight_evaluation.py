import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn import metrics

from fmnist.insight import evaluation
from fmnist.insight.evaluation import Predictions, predict, select, wilson_interval
from tests.archives import random_network


def made_predictions(count=500, seed=0, classes=10):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, count).astype(np.uint8)
    logits = rng.normal(0, 2, (count, 10))
    logits[np.arange(count), labels] += 2
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    losses = -np.log(probabilities[np.arange(count), labels])
    return Predictions(probabilities.astype(np.float32), losses.astype(np.float32), labels)


def test_chunks_give_what_the_network_gives(data):
    network = random_network((20, 7))
    images, labels = data.test_images[:4567], data.test_labels[:4567]
    says = predict(network, images, labels)
    expected = network.probabilities(images.astype(np.float32) / np.float32(255))
    np.testing.assert_allclose(says.probabilities, expected, atol=1e-6)
    assert says.loss == pytest.approx(metrics.log_loss(labels, expected, labels=range(10)), 1e-5)
    assert says.accuracy == metrics.accuracy_score(labels, expected.argmax(axis=1))


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_loss_and_accuracy_are_those_of_keras_evaluate(data, tmp_path, tensorflow):
    from fmnist.keras_model import build_sequential, compile_model
    from fmnist.network import read_network
    from fmnist.recipe import Recipe

    recipe = Recipe(hidden_units=(30,))
    model = compile_model(build_sequential(recipe), recipe)
    images, labels = data.test_images[:1000], data.test_labels[:1000]
    loss, accuracy = model.evaluate(images / np.float32(255), labels, verbose=0, batch_size=1000)
    model.save(tmp_path / "model.keras")
    says = predict(read_network(tmp_path / "model.keras"), images, labels)
    assert says.loss == pytest.approx(loss, rel=1e-5)
    assert says.accuracy == pytest.approx(accuracy, abs=1e-6)


def test_loss_stays_finite_when_the_probability_does_not():
    network = random_network((), seed=1)
    network.layers[0].bias[:] = [0, 500, 0, 0, 0, 0, 0, 0, 0, 0]
    says = predict(network, np.zeros((3, 28, 28), np.uint8), np.zeros(3, np.uint8))
    assert (says.probabilities[:, 0] == 0).all()
    np.testing.assert_allclose(says.losses, 500)


@given(st.integers(1, 20_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_interval_is_that_of_scipy(case):
    successes, trials = case
    expected = binomtest(successes, trials).proportion_ci(0.95, "wilson")
    assert wilson_interval(successes, trials) == pytest.approx(
        (expected.low, expected.high), abs=1e-6
    )


@pytest.mark.parametrize("case", [(1, 0), (-1, 5), (6, 5)])
def test_wilson_interval_refuses_what_is_no_proportion(case):
    with pytest.raises(ValueError, match="not a proportion"):
        wilson_interval(*case)


@pytest.mark.parametrize("classes", [10, 7])  # 7: three classes have no images
def test_class_report_is_that_of_scikit_learn(classes):
    says = made_predictions(classes=classes)
    matrix = evaluation.confusion_matrix(says.labels, says.predicted)
    np.testing.assert_array_equal(
        matrix, metrics.confusion_matrix(says.labels, says.predicted, labels=range(10))
    )
    report = evaluation.class_report(matrix)
    expected = metrics.precision_recall_fscore_support(
        says.labels, says.predicted, labels=range(10), zero_division=0
    )
    actual = (report.precision, report.recall, report.f1, report.support)
    for ours, theirs in zip(actual, expected, strict=True):
        np.testing.assert_allclose(ours, theirs)
    normalised = metrics.confusion_matrix(
        says.labels, says.predicted, labels=range(10), normalize="true"
    )
    np.testing.assert_allclose(evaluation.row_shares(matrix), normalised)


def test_select_filters_and_sorts():
    says = made_predictions(300)
    for confident_first in (True, False):
        chosen = select(says, 3, 5, correct=False, confident_first=confident_first)
        expected = [i for i in range(300) if says.labels[i] == 3 and says.predicted[i] == 5]
        assert sorted(chosen) == expected
        confidence = says.confidence[chosen]
        ordered = np.sort(confidence)[::-1] if confident_first else np.sort(confidence)
        np.testing.assert_array_equal(confidence, ordered)
    assert len(select(says)) == 300
    assert len(select(says, 3, 3, correct=False)) == 0
    assert set(select(says, correct=True)) | set(select(says, correct=False)) == set(range(300))


def test_published_figures_name_their_sources():
    assert [figure.accuracy for figure in evaluation.PUBLISHED] == [0.835, 0.8761, 0.8833]
    assert all(len(figure.source) > 20 for figure in evaluation.PUBLISHED)
