"""What happens around a visitor: data that comes and changes, runs that train, end and vanish."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest

from fmnist import dataset
from fmnist.recipe import PRESETS, Recipe
from fmnist.sandbox.opener import Opener
from fmnist.training import line as line_of_runs
from fmnist.training import runs
from fmnist.training.crew import Crew
from fmnist.training.fetch import Download
from fmnist.training.queue import JobQueue
from fmnist.training.runs import Run, RunError
from fmnist.ui.parts.known_runs import summaries
from fmnist.ui.server import resources
from fmnist.ui.train import view
from tests.damage import DAMAGES
from tests.pages.walk.worker import Worker
from tests.spoiling import finished_run

MAX_WAITING = 4
# What damaging a run once more can raise, when the damage before has left nothing to change.
UNDAMAGEABLE = (OSError, LookupError, ValueError, TypeError, RecursionError)
DOWNLOADS = {
    "none": None,
    "running": Download(share=0.4),
    "failed": Download(message="no network", details="[Errno -3] ![](http://a.b)", failed=True),
}
RECIPES = {
    **PRESETS,
    "no hidden layer": Recipe(epochs=2, hidden_units=()),
    "one epoch": Recipe(epochs=1, hidden_units=(7,), seed=2**31 - 1),
    "cosine": Recipe(epochs=30, optimizer="Adam", learning_rate_schedule="cosine",
                     hidden_units=(12, 8, 6)),
}  # fmt: skip


@contextmanager
def data_folders(source: Path, place: Path) -> Iterator[dict[str, Path]]:
    """Folders of data by name: none, the given one, two that differ from it, and a damaged one."""
    names = list(dataset.OFFICIAL_FILES)
    folders = {name: place / name for name in ("none", "given", "reversed", "moved", "damaged")}
    for name, folder in folders.items():
        folder.mkdir()
        if name in ("given", "reversed", "moved"):
            for path in source.iterdir():
                if path.name.removesuffix(".gz") in names:
                    (folder / path.name).symlink_to(path)
    given = dataset.load(source)
    _replace_test_images(folders["reversed"], given.test_images[::-1])
    _replace_test_images(folders["moved"], np.roll(given.test_images, 5, axis=0))
    (folders["damaged"] / names[0]).write_bytes(b"not images")
    yield folders


def _replace_test_images(folder: Path, images: np.ndarray) -> None:
    name = "t10k-images-idx3-ubyte"
    for path in (folder / name, folder / f"{name}.gz"):
        path.unlink(missing_ok=True)
    header = bytes([0, 0, 8, 3]) + b"".join(size.to_bytes(4, "big") for size in images.shape)
    (folder / name).write_bytes(header + images.tobytes())


class Nobody(Crew):
    """No training process, and none to be had."""

    def warm_up(self) -> None:
        pass

    def free(self, at_work: int) -> None:
        return None

    def downloader(self) -> None:
        return None


class Line(JobQueue):
    """The real queue without processes of its own: the walk hands out what waits."""

    makes_crew = Nobody

    def waiting(self) -> list[str]:
        return [item.run.id for item in line_of_runs.look().waiting]

    def set_download(self, download: Download | None) -> None:
        self._state.download, self._state.download_wanted = download, False

    def set_failure(self, run_id: str, message: str) -> None:
        self._state.failures[run_id] = message


class World:
    """The server's surroundings, in the hands of the walk."""

    def __init__(self, folders: dict[str, Path], line: Line, patch: pytest.MonkeyPatch):
        self.folders, self.line, self._patch = folders, line, patch
        self.workers: dict[str, Worker] = {}

    def set_data(self, name: str) -> None:
        """The data set of that name is there from now on."""
        self._patch.setenv("FMNIST_DATA_DIR", str(self.folders[name]))
        if name not in ("none", "damaged"):
            self.line.set_download(None)

    def set_download(self, state: str) -> None:
        self.line.set_download(DOWNLOADS[state])

    # Runs ------------------------------------------------------------------------------------

    def prepare(self, kind: str, recipe: str) -> Run:
        """A run in a state, as a training process left it."""
        run = self.line.start(RECIPES[recipe])
        if kind != "waiting":
            self.take(run.id)
            self.let_train(run.id, {"warming up": 0, "live": 2, "paused": 1}.get(kind, 3))
        if kind == "finished":
            self.let_train(run.id, 1000)
        elif kind == "paused":
            run.ask(runs.Control(state="pause"))
            self.let_train(run.id, 1)
        elif kind == "stopped":
            run.ask(runs.Control(state="stop"))
            self.let_train(run.id, 1)
        elif kind == "diverged":
            self.workers.pop(run.id).diverge()
        elif kind == "interrupted":
            self.workers.pop(run.id).leave()
        return run

    def prepare_damaged(self, damage: str) -> Run:
        run = finished_run()
        DAMAGES[damage](run)
        return run

    def waiting(self) -> list[str]:
        return self.line.waiting()

    def training(self) -> list[str]:
        self.workers = {name: worker for name, worker in self.workers.items() if not worker.ended}
        return list(self.workers)

    def ended(self) -> list[str]:
        """Runs that nobody is at work on, damaged ones too, newest first."""
        busy = {*self.waiting(), *self.training()}
        return [run.id for run in runs.folders() if run.id not in busy]

    def take(self, run_id: str) -> None:
        """A training process takes a run that waits."""
        self.line.withdraw(run_id)
        try:
            self.workers[run_id] = Worker(runs.open_run(run_id), dataset.find() is not None)
        except (RunError, OSError) as problem:  # damaged meanwhile: a process tells that the queue
            self.line.set_failure(run_id, str(problem))

    def let_train(self, run_id: str, steps: int) -> None:
        """Up to three steps one by one; what is more in one go."""
        worker = self.workers[run_id]
        for _ in range(min(steps, 3)):
            if not worker.ended:
                worker.step()
        if steps > 3 and not worker.ended:
            worker.step(steps)

    def train(self, run_id: str, what: int | str) -> None:
        """It trains that many steps, "diverges" or "is killed"."""
        if isinstance(what, int):
            self.let_train(run_id, what)
        elif what == "diverges":
            self.workers.pop(run_id).diverge()
        else:
            self.workers.pop(run_id).leave()

    def lose(self, run_id: str, damage: str | None) -> None:
        """A run's folder is deleted by hand, or damaged."""
        run = next(run for run in runs.folders() if run.id == run_id)
        if damage is None:
            shutil.rmtree(run.folder)
        else:
            with suppress(*UNDAMAGEABLE):
                DAMAGES[damage](run)
            # A longer file in place of another, under its old inode, passes for one that has grown.
            summaries.clear()

    def close(self) -> None:
        for worker in self.workers.values():
            worker.leave()


@contextmanager
def world(folders: dict[str, Path], runs_dir: Path, opener: Opener) -> Iterator[World]:
    """A world with no data and no runs; nothing of it is left at the end."""
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(resources, "opener", lambda: opener)
        patch.setattr(view, "ANSWER_SECONDS", 0)  # nobody is at work while a page is drawn
        patch.setenv("FMNIST_RUNS_DIR", str(runs_dir))
        patch.setenv("FMNIST_MAX_RUNS", "12")
        patch.setenv("FMNIST_ALLOW_OTHER_DATA", "1")
        patch.setenv("KERAS_HOME", str(runs_dir / "no cache"))
        patch.setenv("FMNIST_MAX_WAITING", str(MAX_WAITING))
        patch.setenv("FMNIST_DATA_DIR", str(folders["none"]))
        line = stack.enter_context(closing(Line()))
        patch.setattr(resources, "job_queue", lambda: line)
        found = World(folders, line, patch)
        stack.callback(shutil.rmtree, runs_dir, ignore_errors=True)
        stack.callback(found.close)
        yield found
