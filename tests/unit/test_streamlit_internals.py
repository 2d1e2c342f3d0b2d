"""What an upgrade of Streamlit may break."""

import inspect
import re
import weakref
from pathlib import Path
from types import SimpleNamespace

import pytest
import streamlit
from streamlit import env_util
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import Runtime
from streamlit.runtime.memory_session_storage import MemorySessionStorage
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner_utils.script_run_context import ScriptRunContext
from streamlit.runtime.session_manager import SessionManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec
from streamlit.runtime.websocket_session_manager import WebsocketSessionManager

from fmnist.ui.server import streamlit_internals

STATIC = Path(streamlit.__file__).parent / "static" / "static"
SHEET = Path(__file__).parents[2] / "assets" / "streamlit.css"
NAMES = sorted(
    {
        next(filter(None, found))
        for found in re.findall(
            r"\.(st[A-Z]\w+)|data-testid\^?=\"(\w+[\w-]*)\"|\[(data-stale)", SHEET.read_text()
        )
    }
)


@pytest.fixture(scope="module")
def scripts():
    return "".join(path.read_text() for path in (STATIC / "js").glob("*.js"))


def test_the_sheet_names_parts_of_streamlit():
    assert {"stMain", "stAppHeader", "stStatusWidget", "data-stale"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_streamlit_still_has_the_parts_that_the_sheet_names(name, scripts):
    assert name in scripts, (
        f"No part of Streamlit's pages is called {name} any more: what assets/streamlit.css says "
        "of it has no effect."
    )


def test_the_page_has_one_script_of_its_own():
    assert streamlit_internals.PAGE.read_text().count("<script>") == 1, (
        f"{streamlit_internals.PAGE} has not one inline script any more: look at whether the "
        "content policy still lets Streamlit start."
    )


def test_a_request_says_what_page_it_comes_from():
    message = (
        "Streamlit asks for pages differently: clicks on a page that was left may blank the next."
    )
    wish = BackMsg()
    wish.rerun_script.page_script_hash = "abc"
    asked = streamlit_internals.asked_for
    assert asked(wish.SerializeToString()) == streamlit_internals.Request("abc", False), message
    pressed = wish.rerun_script.widget_states.widgets.add()
    pressed.trigger_value = True
    assert asked(wish.SerializeToString()) == streamlit_internals.Request("abc", True), message
    wish.rerun_script.ClearField("widget_states")
    wish.rerun_script.fragment_id = "part"
    assert asked(wish.SerializeToString()) == streamlit_internals.Request("abc", True), message
    assert asked(BackMsg(clear_cache=True).SerializeToString()) is None
    assert asked(b"\xff no message") is None


def test_the_open_page_is_announced():
    message = ForwardMsg()
    message.navigation.page_script_hash = "abc"
    assert streamlit_internals.page_announced(message.SerializeToString()) == "abc"
    assert not streamlit_internals.page_announced(ForwardMsg().SerializeToString())


def test_uploaded_files_lie_where_they_are_counted():
    manager = MemoryUploadedFileManager("/upload")
    manager.add_file("someone", UploadedFileRec("id", "name", "type", b"data"))
    message = "Streamlit keeps uploaded files elsewhere: their memory would not be limited."
    assert manager.file_storage["someone"]["id"].data == b"data", message
    manager.remove_session_files("someone")
    assert not manager.file_storage.get("someone"), message
    assert {"uploaded_file_mgr", "is_active_session"} <= set(dir(Runtime)), message


def test_open_pages_can_be_counted():
    assert callable(getattr(SessionManager, "num_active_sessions", None)), (
        "Streamlit counts its sessions elsewhere: there would be no limit to them."
    )
    assert "_session_mgr" in inspect.getsource(Runtime), "Streamlit keeps its sessions elsewhere."


def test_streamlit_still_looks_at_the_stack():
    assert "inspect.stack()" in inspect.getsource(env_util.is_repl), (
        "Streamlit's `is_repl` no longer looks at the stack: `warm_up_stack` can go."
    )


def test_the_page_can_be_told_where_the_server_is(scripts):
    assert "BACKEND_BASE_URL" in scripts, (
        "Streamlit's JavaScript knows no window.__streamlit.BACKEND_BASE_URL any more: deep links "
        "ask for /train/_stcore/health again, which logs two errors in the browser's console"
    )
    assert streamlit_internals.PAGE.read_text().count("</head>") == 1


def test_a_part_of_a_page_is_told_from_the_whole():
    assert not streamlit_internals.is_partial_run()  # no page at all
    context = inspect.signature(ScriptRunContext).parameters
    assert "fragment_ids_this_run" in context, (
        "Streamlit tells otherwise which part of a page is drawn: the next redraw by the clock may "
        "undo a click."
    )


def test_a_step_back_is_told_from_a_click():
    assert not streamlit_internals.is_history_run()  # no page at all
    assert "is_history_navigation" in inspect.signature(ScriptRunContext).parameters, (
        "Streamlit tells otherwise that the browser went back: what a widget was before may undo "
        "that."
    )


class FakeSession:
    """Anything that can be watched as it goes."""


def test_what_is_kept_of_browsers_that_left_can_be_dropped(monkeypatch):
    message = "Streamlit keeps closed sessions differently: their memory stays until others leave."
    storage = MemorySessionStorage(ttl_seconds=0)
    assert hasattr(storage, "_cache"), message
    assert "_session_storage" in inspect.getsource(WebsocketSessionManager.__init__), message
    session = FakeSession()
    storage._cache["a"] = session
    kept = weakref.ref(session)
    del session
    assert kept() is not None
    monkeypatch.setattr(
        streamlit_internals, "_sessions", lambda: SimpleNamespace(_session_storage=storage)
    )
    streamlit_internals.forget_closed()
    assert kept() is None, message


def test_nothing_is_dropped_without_a_server():
    streamlit_internals.forget_closed()
