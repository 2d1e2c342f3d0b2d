"""Chunks of a tenth of a second, on quick machines and slow ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmnist.recipe import Recipe
from fmnist.training.pace import CHUNK_SECONDS, Pace

RECIPES = (
    Recipe(),
    Recipe(batch_size=4096),
    Recipe(training_images=100),
    Recipe(batch_size=1, hidden_units=(512,) * 3),
)


def epoch(pace, recipe, seconds):
    """Train an epoch whose mini-batches take so long each; returns the sizes of its chunks."""
    start, sizes = 0, []
    while start < recipe.batches_per_epoch:
        end = pace.chunk_end(start, recipe.batches_per_epoch)
        sizes.append(end - start)
        pace.took(end - start, (end - start) * seconds)
        start = end
    assert start == recipe.batches_per_epoch
    assert min(sizes) >= 1
    return sizes


@pytest.mark.slow
@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("seconds", [0.0, 1e-6, 1e-4, 0.01, 0.5])
def test_chunks_cover_an_epoch_and_soon_take_a_tenth_of_a_second(recipe, seconds):
    pace = Pace(recipe)
    for _ in range(20):
        sizes = epoch(pace, recipe, seconds)
    if seconds <= CHUNK_SECONDS:
        assert max(sizes) * seconds <= CHUNK_SECONDS * (1 + 1e-9)
        short = sum(sizes) * seconds <= CHUNK_SECONDS
        assert short or min(sizes) * seconds >= CHUNK_SECONDS / 2 - seconds
    else:
        assert set(sizes) == {1}


def test_a_machine_that_slows_down_is_noticed_with_the_next_chunk():
    recipe = Recipe()
    pace = Pace(recipe)
    for _ in range(5):
        epoch(pace, recipe, 1e-4)
    before = pace.size
    pace.took(before, before * 1e-3)
    assert pace.size == pytest.approx(before / 10, rel=0.02)


def test_a_quick_moment_at_most_doubles_a_chunk():
    pace = Pace(Recipe())
    pace.took(1, 60.0)  # compiles: no measure of anything
    before = pace.size
    pace.took(10, 0.0)
    assert pace.size == 2 * before


@given(st.lists(st.floats(0, 1e3), max_size=30), st.integers(1, 10**6), st.integers(0, 10**6))
def test_whatever_was_measured_the_next_chunk_is_a_legal_one(measured, stop, start):
    pace, start = Pace(Recipe()), start % stop
    for seconds in measured:
        pace.took(3, seconds)
    assert start < pace.chunk_end(start, stop) <= stop
