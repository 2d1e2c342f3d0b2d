"""Random actions over all pages in a real browser, each time from the same seed.

``make explore-browser ACTIONS=3000`` takes new ones. A seed fixes what is chosen, not what there is
to choose from: that depends on how quick the machine is.
"""

import os
import random
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser

from benchmarks.server import Server
from tests.archives import make_run, random_network
from tests.browser.walk import Walk

ACTIONS = int(os.environ.get("WALK_ACTIONS", "300"))
SEED = int(os.environ.get("WALK_SEED", "0") or random.randrange(10**6))


def test_nothing_that_a_person_can_do_goes_wrong(
    browser: Browser, start_server: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    print(f"WALK_SEED={SEED} WALK_ACTIONS={ACTIONS}")  # noqa: T201  shown with a failure
    server = start_server(FMNIST_MAX_RUNS="6", FMNIST_WORKERS="1")
    monkeypatch.setenv("FMNIST_RUNS_DIR", str(server.runs))
    make_run(random_network((12, 8)))
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    walk = Walk(context, server.url, SEED)
    for number in range(ACTIONS):
        print(f"{number:4} {walk.step()}", flush=True)  # noqa: T201
    context.close()
    assert "Traceback" not in server.log.read_text(), server.log.read_text()
