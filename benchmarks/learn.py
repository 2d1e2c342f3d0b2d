"""How long Learn takes to answer, in a real browser.

From a key that presses a button, or moves a slider, until the last change of the page. Ten presses
each; prints the median and the longest beside the bar. Run it alone.

    python -m benchmarks.learn
"""

import statistics

from playwright.sync_api import Page

from benchmarks.server import chromium, open_window, server, wait_for_script, wait_until

PRESSES = 10
STEP_BAR, BREAK_BAR = 0.2, 0.3  # seconds
QUIET = 400  # milliseconds after which nothing more is going to change
# Notes when a key is pressed, and the last change of the page after it.
NOTE = """() => {
    window.bench = {pressed: 0, changed: 0};
    document.addEventListener("keydown", () => {
        window.bench = {pressed: performance.now(), changed: 0};
    }, true);
    new MutationObserver(() => { window.bench.changed = performance.now(); }).observe(
        document.querySelector("[data-testid=stMain]"),
        {subtree: true, childList: true, characterData: true});
}"""
BREAKS = (
    "Switch neurons off",
    "Cut the smallest weights",
    "Round the weights",
    "Noise",
    "Shift",
    "Turn",
)


def press(page: Page, key: str) -> float:
    """Press a key; seconds until the last of the answer was drawn."""
    page.keyboard.press(key)
    wait_until(
        page, f"bench.changed > bench.pressed && performance.now() - bench.changed > {QUIET}"
    )
    return float(page.evaluate("(bench.changed - bench.pressed) / 1000"))


def told(name: str, seconds: list[float], bar: float) -> None:
    """Print a line."""
    median, longest = statistics.median(seconds), max(seconds)
    verdict = "met" if median <= bar else "MISSED"
    print(f"{name:40} {median:8.2f} {longest:8.2f} {bar:8g}  {verdict}", flush=True)


def steps(page: Page, url: str) -> None:
    """Buttons of the part One step."""
    page.goto(f"{url}/learn?model=notebook&untrained=true")
    for name in ("One step", "Ten steps", "A mini-batch of 32", "Undo", "Next part"):
        button = page.get_by_role("button", name=name, exact=True)
        button.wait_for()
        ready(page)

        seconds = []
        for _ in range(PRESSES):
            button.focus()
            seconds.append(press(page, "Enter"))
        told(name, seconds, STEP_BAR)


def breaks(page: Page, url: str) -> None:
    """Sliders of the part Break it."""
    for kind in BREAKS:
        query = f"part=Break+it&model=notebook&break={kind.replace(' ', '+')}"
        page.goto(f"{url}/learn?{query}")
        slider = page.get_by_role("slider").last  # the first one chooses the epoch
        slider.wait_for()
        ready(page)
        slider.focus()
        keys = ("ArrowLeft", "ArrowRight") * (PRESSES // 2)
        told(f"Break it: {kind}", [press(page, key) for key in keys], BREAK_BAR)


def ready(page: Page) -> None:
    """Wait until a page is at rest, and begin to take notes."""
    wait_for_script(page)
    page.wait_for_timeout(1000)
    page.evaluate(NOTE)


def main() -> None:
    """Measure, and print a table."""
    print(f"{'seconds':40} {'median':>8} {'longest':>8} {'bar':>8}")
    with server() as served, chromium() as browser:
        page = open_window(browser)
        steps(page, served.url)
        breaks(page, served.url)


if __name__ == "__main__":
    main()
