"""The plot component on a page that is slower to draw than the figures come."""

from playwright.sync_api import Page, expect

from benchmarks.server import wait_until
from tests.browser.conftest import Server, settle

# Plotly's own newPlot, finished only once the page sets window.mayFinish.
SLOW_PLOTLY = """
Object.defineProperty(window, 'Plotly', {
    configurable: true,
    get() { return this.library; },
    set(library) {
        const newPlot = library.newPlot;
        library.newPlot = async (...figure) => {
            const plot = await newPlot(...figure);
            window.begun = true;
            while (!window.mayFinish) await new Promise((resolve) => setTimeout(resolve, 20));
            return plot;
        };
        this.library = library;
    },
});
"""


def test_a_figure_that_comes_while_the_first_is_drawn_stays(page: Page, server: Server) -> None:
    """The overtaken call of the component must not take away what the later one draws."""
    page.add_init_script(SLOW_PLOTLY)
    page.goto(f"{server.url}/weights")
    wait_until(page, "window.begun")
    page.get_by_text("Own scales").click()  # another figure, while the first is being drawn
    expect(page.get_by_text("Each neuron has a scale of its own")).to_be_visible()
    settle(page)
    page.evaluate("window.mayFinish = true")
    wait_until(page, "window.fmnistPlots.updates > 0")
    page.wait_for_timeout(300)  # time for a clean-up that should not come
    plot = page.locator(".fmnist-plot").first
    expect(plot.locator(".heatmaplayer image").first).to_be_visible()
    assert plot.evaluate("plot => plot.data.length") == 2
