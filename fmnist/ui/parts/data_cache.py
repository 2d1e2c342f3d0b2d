"""What is computed from the data set is kept for that data set alone.

The real files may replace the stand-in while the server runs. A cache that does not know which of
them it was made from would go on showing pictures of the other.
"""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import streamlit as st

from fmnist.dataset import Dataset

Given = ParamSpec("Given")
Kept = TypeVar("Kept")


def kept_with_data(
    max_entries: int, show_spinner: str | bool = False
) -> Callable[[Callable[Given, Kept]], Callable[Given, Kept]]:
    """``st.cache_resource`` for functions that take a `Dataset`, which then is part of the key.

    `tests/unit/test_data_caches.py` makes sure that no other cache depends on the data.
    """
    return st.cache_resource(
        max_entries=max_entries, show_spinner=show_spinner, hash_funcs={Dataset: _which}
    )


def _which(data: Dataset) -> tuple[str, str]:
    return data.name, data.source
