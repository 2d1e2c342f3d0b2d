"""A run in words: its recipe's, or what is known of a model of somebody's own."""

from fmnist import recipe_words
from fmnist.training.run import Run


def describe(run: Run) -> str:
    """How a run is trained, in one line."""
    return run.foreign.words() if run.foreign else recipe_words.describe(run.recipe)


def brief(run: Run) -> str:
    """What distinguishes it from its neighbours in a list, in a few words."""
    return run.foreign.title if run.foreign else recipe_words.brief(run.recipe)
