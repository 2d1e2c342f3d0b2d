import numpy as np
import pytest
from playwright.sync_api import Page, expect

from benchmarks.server import wait_until
from fmnist.dataset import Dataset
from fmnist.training.runs import Run
from tests.archives import archive, fitted_network, make_run, random_network
from tests.browser.conftest import Server, settle

UNITS = 20


@pytest.fixture
def run(server: Server, data: Dataset, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("FMNIST_RUNS_DIR", str(server.runs))
    return make_run(fitted_network(data, (UNITS, 9)), epochs=5)


def open_weights(page: Page, server: Server, query: str) -> None:
    page.goto(f"{server.url}/weights?{query}")
    wait_until(page, "document.querySelector('.fmnist-plot')?.data?.length == 2")
    expect(
        page.get_by_text("None is dead.").or_(page.get_by_text("they fire on no"))
    ).to_be_visible()


def centre_of_cell(page: Page, position: int) -> tuple[float, float]:
    """Where a tile of the grid is on the screen, by Plotly's own axes."""
    return tuple(
        page.evaluate(
            """position => {
                const plot = document.querySelector('.fmnist-plot'), cells = plot.data[1];
                const columns = cells.text[0].length;
                const layout = plot._fullLayout, box = plot.getBoundingClientRect();
                const x = cells.x0 + (position % columns) * cells.dx;
                const y = cells.y0 + Math.floor(position / columns) * cells.dy;
                return [box.left + layout.xaxis._offset + layout.xaxis.d2p(x),
                        box.top + layout.yaxis._offset + layout.yaxis.d2p(y)];
            }""",
            position,
        )
    )


WHOLE = """!document.querySelector('.st-key-first-screen') && [...document.querySelectorAll(
    '.fmnist-plot')].every(plot => plot.querySelector('.main-svg') || !plot.wanted?.figure)"""


def plots_created(page: Page) -> int:
    wait_until(page, WHOLE)  # the rest of the page comes when its top is drawn
    return page.evaluate("window.fmnistPlots.plotsCreated")


def shown_epoch(page: Page) -> str | None:
    return page.get_by_role("slider").first.get_attribute("aria-valuetext")


def test_a_click_on_a_tile_opens_its_neuron(page: Page, server: Server, run: Run) -> None:
    open_weights(page, server, f"model={run.id}")
    created = plots_created(page)
    x, y = centre_of_cell(page, 7)
    page.mouse.move(x, y)
    expect(page.locator(".hoverlayer").first).to_contain_text("Neuron 7")
    page.mouse.click(x, y)
    expect(page.get_by_role("heading", name="Neuron 7 close up")).to_be_visible()
    expect(page.get_by_role("spinbutton")).to_have_value("7")
    page.wait_for_url("**neuron=7*")
    assert plots_created(page) == created
    page.reload()
    expect(page.get_by_role("heading", name="Neuron 7 close up")).to_be_visible()


def test_play_goes_through_time_without_a_new_plot(page: Page, server: Server, run: Run) -> None:
    open_weights(page, server, f"model={run.id}")
    created = plots_created(page)
    before = page.evaluate("JSON.stringify(document.querySelector('.fmnist-plot').data[0].z)")
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    wait_until(
        page,
        "z => JSON.stringify(document.querySelector('.fmnist-plot').data[0].z) != z",
        arg=before,
    )
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    wait_until(
        page,
        "z => JSON.stringify(document.querySelector('.fmnist-plot').data[0].z) == z",
        arg=before,
    )
    assert plots_created(page) == created


def test_a_live_run_is_followed(
    page: Page, server: Server, data: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FMNIST_RUNS_DIR", str(server.runs))
    network = random_network((12,))
    run = make_run(network, epochs=2, model=False)
    lock = run.acquire("worker")
    page.goto(f"{server.url}/weights?model={run.id}")
    wait_until(page, "document.querySelector('.fmnist-plot')?.data?.length == 2")
    settle(page)
    created = plots_created(page)
    before = page.evaluate("JSON.stringify(document.querySelector('.fmnist-plot').data[0].z)")
    run.kept.save(3, -network.layers[0].kernel, network.layers[0].bias)
    wait_until(
        page,
        "z => JSON.stringify(document.querySelector('.fmnist-plot').data[0].z) != z",
        arg=before,
    )
    assert plots_created(page) == created
    lock.release()


def test_512_neurons_are_one_figure(
    page: Page, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FMNIST_RUNS_DIR", str(server.runs))
    run = make_run(random_network((512, 16)), epochs=1)
    open_weights(page, server, f"model={run.id}&neuron=511")
    named = page.evaluate(
        "document.querySelector('.fmnist-plot').data[1].text.flat().filter(text => text).length"
    )
    assert named == 512
    expect(page.get_by_role("spinbutton")).to_have_value("511")


def test_download_of_the_weights(page: Page, server: Server, run: Run, tmp_path) -> None:
    open_weights(page, server, f"model={run.id}")
    with page.expect_download() as download:
        page.get_by_role("button", name="Weights and biases").click()
    download.value.save_as(tmp_path / "weights.npz")
    with np.load(tmp_path / "weights.npz", allow_pickle=False) as arrays:
        assert arrays["kernel_0"].shape == (784, UNITS)
        assert arrays["bias_2"].shape == (10,)


def test_an_uploaded_file_is_shown_or_refused(page: Page, server: Server, run: Run) -> None:
    open_weights(page, server, f"model={run.id}")
    choose_model = page.get_by_role("combobox", name="Model")
    choose_model.click()
    choose_model.fill(".keras file")  # the list shows only part of its options at a time
    page.get_by_role("option", name="A .keras file of yours").click()
    upload = page.locator("input[type=file]")
    network = random_network((17,))
    spoiled = archive(network, extra={"evil.pkl": b"x"})
    upload.set_input_files({"name": "evil.keras", "mimeType": "application/zip", "buffer": spoiled})
    expect(page.get_by_text("so it is refused")).to_be_visible()
    upload.set_input_files(
        {"name": "mine.keras", "mimeType": "application/zip", "buffer": archive(network)}
    )
    expect(page.get_by_text("17 neurons.")).to_be_visible()
