import shutil

import pytest
from streamlit.testing.v1 import AppTest

from fmnist.classes import CLASS_NAMES
from fmnist.insight.evaluation import confusion_matrix, predict, wilson_interval
from fmnist.insight.labels import candidates
from tests.archives import archive, fitted_network, make_run, random_network
from tests.pages.test_home import words

EVALUATE = "pages/evaluate.py"


@pytest.fixture(scope="module")
def network(data):
    return fitted_network(data, (60, 30))


@pytest.fixture(scope="module")
def says(network, data):
    return predict(network, data.test_images, data.test_labels)


def metric(app: AppTest, label: str) -> str:
    return next(item.value for item in app.metric if item.label == label)


def choose(app: AppTest, label: str, value: object) -> AppTest:
    kinds = [*app.selectbox, *app.get("button_group")]
    next(item for item in kinds if item.label == label).set_value(value).run()
    assert not app.exception
    return app


@pytest.mark.slow
def test_headline_is_the_measured_one(visit, network, says, runs_dir, data):
    app = visit(EVALUATE, model=make_run(network).id)
    assert metric(app, "Test accuracy") == f"{says.accuracy:.4f}"
    assert metric(app, "Test loss") == f"{says.loss:.4f}"
    low, high = wilson_interval(int(says.correct.sum()), 10_000)
    assert f"{low:.1%} to {high:.1%}" in words(app)


def test_published_figures_stand_only_beside_the_real_data(visit, network, runs_dir, data):
    text = words(visit(EVALUATE, model=make_run(network).id))
    assert ("@heitorrapela" in text) is data.official
    assert ("nothing about Fashion-MNIST" in text) is not data.official


def test_cell_of_the_most_frequent_mistake_is_open(visit, network, says, runs_dir):
    matrix = confusion_matrix(says.labels, says.predicted)
    matrix[range(10), range(10)] = 0
    true, given = divmod(int(matrix.argmax()), 10)
    text = words(visit(EVALUATE, model=make_run(network).id))
    assert f"{CLASS_NAMES[true]} taken for {CLASS_NAMES[given]}: {matrix.max():,}" in text


def test_a_link_brings_cell_filters_and_threshold(visit, network, runs_dir):
    query = {"cell": "9-5", "unit": "Share of row", "true": "Bag", "predicted": "Shirt"}
    app = visit(EVALUATE, model=make_run(network).id, **query)
    assert "Ankle boot taken for Sandal" in words(app)
    assert app.selectbox(key="true").value == CLASS_NAMES.index("Bag")
    assert app.selectbox(key="predicted").value == CLASS_NAMES.index("Shirt")
    assert app.query_params["cell"] in ("9-5", ["9-5"])
    app = visit(EVALUATE, view="Calibration", threshold="0.9")
    assert app.slider(key="threshold").value == 0.9


@pytest.mark.slow
def test_images_link_to_their_explanation(visit, network, says, runs_dir):
    model = make_run(network).id
    app = visit(EVALUATE, model=model)
    wrong = max(
        (index for index in range(10_000) if not says.correct[index]),
        key=lambda index: says.confidence[index],
    )
    assert f'href="predict?source=sample&amp;index={wrong}&amp;model={model}"' in words(app)


def test_filters(visit, network, says, runs_dir):
    app = visit(EVALUATE, model=make_run(network).id)
    wrong = int((~says.correct).sum())
    assert f"{wrong:,} of 10,000 test images" in words(app)
    choose(app, "True class", 6)
    shirts = int(((says.labels == 6) & ~says.correct).sum())
    assert f"{shirts:,} of 10,000 test images" in words(app)
    choose(app, "Predicted class", 6)
    assert "0 of 10,000 test images" in words(app)
    choose(app, "Show", "Least confident right answers")
    right = int(((says.labels == 6) & says.correct).sum())
    assert f"{right:,} of 10,000 test images" in words(app)


def cards(app: AppTest) -> int:
    """How many cards the page shows: those of the matrix and of what is below it."""
    return words(app).count('class="fmnist-card"')


@pytest.mark.parametrize(("key", "first", "more"), [("list-more", 24, 48), ("matrix-more", 12, 48)])
def test_show_more_shows_more(visit, network, says, runs_dir, key, first, more):
    """A test of a page reruns all of it, as a rerun of the page that overtakes the press does."""
    matrix = confusion_matrix(says.labels, says.predicted)
    matrix[range(10), range(10)] = 0
    there = {"list-more": int((~says.correct).sum()), "matrix-more": int(matrix.max())}[key]
    app = visit(EVALUATE, model=make_run(network).id)
    before = cards(app)
    app.button(key=key).click().run()
    assert not app.exception
    assert cards(app) - before == min(more, there - first) > 0


