import csv
import io
import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from benchmarks.server import wait_until
from fmnist.classes import CLASS_NAMES
from fmnist.dataset import Dataset
from fmnist.insight.evaluation import Predictions, confusion_matrix, predict
from fmnist.network import Network
from fmnist.training.runs import Run
from tests.archives import fitted_network, make_run
from tests.browser.conftest import Server, settle


@pytest.fixture(scope="module")
def network(data: Dataset) -> Network:
    return fitted_network(data, (60, 30))


@pytest.fixture(scope="module")
def says(network: Network, data: Dataset) -> Predictions:
    return predict(network, data.test_images, data.test_labels)


@pytest.fixture
def run(server: Server, network: Network, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("FMNIST_RUNS_DIR", str(server.runs))
    return make_run(network)


def open_evaluate(page: Page, server: Server, query: str) -> None:
    page.goto(f"{server.url}/evaluate?{query}")
    expect(page.get_by_text("Test accuracy")).to_be_visible()


def click_cell(page: Page, true: int, given: int) -> None:
    """Click a cell of the confusion matrix, by Plotly's own axes."""
    wait_until(page, "document.querySelector('.heatmaplayer')")
    x, y = page.evaluate(
        """([true_, given]) => {
            const plot = document.querySelector('.heatmaplayer').closest('.fmnist-plot');
            plot.scrollIntoView({block: 'center'});
            const layout = plot._fullLayout, box = plot.getBoundingClientRect();
            return [box.left + layout.xaxis._offset + layout.xaxis.d2p(given),
                    box.top + layout.yaxis._offset + layout.yaxis.d2p(true_)];
        }""",
        [true, given],
    )
    page.mouse.move(x, y)
    page.mouse.click(x, y)


@pytest.mark.parametrize("kind", ["mistake", "right"])
def test_a_click_on_a_cell_opens_its_images(
    page: Page, server: Server, run: Run, says: Predictions, kind: str
) -> None:
    matrix = confusion_matrix(says.labels, says.predicted)
    if kind == "right":
        true = given = int(np.diag(matrix).argmax())
        title = f"{CLASS_NAMES[true]}, recognised: {matrix[true, given]:,}"
    else:
        mistakes = np.argsort((matrix - np.diag(np.diag(matrix))).ravel())
        true, given = divmod(int(mistakes[-2]), 10)  # the most frequent one is open already
        title = f"{CLASS_NAMES[true]} taken for {CLASS_NAMES[given]}: {matrix[true, given]:,}"
    open_evaluate(page, server, f"model={run.id}")
    wait_until(page, "window.fmnistPlots?.plotsCreated == 2")
    created = page.evaluate("window.fmnistPlots.plotsCreated")
    click_cell(page, true, given)
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    assert page.evaluate("window.fmnistPlots.plotsCreated") == created
    settle(page)  # the heading comes before the images
    first = page.locator(".st-key-cell-images a.fmnist-card").first
    index = int(re.search(r"index=(\d+)", first.get_attribute("href") or "")[1])  # type: ignore[index]
    assert (says.labels[index], says.predicted[index]) == (true, given)
    first.click()
    page.wait_for_url(f"**/predict?source=sample&index={index}*")


def test_filters_change_the_images(page: Page, server: Server, run: Run, says: Predictions) -> None:
    open_evaluate(page, server, f"model={run.id}")
    wrong = int((~says.correct).sum())
    expect(page.get_by_text(f"{wrong:,} of 10,000 test images")).to_be_visible()
    settle(page)
    true_class = page.get_by_role("combobox", name="True class")
    true_class.click()
    true_class.fill("Bag")
    page.get_by_role("option", name="Bag", exact=True).click()
    count = int(((says.labels == 8) & ~says.correct).sum())
    expect(page.get_by_text(f"{count:,} of 10,000 test images")).to_be_visible()
    page.get_by_text("Least confident right answers").click()
    count = int(((says.labels == 8) & says.correct).sum())
    expect(page.get_by_text(f"{count:,} of 10,000 test images")).to_be_visible()


def test_label_lens_as_csv(
    page: Page, server: Server, run: Run, network: Network, data: Dataset, tmp_path: Path
) -> None:
    open_evaluate(page, server, f"model={run.id}&view=Label+lens")
    with page.expect_download() as download:
        page.get_by_role("button", name="as CSV").click()
    download.value.save_as(tmp_path / "lens.csv")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "lens.csv").read_text())))
    training = predict(network, data.train_images, data.train_labels)
    wrong = np.where(training.correct, -1, training.losses)
    assert int(rows[0]["index"]) == wrong.argmax()
    assert len(rows) == 200


def test_a_link_opens_a_view_of_two_models(
    page: Page, server: Server, run: Run, data: Dataset
) -> None:
    other = make_run(fitted_network(data, (20,), seed=1))
    open_evaluate(page, server, f"model={run.id}&beside={other.id}&view=Two+models")
    expect(page.get_by_text("McNemar's exact test")).to_be_visible()
    expect(page.get_by_text("Both wrong")).to_be_visible()
