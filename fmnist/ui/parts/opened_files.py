"""Files that a visitor gave: each is opened once, however often the page is rerun."""

from collections.abc import Callable
from typing import TypeVar, cast

import streamlit as st

from fmnist.network import ModelError
from fmnist.prediction.decode import PictureError
from fmnist.ui.server.streamlit_internals import UploadedFile

Found = TypeVar("Found")


def opened(key: str, file: UploadedFile, open_it: Callable[[bytes, str], Found]) -> Found:
    """What is in a file; kept in the session until another file takes its place.

    Parameters
    ----------
    key : in the session's state
    open_it : gets content and name of the file. Its ModelError or PictureError is kept, too, and
        raised each time, so that a refused file is not tried again
    """
    file_id, found = st.session_state.get(key, (None, None))
    if file_id != file.file_id:
        found = _attempt(file, open_it)
        st.session_state[key] = (file.file_id, found)
    if isinstance(found, (ModelError, PictureError)):
        raise found.with_traceback(None)
    return cast(Found, found)


def _attempt(
    file: UploadedFile, open_it: Callable[[bytes, str], Found]
) -> Found | ModelError | PictureError:
    try:
        return open_it(file.getvalue(), file.name)
    except (ModelError, PictureError) as problem:
        return problem