@pytest.mark.slow
def test_more_of_the_label_lens_and_a_filter_begins_anew(visit, network, runs_dir):
    app = visit(EVALUATE, model=make_run(network).id, view="Label lens")
    before = cards(app)
    app.button(key="lens-more").click().run()
    assert not app.exception
    assert cards(app) == before + 48
    choose(app, "Given label", 6)
    assert cards(app) == before


@pytest.mark.slow
@pytest.mark.parametrize("view", ["Images", "Per class", "Calibration", "Label lens", "Two models"])
def test_every_view_has_a_link(visit, network, runs_dir, view):
    app = visit(EVALUATE, model=make_run(network).id, view=view)
    expected = {
        "Images": "of 10,000 test images",
        "Per class": "| class | precision |",
        "Calibration": "Expected calibration error",
        "Label lens": "wrong label",
        "Two models": "Choose a second model",
    }
    assert expected[view] in words(app)


def test_per_class_table_has_every_class(visit, network, says, runs_dir):
    from sklearn.metrics import precision_recall_fscore_support

    text = words(visit(EVALUATE, model=make_run(network).id, view="Per class"))
    table = zip(*precision_recall_fscore_support(says.labels, says.predicted), strict=True)
    for name, (precision, recall, f1, support) in zip(CLASS_NAMES, table, strict=True):
        line = f"| {name} | {precision:.3f} | {recall:.3f} | {f1:.3f} | {support:,} |"
        assert line in text


def test_threshold_of_calibration(visit, network, says, runs_dir):
    app = visit(EVALUATE, model=make_run(network).id, view="Calibration")
    choose(app, "Confidence", "The network's own")
    app.slider[0].set_value(0.9).run()
    answered = says.confidence >= 0.9
    text = words(app)
    assert f"answers {answered.mean():.1%} of the 10,000" in text
    assert f"right on {says.correct[answered].mean():.1%} of those" in text


@pytest.mark.slow
def test_label_lens_offers_the_highest_losses(visit, network, runs_dir, data):
    app = visit(EVALUATE, model=make_run(network).id, view="Label lens")
    training = predict(network, data.train_images, data.train_labels)
    first = candidates(training, 1)[0]
    assert f"no. {first.index}, loss {first.loss:.1f}" in words(app)
    assert [item.proto.label for item in app.get("download_button")] == ["These 200 as CSV"]


def test_two_models_are_compared_in_words(visit, network, says, runs_dir, data):
    other = random_network((5,))
    first, second = make_run(network), make_run(other)
    app = visit(EVALUATE, model=first.id, beside=second.id, view="Two models")
    rival = predict(other, data.test_images, data.test_labels)
    assert metric(app, "Only the first right") == f"{int((says.correct & ~rival.correct).sum()):,}"
    assert "very likely the better one" in words(app)


def test_a_model_beside_itself(visit, network, runs_dir):
    run = make_run(network)
    app = visit(EVALUATE, model=run.id, beside=run.id, view="Two models")
    assert "exactly the same images" in words(app)


def test_uploaded_file_is_evaluated(visit, network, says, runs_dir):
    app = visit(EVALUATE)
    choose(app, "Model", "upload")
    app.file_uploader[0].upload("mine.keras", archive(network), "application/zip").run()
    assert metric(app, "Test accuracy") == f"{says.accuracy:.4f}"


def test_run_without_a_model_says_so(visit, network, runs_dir):
    run = make_run(network, model=False)
    shutil.rmtree(run.kept.folder)
    app = visit(EVALUATE, model=run.id)
    assert "has no model yet" in app.warning[0].value


def test_nothing_trained_yet(visit, runs_dir, monkeypatch):
    from fmnist import catalogue

    monkeypatch.setattr(catalogue, "BUNDLED", {})
    app = visit(EVALUATE)
    assert "No model has been trained yet" in app.info[0].value


@pytest.mark.slow
def test_without_data_the_stand_in_is_evaluated(visit, network, runs_dir, monkeypatch, tmp_path):
    run = make_run(network)
    monkeypatch.delenv("FMNIST_DATA_DIR")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    app = visit(EVALUATE, model=run.id)
    assert "Confusion matrix on a stand-in for Fashion-MNIST" in words(app)
