"""All that the app uses of Streamlit beyond its public interface.

An upgrade of Streamlit may change any of it; `tests/unit/test_streamlit_internals.py` then says
what broke. The names that Streamlit gives to the parts of a page stand in `assets/streamlit.css`.
"""

import inspect
import re
from pathlib import Path
from typing import cast

import streamlit as st
from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec

__all__ = [
    "PAGE",
    "SERVER_IS_BESIDE",
    "UPLOAD_PATH",
    "UploadedFile",
    "UploadedFileRec",
    "drop_files",
    "is_connected",
    "uploaded_files",
    "warm_up_stack",
]

PAGE = Path(st.__file__).parent / "static" / "index.html"  # the HTML that carries every page
# Has Streamlit's JavaScript look for the server where it got the page's own scripts and styles,
# beside the page's address; so it is found behind a proxy that adds a path as well.
SERVER_IS_BESIDE = (
    "<script>window.__streamlit = {BACKEND_BASE_URL: new URL('.', location.href).href}</script>"
)
UPLOAD_PATH = re.compile(r"/_stcore/upload_file/(?P<session>[^/]+)/[^/]+\Z")


def uploaded_files() -> dict[str, dict[str, UploadedFileRec]]:
    """The uploaded files in memory: session, then file id, to the file."""
    return _manager().file_storage


def drop_files(session: str) -> None:
    """Drop the uploaded files of a session."""
    _manager().remove_session_files(session)


def is_connected(session: str) -> bool:
    """Whether a browser is connected to the session."""
    return runtime.get_instance().is_active_session(session)


def warm_up_stack() -> None:
    """Have Python find the files of all modules, which it then remembers.

    Streamlit's `is_repl` looks at the stack when the first page sends its first element. That is
    when Python would look for them otherwise.
    """
    inspect.stack()


def _manager() -> MemoryUploadedFileManager:
    return cast(MemoryUploadedFileManager, runtime.get_instance().uploaded_file_mgr)
