"""The epochs of a model on every page that has them: slider, button, link, a run at work."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fmnist.insight.evaluation import predict
from fmnist.prediction import confidence
from fmnist.prediction.inference import Predictor
from tests.archives import archive, fitted_network, make_run, weights
from tests.pages.test_evaluate import metric
from tests.pages.test_home import words
from tests.pages.train_runs import Visit, button, query, tell

pytestmark = pytest.mark.slow


# A page: what else its address says, and the key of its slider.
PAGES = {
    "pages/predict.py": ({"source": "sample", "index": "7"}, "predict"),
    "pages/evaluate.py": ({}, "evaluate"),
    "pages/learn.py": ({}, "learn"),
}
every_page = pytest.mark.parametrize("page", PAGES)


@pytest.fixture(scope="module")
def network(data):
    return fitted_network(data, (20, 10))


def slider(app: AppTest, page: str):
    return app.select_slider(key=f"{PAGES[page][1]}-epoch")


def opened(visit: Visit, page: str, **more: str) -> AppTest:
    app = visit(page, **PAGES[page][0], **more)
    assert not app.exception
    return app


@every_page
def test_the_epoch_is_chosen_stands_in_the_link_and_comes_back(visit, network, page, runs_dir):
    run = make_run(network, epochs=4)
    app = opened(visit, page, model=run.id)
    assert slider(app, page).value == 4 and "epoch" not in query(app)
    slider(app, page).set_value(1).run()
    assert query(app)["epoch"] == "1"
    again = opened(visit, page, model=run.id, epoch="1")
    assert slider(again, page).value == 1
    assert words(again) == words(app)
    slider(app, page).set_value(4).run()
    assert "epoch" not in query(app) and not app.exception


@every_page
def test_it_plays_from_the_first_to_the_last_and_stops(visit, network, page, runs_dir):
    app = opened(visit, page, model=make_run(network, epochs=3).id)
    button(app, "Play").click().run()
    seen = [slider(app, page).value]
    while "Pause" in [item.label for item in app.button]:
        app.run()
        assert not app.exception
        seen.append(slider(app, page).value)
    assert seen == [1, 2, 3, 3]
    assert "epoch" not in query(app)


@every_page
@pytest.mark.parametrize("epoch", ["77", "-1", "x", "9" * 30])
def test_an_epoch_that_is_not_kept_is_told_or_left_out(visit, network, page, runs_dir, epoch):
    app = opened(visit, page, model=make_run(network, epochs=2).id, epoch=epoch)
    assert slider(app, page).value == 2 and "epoch" not in query(app)


@every_page
def test_a_model_without_epochs_has_no_slider(visit, page):
    app = opened(visit, page, model="tuned", epoch="3")
    assert not [item for item in app.select_slider if item.key == f"{PAGES[page][1]}-epoch"]
    assert "epoch" not in query(app)


@every_page
def test_the_bundled_notebook_has_its_epochs(visit, page):
    app = opened(visit, page, model="notebook", epoch="3")
    assert slider(app, page).value == 3


@every_page
def test_a_run_at_work_is_followed_before_it_has_a_model(visit, network, page, runs_dir):
    run = make_run(network, epochs=2, model=False)
    lock = run.acquire("worker")
    try:
        app = opened(visit, page, model=run.id)
        assert slider(app, page).value == 2
        run.kept.save(3, *weights(network, 0.9))
        tell(run, "epoch_end", epoch=3, loss=0.1, accuracy=0.8, val_loss=0.2, val_accuracy=0.8,
             learning_rate=0.01, seconds=1.0, elapsed=3.0)  # fmt: skip
        app.run()
        assert slider(app, page).value == 3
    finally:
        lock.release()


@every_page
def test_a_run_that_keeps_nothing_yet_says_so(visit, network, page, runs_dir):
    run = make_run(network, epochs=1, model=False)
    for path in run.kept.folder.iterdir():
        path.unlink()
    app = visit(page, **PAGES[page][0], model=run.id)
    assert not app.exception  # it cannot be chosen, which a sentence says
    assert "has no model yet" in words(app)
    first = network.layers[0]
    run.kept.save(1, first.kernel, first.bias)  # as an earlier version did
    app = visit(page, **PAGES[page][0], model=run.id)
    assert not app.exception and "it comes with its first epoch" in words(app)


@every_page
def test_damaged_weights_of_an_epoch_are_told(visit, network, page, runs_dir):
    run = make_run(network, epochs=3)
    (run.kept.folder / "0001.npz").write_bytes(b"nothing")
    app = opened(visit, page, model=run.id, epoch="1")
    assert "0001.npz" in words(app)
    slider(app, page).set_value(2).run()
    assert not app.exception and "0001.npz" not in words(app)


def test_evaluate_measures_the_network_of_that_epoch(visit, network, data, runs_dir):
    run = make_run(network, epochs=4)
    app = opened(visit, "pages/evaluate.py", model=run.id, epoch="1")
    then = predict(run.kept.network(1), data.test_images, data.test_labels)
    assert metric(app, "Test accuracy") == f"{then.accuracy:.4f}"
    assert "choose by the validation accuracy" in words(app)
    slider(app, "pages/evaluate.py").set_value(4).run()
    now = predict(network, data.test_images, data.test_labels)
    assert metric(app, "Test accuracy") == f"{now.accuracy:.4f}"
    assert "choose by the validation accuracy" not in words(app)


def test_predict_answers_as_the_network_did_then(visit, network, data, runs_dir):
    run = make_run(network, epochs=4)
    app = opened(visit, "pages/predict.py", model=run.id, epoch="1")
    image = data.test_images[7] / np.float32(255)
    then = Predictor(run.kept.network(1), confidence.read()).answer(image)
    text = words(app)
    assert then.confidence_in_words() in text and then.class_name in text
    assert "As the network learned" in text and "The answer is" in text


def test_another_version_of_the_same_epoch_is_measured_anew(visit, network, data, runs_dir):
    run = make_run(network, epochs=4)
    app = opened(visit, "pages/evaluate.py", model=run.id, epoch="1")
    run.kept.save(1, *weights(network, -1))
    app.run()
    then = predict(run.kept.network(1), data.test_images, data.test_labels)
    assert metric(app, "Test accuracy") == f"{then.accuracy:.4f}"


def test_a_run_whose_model_comes_is_shown_with_it(visit, network, data, runs_dir):
    run = make_run(network, epochs=2, model=False)
    app = opened(visit, "pages/evaluate.py", model=run.id)
    run.model_path.write_bytes(archive(network))
    app.run()
    now = predict(network, data.test_images, data.test_labels)
    assert metric(app, "Test accuracy") == f"{now.accuracy:.4f}"
