"""How many mini-batches are trained between two looks at what people ask: a tenth of a second."""

from fmnist.layers import parameter_count
from fmnist.recipe import Recipe

CHUNK_SECONDS = 0.1
# Before anything is measured: fixed cost of an update, and the arithmetic of one core.
UPDATE_SECONDS = 2e-5
FLOPS_PER_SECOND = 1e11  # multiply-adds, counted as two operations
CAUTION = 4  # the first chunk is this many times shorter than these figures say
GROWTH = 2.0  # a quick moment may be an exception


class Pace:
    """Cuts an epoch into chunks of mini-batches that each take about `CHUNK_SECONDS`.

    A machine that is busy with other work is slower than any constant says, so the time of a
    mini-batch is measured, chunk by chunk.

    Attributes
    ----------
    size : mini-batches in a chunk, from what has been measured so far
    """

    def __init__(self, recipe: Recipe) -> None:
        self._compiled = False
        self.size = max(1, int(CHUNK_SECONDS / update_seconds(recipe) / CAUTION))

    def chunk_end(self, start: int, stop: int) -> int:
        """Where the next chunk of the mini-batches [start, stop) ends, itself excluded.

        They are cut into equal chunks: a remnant would be mostly overhead.
        """
        left = stop - start
        chunks = -(-left // self.size)
        return start - (-left // chunks)

    def took(self, batches: int, seconds: float) -> None:
        """Learn from a chunk; the first one does not count, because its time includes compiling.

        Parameters
        ----------
        batches : mini-batches in the chunk
        seconds : that it took
        """
        if not self._compiled:
            self._compiled = True
            return
        fitting = CHUNK_SECONDS * batches / max(seconds, 1e-9)
        self.size = max(1, int(min(fitting, self.size * GROWTH)))


def update_seconds(recipe: Recipe) -> float:
    """What an update takes on an idle core, before anything has been measured.

    Forward and backward take six operations a parameter and image.
    """
    return UPDATE_SECONDS + 6 * parameter_count(recipe) * recipe.batch_size / FLOPS_PER_SECOND
