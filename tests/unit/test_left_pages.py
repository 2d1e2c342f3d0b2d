"""What a page asks for after its visitor has left it."""

import asyncio

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from benchmarks.server import server
from fmnist.ui.server.left_pages import LeftPages


def wish(
    page: str, part: str = "", query: str = "", name: str = "", pressed: bool = False
) -> bytes:
    message = BackMsg()
    message.rerun_script.page_script_hash = page
    message.rerun_script.fragment_id = part
    message.rerun_script.query_string = query
    message.rerun_script.page_name = name
    if pressed:
        message.rerun_script.widget_states.widgets.add().trigger_value = True
    return message.SerializeToString()


def opened(page: str) -> tuple[str, bytes]:
    """The server says that a page is open."""
    message = ForwardMsg()
    message.navigation.page_script_hash = page
    return "said", message.SerializeToString()


def handed_on(happened: list[bytes | tuple[str, bytes]]) -> list[bytes]:
    """Which messages of a browser reach the app; what the app says stands between them."""
    heard: list[bytes] = []
    steps = iter(happened)

    async def app(_scope, receive, send):
        while True:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                return
            if message["type"] == "said":
                await send({"type": "websocket.send", "bytes": message["content"]})
            else:
                heard.append(message["bytes"])

    async def receive():
        step = next(steps, None)
        if step is None:
            return {"type": "websocket.disconnect"}
        if isinstance(step, tuple):
            return {"type": "said", "content": step[1]}
        return {"type": "websocket.receive", "bytes": step}

    async def send(_message):
        pass

    asyncio.run(LeftPages(app)({"type": "websocket"}, receive, send))
    return heard


@pytest.mark.parametrize("late", [wish("a", "part"), wish("a", pressed=True)])
def test_what_a_page_asks_for_after_it_was_left_is_dropped(late: bytes) -> None:
    first, left, new = wish("", name="a"), wish("b"), wish("b", "part")
    assert handed_on([first, opened("a"), left, late, opened("b"), late, new]) == [first, left, new]


@pytest.mark.parametrize(
    "happened",
    [
        [wish("", name="a"), opened("a"), wish("a", "part"), wish("a", pressed=True)],
        [wish("a"), opened("a"), wish("b"), wish("a"), wish("a", "part")],  # back at once
        # The server leads to another page, as after a button.
        [wish("b"), opened("b"), wish("b", pressed=True), opened("a"), wish("a", "part")],
        [wish("", name="a", pressed=True)],  # a connection anew, before any page is open
        [b"\xff\xff", b"", BackMsg(clear_cache=True).SerializeToString()],
    ],
)
def test_all_else_reaches_the_app(happened: list[bytes | tuple[str, bytes]]) -> None:
    assert handed_on(happened) == [step for step in happened if isinstance(step, bytes)]


@pytest.mark.slow
def test_who_leaves_a_page_finds_the_next_one_whole() -> None:
    """The server sends nothing of the old page after the new one."""
    with (
        server() as app,
        connect(
            f"{app.url.replace('http', 'ws', 1)}/_stcore/stream",
            origin=app.url, subprotocols=["streamlit"], max_size=None, ping_interval=None,
        ) as socket,
    ):  # fmt: skip

        def hear(seconds: float) -> list[ForwardMsg]:
            found = []
            while True:
                try:
                    found.append(ForwardMsg.FromString(socket.recv(timeout=seconds)))
                except TimeoutError:
                    return found

        socket.send(wish("", name="predict", query="source=sample"))
        drawn = hear(4)
        pages = {
            page.page_name: page.page_script_hash
            for message in drawn
            for page in message.navigation.app_pages
        }
        part = next(m.delta.fragment_id for m in drawn if m.delta.fragment_id)
        for _ in range(5):
            socket.send(wish(pages["predict"], query="source=sample"))
            hear(1.5)
            socket.send(wish(pages["streamlit app"]))
            socket.send(wish(pages["predict"], part))
            begun = [m.new_session for m in hear(2) if m.WhichOneof("type") == "new_session"]
            assert [each.page_script_hash for each in begun] == [pages["streamlit app"]]
