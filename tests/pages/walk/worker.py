"""A training process in miniature: it writes what a real one would, one step at a time."""

from fmnist.training import progress
from fmnist.training.kept import stride
from fmnist.training.progress import Follower
from fmnist.training.runs import EventLog, Run
from tests.archives import archive, random_network, weights

DIVERGED = "The loss is no longer a number in epoch {}: a learning rate of 10 makes steps too big."


class Worker:
    """Holds a run as a worker does, and obeys its control file at each step.

    Parameters
    ----------
    run : to train, or to carry on with
    official : whether it trains on Fashion-MNIST itself
    """

    def __init__(self, run: Run, official: bool) -> None:
        self.run, self.recipe = run, run.recipe
        self.lock = run.acquire("worker")
        self.log = EventLog(run)
        self.completed = Follower(run).poll().completed
        self.rate = self.recipe.learning_rate
        self.network = random_network(self.recipe.hidden_units)
        self.official, self.begun, self.paused, self.ended = official, False, False, False
        self.log.append("worker_begin", epoch=self.completed)

    def step(self, epochs: int = 1) -> None:
        """Begin; or else train some epochs, or do what people ask instead."""
        control = self.run.control()
        if not self.begun:
            self._begin()
        elif control.state == "stop":
            self._end(progress.STOPPED)
        elif control.holds(self.completed):
            if not self.paused:
                self.log.append("pause")
            self.paused = True
        else:
            if self.paused:
                self.log.append("continue")
            self.paused = False
            if control.learning_rate not in (None, self.rate):
                self.rate = control.learning_rate
                self.log.append("learning_rate", position=float(self.completed), value=self.rate)
            self._train(epochs)

    def diverge(self) -> None:
        """The loss is NaN: the run fails, if it has not ended."""
        if self.ended:
            return
        self.run.model_path.unlink(missing_ok=True)
        self.log.append("failed", message=DIVERGED.format(self.completed + 1))
        self.leave()

    def leave(self) -> None:
        """Let go of the run, as one that was killed does at any moment."""
        if not self.ended:
            self.log.close()
            self.lock.release()
        self.ended = True

    def _begin(self) -> None:
        self.begun = True
        self.run.model_path.unlink(missing_ok=True)
        self.log.append(
            "train_begin", learning_rate=self.rate, data_official=self.official,
            data_name="Fashion-MNIST" if self.official else "a stand-in for Fashion-MNIST",
        )  # fmt: skip
        if self.completed == 0:
            self._keep_kernel()

    def _train(self, epochs: int) -> None:
        """Half an epoch is told before its end, as a page may see it."""
        last = min(self.completed + epochs, self.recipe.epochs)
        figures = {"elapsed": float(last), "images_per_second": 90_000.0}
        for epoch in {self.completed + 1, last}:
            loss = 2.0 / (1 + epoch)
            self.log.append("batch_end", position=epoch - 0.5, loss=loss, accuracy=0.7, **figures)
            self.log.append(
                "epoch_end", epoch=epoch, loss=loss, accuracy=0.8, val_loss=loss, val_accuracy=0.79,
                learning_rate=self.rate, seconds=1.0, elapsed=float(epoch),
            )  # fmt: skip
        self.completed = last
        if last % stride(self.recipe.epochs) == 0 or last == self.recipe.epochs:
            self._keep_kernel()
        if last == self.recipe.epochs:
            self._end(progress.FINISHED)

    def _end(self, state: str) -> None:
        if self.completed:
            self.run.model_path.write_bytes(archive(self.network))
        if state == progress.FINISHED:
            samples = [
                {"index": index, "true": 9, "predicted": index, "probabilities": [0.1] * 10}
                for index in range(3)
            ]
            self.log.append("test_end", loss=0.5, accuracy=0.87, samples=samples)
        self.log.append("train_end", state=state)
        self.leave()

    def _keep_kernel(self) -> None:
        share = self.completed / self.recipe.epochs
        self.run.kept.save(self.completed, *weights(self.network, share))
