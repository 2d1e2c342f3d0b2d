import pytest
from streamlit.testing.v1 import AppTest

from fmnist.insight.neurons import neuron_statistics
from fmnist.ui.weights.data import ORDERS
from tests.archives import archive, fitted_network, make_run, random_network
from tests.pages.test_home import words

WEIGHTS = "pages/weights.py"


@pytest.fixture(scope="module")
def network(data):
    return fitted_network(data, (20, 9))


def select(app: AppTest, label: str):
    return next(item for item in app.selectbox if item.label == label)


def shown_neuron(app: AppTest) -> int:
    return int(app.number_input[0].value)


@pytest.mark.slow
def test_a_finished_run_shows_its_neurons_and_layers(visit, network, runs_dir, data):
    run = make_run(network)
    app = visit(WEIGHTS, model=run.id)
    text = words(app)
    assert "20 neurons" in text
    assert "784 × 20" in text and "20 × 9" in text and "9 × 10" in text
    assert f"{network.parameters:,}" in text
    assert [item.value.count("Dense(") for item in app.code] == [3, 3]
    statistics = neuron_statistics(network, data.train_images, data.train_labels)
    dead = int(statistics.dead.sum())
    assert (f"{dead} dead" if dead else "None is dead") in text


def test_a_run_leads_to_its_learning_curves(visit, network, runs_dir):
    run = make_run(network)
    app = visit(WEIGHTS, model=run.id)
    links = {link.proto.label: link.proto for link in app.get("page_link")}
    assert f"run={run.id}" in links["Learning curves of this run"].query_string


def test_a_model_of_other_data_says_so(visit, network, runs_dir):
    app = visit(WEIGHTS, model=make_run(network, official=False).id)
    assert "not on Fashion-MNIST" in words(app)


def test_neuron_in_the_url(visit, network, runs_dir):
    run = make_run(network)
    app = visit(WEIGHTS, model=run.id, neuron="7")
    assert shown_neuron(app) == 7
    assert "Neuron 7 close up" in words(app)
    bias = network.layers[0].bias[7]
    assert f"bias **{bias:+.3f}**" in words(app)


@pytest.mark.parametrize("number", ["20", "-1", "1e3", "x", "99999999999999999999", "٣", ""])
def test_unknown_neuron_in_the_url_is_named(visit, network, runs_dir, number):
    app = visit(WEIGHTS, model=make_run(network).id, neuron=number)
    assert shown_neuron(app) == 0
    assert "neurons 0 to 19" in app.warning[0].value
    assert "neuron" not in app.query_params


@pytest.mark.slow
def test_number_typed_goes_to_the_url(visit, network, runs_dir):
    app = visit(WEIGHTS, model=make_run(network).id)
    app.number_input[0].set_value(11).run()
    assert app.query_params["neuron"] in ("11", ["11"])
    assert "Neuron 11 close up" in words(app)


@pytest.mark.slow
def test_runs_of_the_same_minute_are_told_apart(visit, network, runs_dir):
    first, second = make_run(network), make_run(random_network((30,)))
    app = visit(WEIGHTS, model=first.id)
    assert len(set(select(app, "Model").options)) == len(select(app, "Model").options)
    assert "20 neurons" in words(app)
    select(app, "Model").select(second.id).run()
    assert "30 neurons" in words(app)


@pytest.mark.slow
def test_a_smaller_model_after_a_larger_one(visit, network, runs_dir):
    large, small = make_run(network), make_run(random_network((3,)))
    app = visit(WEIGHTS, model=large.id, neuron="15")
    select(app, "Model").select(small.id).run()
    assert not app.exception
    assert shown_neuron(app) == 0
    assert "neuron" not in app.query_params


@pytest.mark.slow
@pytest.mark.parametrize("hidden", [(), (1,), (2, 1, 3), (512, 30)])
def test_any_shape_of_model(visit, runs_dir, hidden):
    app = visit(WEIGHTS, model=make_run(random_network(hidden)).id)
    assert f"{hidden[0] if hidden else 10} neurons" in words(app)
    assert "Layers" in words(app)


@pytest.mark.slow
@pytest.mark.parametrize("order", ORDERS)
def test_every_order(visit, network, runs_dir, order):
    app = visit(WEIGHTS, model=make_run(network).id)
    select(app, "Sort by").select(order).run()
    assert not app.exception


@pytest.mark.slow
def test_own_scales_are_labelled(visit, network, runs_dir):
    app = visit(WEIGHTS, model=make_run(network).id)
    assert "All neurons share one scale" in words(app)
    app.toggle[0].set_value(True).run()
    assert "cannot be compared" in words(app)


@pytest.mark.slow
def test_two_models_side_by_side(visit, network, runs_dir):
    first, second = make_run(network), make_run(random_network((30,)))
    app = visit(WEIGHTS, model=first.id, beside=second.id)
    assert not app.exception
    assert [item.label for item in app.select_slider] == ["Epoch (0 is before training)"] * 2


