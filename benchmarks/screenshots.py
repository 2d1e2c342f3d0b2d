"""Pictures of every page from a real server and a real run: for the README, and to look at.

    python -m benchmarks.screenshots [--folder test-results/screenshots]

The README's pictures, Train while it learns and a run as a short animation, go to
assets/screenshot.png and assets/run.webp.
"""

import argparse
import io
import shutil
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page

from benchmarks.server import ROOT, chromium, server, visit, wait_for_script

README_PICTURE = ROOT / "assets" / "screenshot.png"
ANIMATION = ROOT / "assets" / "run.webp"
FRAMES, FRAME_SECONDS = 24, 0.5
ANIMATION_WIDTH = 800  # pixels
PAGES = {
    "home": "/",
    "train": "/train",
    "predict": "/predict?source=sample&index=0",
    "weights": "/weights",
    "neuron": "/weights?neuron=7",
    "evaluate": "/evaluate",
    "learn-step": "/learn?model=notebook&at=0-17",
    "learn-time": "/learn?part=As+it+learned&model=notebook&picture=7",
    "learn-break": "/learn?part=Break+it",
    "learn-game": "/learn?part=You+against+it",
    "learn-experiments": "/learn?part=Experiments",
    "learn-words": "/learn?part=Words",
}


def open_page(browser: Browser, url: str, width: int, scheme: str) -> Page:
    page = visit(browser, url, width, scheme)
    settle(page)
    return page


def settle(page: Page) -> None:
    """Wait until the script has run and the plots are drawn."""
    wait_for_script(page)
    page.wait_for_timeout(2500)


def train(browser: Browser, url: str, folder: Path) -> str:
    """Start the notebook's run, photograph it while it learns and at its end; its address."""
    page = open_page(browser, f"{url}/train", 1280, "light")
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_selector(".fmnist-status b.running")
    frames = []
    while len(frames) < FRAMES and page.locator(".fmnist-status b.running").count():
        frames.append(page.screenshot(path=folder / "train-running-1280-light.png"))
        page.wait_for_timeout(1000 * FRAME_SECONDS)
    animate(frames)
    shutil.copyfile(folder / "train-running-1280-light.png", README_PICTURE)
    page.wait_for_selector(".fmnist-status b.finished")
    settle(page)
    return page.url.removeprefix(url)


def animate(frames: list[bytes]) -> None:
    """Write PNG files as one animated picture."""
    small = []
    for frame in frames:
        picture = Image.open(io.BytesIO(frame)).convert("RGB")
        height = picture.height * ANIMATION_WIDTH // picture.width
        small.append(picture.resize((ANIMATION_WIDTH, height), Image.Resampling.LANCZOS))
    pause = round(1000 * FRAME_SECONDS)
    small[0].save(
        ANIMATION, save_all=True, append_images=small[1:], loop=0, quality=70, method=6,
        duration=[pause] * (len(small) - 1) + [4 * pause],
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=ROOT / "test-results" / "screenshots")
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    with chromium() as browser, server() as served:
        url = served.url
        pages = PAGES | {"train-finished": train(browser, url, folder)}
        for name, address in pages.items():
            for width in (1280, 390):
                for scheme in ("light", "dark"):
                    page = open_page(browser, url + address, width, scheme)
                    picture = folder / f"{name}-{width}-{scheme}.png"
                    page.screenshot(path=picture, full_page=True)
                    page.context.close()
                    print(picture)


if __name__ == "__main__":
    main()
