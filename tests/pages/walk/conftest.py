"""The longest test comes first: at the end of a run one process would wait for it."""

import pytest

FIRST = "test_a_walk_over_everything"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Stable: all others keep their order."""
    items.sort(key=lambda item: item.name != FIRST)
