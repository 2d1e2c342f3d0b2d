"""All that the app uses of Streamlit beyond its public interface.

An upgrade of Streamlit may change any of it; `tests/unit/test_streamlit_internals.py` then says
what broke. The names that Streamlit gives to the parts of a page stand in `assets/streamlit.css`.
"""

import inspect
import re
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import streamlit as st
from google.protobuf.message import DecodeError
from streamlit import runtime
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.session_manager import SessionManager
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec

__all__ = [
    "PAGE",
    "SERVER_IS_BESIDE",
    "UPLOAD_PATH",
    "Request",
    "UploadedFile",
    "UploadedFileRec",
    "asked_for",
    "drop_files",
    "forget_closed",
    "is_connected",
    "is_history_run",
    "is_partial_run",
    "open_sessions",
    "page_announced",
    "uploaded_files",
    "warm_up_stack",
]

PAGE = Path(st.__file__).parent / "static" / "index.html"  # the HTML that carries every page
# Has Streamlit's JavaScript look for the server where it got the page's own scripts and styles,
# beside the page's address; so it is found behind a proxy that adds a path as well.
SERVER_IS_BESIDE = (
    "<script>window.__streamlit = {BACKEND_BASE_URL: new URL('.', location.href).href}</script>"
)
_PRESSES = ("trigger_value", "string_trigger_value", "chat_input_value", "json_trigger_value")
_LONGEST_ANNOUNCEMENT = 10_000  # bytes; names and addresses of all pages
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


def open_sessions() -> int:
    """How many pages are open in browsers now; 0 without a server, or under `AppTest`."""
    manager = _sessions()
    return 0 if manager is None else manager.num_active_sessions()


def forget_closed() -> None:
    """Drop what is kept of browsers that left, once they may not come back to it.

    Streamlit itself does so when the next browser leaves: what the last class of a day had open
    would stay over night. To be called in the server's event loop.
    """
    storage = getattr(_sessions(), "_session_storage", None)
    expire = getattr(getattr(storage, "_cache", None), "expire", None)
    if expire is not None:
        expire()


def is_partial_run() -> bool:
    """Whether a part of the page alone is drawn anew: after a click in it, or by the clock."""
    context = get_script_run_ctx(suppress_warning=True)
    return context is not None and bool(context.fragment_ids_this_run)


def is_history_run() -> bool:
    """Whether the whole page is drawn because the browser went back or forward."""
    context = get_script_run_ctx(suppress_warning=True)
    return context is not None and context.is_history_navigation


def warm_up_stack() -> None:
    """Have Python find the files of all modules, which it then remembers.

    Streamlit's `is_repl` looks at the stack when the first page sends its first element. That is
    when Python would look for them otherwise.
    """
    inspect.stack()


@dataclass(frozen=True)
class Request:
    """What a browser asks for: to run a page, or a part of it.

    Attributes
    ----------
    page : Streamlit's hash of the page's script; empty for the page that the address names
    needs_page : whether it makes sense on that page alone: one fragment is to run, or a button was
        pressed
    """

    page: str
    needs_page: bool


def asked_for(content: bytes) -> Request | None:
    """What a message of the browser asks for; None if it is about something else, or no message."""
    message = BackMsg()
    try:
        message.ParseFromString(content)
    except DecodeError:
        return None
    if message.WhichOneof("type") != "rerun_script":
        return None
    request = message.rerun_script
    pressed = any(state.WhichOneof("value") in _PRESSES for state in request.widget_states.widgets)
    return Request(request.page_script_hash, pressed or bool(request.fragment_id))


def page_announced(content: bytes) -> str:
    """Hash of the page that a message to the browser says is open; empty for other messages."""
    if len(content) > _LONGEST_ANNOUNCEMENT:
        return ""
    message = ForwardMsg()
    message.ParseFromString(content)
    is_one = message.WhichOneof("type") == "navigation"
    return str(message.navigation.page_script_hash) if is_one else ""


def _sessions() -> SessionManager | None:
    if not runtime.exists():
        return None
    manager: SessionManager | None = getattr(runtime.get_instance(), "_session_mgr", None)
    return manager


def _manager() -> MemoryUploadedFileManager:
    return cast(MemoryUploadedFileManager, runtime.get_instance().uploaded_file_mgr)
