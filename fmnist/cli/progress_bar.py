"""A run in the terminal: one line that is drawn again and again."""

import sys
import threading

from fmnist.training import progress, runs


class ProgressBar:
    """Follows the run folder as a page does and draws one line to standard error."""

    def __init__(self, run: runs.Run) -> None:
        self._follower = progress.Follower(run)
        self._epochs = run.recipe.epochs
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._draw, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()
        sys.stderr.write("\n")

    def _draw(self) -> None:
        while True:
            ended = self._end.wait(0.2)
            seen = self._follower.poll()
            done = int(30 * seen.position / self._epochs)
            text = f"\r[{'#' * done}{'.' * (30 - done)}] epoch {seen.completed}/{self._epochs}"
            if seen.epochs:
                last = seen.epochs[-1]
                text += f"  loss {last.loss:.4f}  val_loss {last.val_loss:.4f}"
                text += f"  val_accuracy {last.val_accuracy:.4f}"
            sys.stderr.write(text)
            sys.stderr.flush()
            if ended:
                return
