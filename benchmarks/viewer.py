"""A visitor without a browser: speaks the protocol of Streamlit's browser side, counts bytes."""

from collections.abc import Iterator
from contextlib import contextmanager

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

SECONDS = 60  # for one message


class Viewer:
    """One open page.

    Attributes
    ----------
    received : bytes that the server has sent
    fragment : the part of the page that asks to be drawn again by the clock; empty for none
    interval : seconds between two of those
    """

    def __init__(self, socket: ClientConnection, page: str, query: str) -> None:
        self._socket, self._page, self._query = socket, page, query
        self._script = ""
        self.received = 0
        self.fragment, self.interval = "", float("inf")

    def load(self) -> None:
        """Have the whole page drawn."""
        self._forget()
        self._ask()

    def poll(self) -> None:
        """Have the part drawn that changes, as a browser asks for by the clock."""
        assert self.fragment, "nothing on this page changes by itself"
        self._ask(self.fragment)

    def _ask(self, fragment: str = "") -> None:
        wish = BackMsg()
        rerun = wish.rerun_script
        rerun.query_string, rerun.page_name = self._query, self._page
        rerun.page_script_hash, rerun.fragment_id = self._script, fragment
        rerun.is_auto_rerun = bool(fragment)
        self._socket.send(wish.SerializeToString())
        while True:
            content = self._socket.recv(timeout=SECONDS)
            assert isinstance(content, bytes)
            self.received += len(content)
            if self._hear(ForwardMsg.FromString(content)):
                return

    def _hear(self, message: ForwardMsg) -> bool:
        """Whether the script has come to its end."""
        kind = message.WhichOneof("type")
        if kind == "navigation":  # the page that is open, by the name under which its parts go
            self._script = message.navigation.page_script_hash
        elif kind == "auto_rerun" and message.auto_rerun.interval <= self.interval:
            # Of several parts that redraw themselves the fastest: that of a run at work.
            self.fragment, self.interval = (
                message.auto_rerun.fragment_id,
                message.auto_rerun.interval,
            )
        elif kind == "delta" and message.delta.new_element.WhichOneof("type") == "exception":
            raise RuntimeError(message.delta.new_element.exception.message)
        if kind != "script_finished":
            return False
        if message.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN:
            self._forget()  # the whole page follows
            return False
        return True

    def _forget(self) -> None:
        """The whole page says anew what changes in it."""
        self.fragment, self.interval = "", float("inf")


@contextmanager
def viewer(url: str, page: str = "", query: str = "") -> Iterator[Viewer]:
    """Somebody who looks at a page, which is drawn when the block begins.

    Parameters
    ----------
    url : of the server
    page, query : of the address: "train", "run=20260101-120000-abcdef"
    """
    with connect(
        f"{url.replace('http', 'ws', 1)}/_stcore/stream",
        origin=url, subprotocols=["streamlit"], max_size=None, ping_interval=None,
    ) as socket:  # fmt: skip
        visitor = Viewer(socket, page, query)
        visitor.load()
        yield visitor
