"""The weights that a visitor trains by hand, step by step, with what can be undone."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist.arrays import Float64
from fmnist.insight.backpropagation import Parameters, backward, forward, step, untrained

LESSON = "lesson"
MOST_UNDOS = 12
FIRST_SEED = 0


@dataclass
class Lesson:
    """A network in a visitor's hands.

    Attributes
    ----------
    name : of the network that it began with
    weights : as they are now
    before : earlier ones with their losses, the newest last
    losses : of a picture, after each step; the first is that of the beginning
    picture : that these are of, as the network gets it
    batches : how many mini-batches have been asked for, so that the next is another one
    """

    name: str
    weights: Parameters
    picture: Float64 | None = None
    before: list[tuple[Parameters, list[float]]] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    batches: int = 0

    def look(self, picture: Float64, loss: float) -> None:
        """Note the loss of a picture; another one, or another class of it, begins another curve."""
        same = self.picture is not None and np.array_equal(picture, self.picture)
        if not same or not self.losses or self.losses[-1] != loss:
            self.picture, self.losses = picture, [loss]

    def learn(
        self, images: Float64, labels: NDArray[np.integer], rate: float, steps: int,
        picture: Float64, label: NDArray[np.integer],
    ) -> None:  # fmt: skip
        """Take steps downhill on some images, and note what becomes of the picture's loss."""
        self.before = [*self.before, (self.weights, list(self.losses))][-MOST_UNDOS:]
        for _ in range(steps):
            computed = forward(self.weights, images, labels)
            slopes = backward(self.weights, computed, labels).of_weights
            after, _ = step(self.weights, slopes, rate)
            if not after.is_finite:
                break  # too large a step; the weights stay where they are
            self.weights = after
            self.losses = [*self.losses, forward(after, picture, label).loss]

    def undo(self) -> None:
        """Go back to before the last press."""
        if self.before:
            self.weights, self.losses = self.before.pop()


def lesson_of(name: str, weights: Callable[[], Parameters]) -> Lesson:
    """The visitor's lesson with this network; a new one if it was about another.

    Parameters
    ----------
    weights : makes those that a new one begins with
    """
    lesson = st.session_state.get(LESSON)
    if not isinstance(lesson, Lesson) or lesson.name != name:
        lesson = st.session_state[LESSON] = Lesson(name, weights())
    return lesson


def fresh(weights: Parameters) -> Parameters:
    """An untrained network of the same shape."""
    return untrained([kernel.shape[1] for kernel in weights.kernels[:-1]], FIRST_SEED)