@pytest.mark.slow
@pytest.mark.parametrize(("parameter", "key"), [("model", "grid"), ("beside", "beside-grid")])
def test_another_model_is_shown_after_its_newest_epoch(
    visit, network, runs_dir, parameter: str, key: str
):
    short, long = (make_run(network, epochs=epochs) for epochs in (1, 3))
    app = visit(WEIGHTS, **{"model": "tuned", parameter: short.id})
    assert app.select_slider(key=f"{key}-epoch").value == 1
    app.selectbox(key=f"{parameter}-picker").select(long.id).run()
    assert app.select_slider(key=f"{key}-epoch").value == 3
    app.select_slider(key=f"{key}-epoch").set_value(1).run()
    app.selectbox(key=f"{parameter}-picker").select(short.id).run()
    assert not [name for name in app.query_params if "epoch" in name]
    assert not app.exception


def test_slider_goes_through_the_epochs_that_are_kept(visit, network, runs_dir):
    app = visit(WEIGHTS, model=make_run(network, epochs=4).id)
    slider = app.select_slider[0]
    assert slider.options == ["0", "1", "2", "3", "4"]
    assert slider.value == 4
    slider.set_value(1).run()
    assert not app.exception
    assert app.select_slider[0].value == 1


@pytest.mark.slow
def test_play_begins_at_the_start_and_stops_at_the_end(visit, network, runs_dir):
    app = visit(WEIGHTS, model=make_run(network, epochs=3).id)
    next(item for item in app.button if item.label == "Play").click().run()
    seen = [app.select_slider[0].value]
    for _ in range(5):
        app.run()
        seen.append(app.select_slider[0].value)
    assert seen[0] in (0, 1)
    assert seen == sorted(seen)
    assert seen[-1] == 3
    assert "Play" in [item.label for item in app.button]


def test_run_without_a_model_shows_its_first_layer(visit, network, runs_dir):
    run = make_run(network, epochs=2, model=False)
    app = visit(WEIGHTS, model=run.id)
    text = words(app)
    assert "20 neurons" in text
    assert "once the run has a model" in text


def test_live_run_is_followed(visit, network, runs_dir):
    run = make_run(network, epochs=2, model=False)
    lock = run.acquire("worker")
    app = visit(WEIGHTS, model=run.id)
    assert app.select_slider[0].value == 2
    run.kept.save(3, network.layers[0].kernel, network.layers[0].bias)
    app.run()
    assert app.select_slider[0].value == 3
    app.select_slider[0].set_value(1).run()  # looking back: the page stays there
    run.kept.save(4, network.layers[0].kernel, network.layers[0].bias)
    app.run()
    assert app.select_slider[0].value == 1
    lock.release()


@pytest.mark.parametrize("query", [{}, {"epoch": "2"}], ids=["", "a link to its newest epoch"])
def test_a_run_that_ends_between_two_looks_is_followed_to_its_end(
    visit, network, runs_dir, query: dict[str, str]
):
    run = make_run(network, epochs=2, model=False)
    lock = run.acquire("worker")
    app = visit(WEIGHTS, model=run.id, **query)
    run.kept.save(3, network.layers[0].kernel, network.layers[0].bias)
    lock.release()
    app.run()
    assert app.select_slider[0].value == 3
    assert "epoch" not in app.query_params


@pytest.mark.parametrize(
    "ref", ["nothing", "../../etc/passwd", "20990101-000000-abcdef", "x" * 300]
)
def test_unknown_model_in_the_url(visit, network, runs_dir, ref):
    make_run(network)
    app = visit(WEIGHTS, model=ref)
    assert len(app.warning) == 1
    assert len(app.warning[0].value) < 250


def test_damaged_model_says_why(visit, network, runs_dir):
    run = make_run(network)
    run.model_path.write_bytes(run.model_path.read_bytes()[:500])
    app = visit(WEIGHTS, model=run.id)
    assert "damaged" in app.error[0].value


def test_uploaded_file(visit, network, runs_dir):
    app = visit(WEIGHTS)
    select(app, "Model").select("upload").run()
    app.file_uploader[0].upload("mine.keras", archive(network), "application/zip").run()
    assert not app.exception
    assert "20 neurons" in words(app)


def test_uploaded_nonsense_is_refused(visit, network, runs_dir):
    app = visit(WEIGHTS)
    select(app, "Model").select("upload").run()
    spoiled = archive(network, extra={"../evil.py": b"x"})
    app.file_uploader[0].upload("evil.keras", spoiled, "application/zip").run()
    assert not app.exception
    assert "so it is refused" in app.error[0].value


@pytest.mark.slow
def test_without_data_the_weights_are_still_there(visit, network, runs_dir, monkeypatch, tmp_path):
    run = make_run(network)
    monkeypatch.delenv("FMNIST_DATA_DIR")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    app = visit(WEIGHTS, model=run.id)
    assert "20 neurons" in words(app)
