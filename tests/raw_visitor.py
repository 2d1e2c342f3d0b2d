"""A visitor without a browser, who speaks to the server as programs do."""

import http.client
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit
from urllib.request import urlopen

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

HEAD = b'--edge\r\nContent-Disposition: form-data; name="f"; filename="%s"\r\n\r\n'
TAIL = b"\r\n--edge--\r\n"


@contextmanager
def session(url: str) -> Iterator[str]:
    """A session of the app, for as long as the block lasts; its id."""
    with connect(
        f"{url.replace('http', 'ws', 1)}/_stcore/stream",
        origin=url, subprotocols=["streamlit"], max_size=None, ping_interval=None,
    ) as socket:  # fmt: skip
        wish = BackMsg()
        wish.rerun_script.query_string = ""
        socket.send(wish.SerializeToString())
        message = ForwardMsg()
        while message.WhichOneof("type") != "new_session":
            message.ParseFromString(socket.recv(timeout=60))
        yield message.new_session.initialize.session_id
        while message.WhichOneof("type") != "script_finished":  # else its rest fills the socket
            message.ParseFromString(socket.recv(timeout=60))


class Upload:
    """One upload without a page; the body can be sent in pieces.

    Parameters
    ----------
    url, session : where it goes
    name : of the file, in the address and for the server
    size : announced bytes of the file; None to announce nothing
    """

    def __init__(self, url: str, session: str, name: str, size: int | None) -> None:
        with urlopen(f"{url}/_stcore/health") as health:
            cookie = health.headers["Set-Cookie"].split(";")[0]
        self.connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
        self.connection.putrequest("PUT", f"/_stcore/upload_file/{session}/{name[:99]}")
        self.connection.putheader("Cookie", cookie)
        self.connection.putheader("X-Xsrftoken", cookie.partition("=")[2])
        self.connection.putheader("Content-Type", "multipart/form-data; boundary=edge")
        self.head = HEAD % name.encode()
        self.chunked = size is None
        if size is None:
            self.connection.putheader("Transfer-Encoding", "chunked")
        else:
            self.connection.putheader("Content-Length", str(len(self.head) + size + len(TAIL)))
        self.connection.endheaders()
        self.send(self.head)

    def send(self, content: bytes) -> None:
        """Send a piece of the body."""
        self.connection.send(b"%x\r\n%s\r\n" % (len(content), content) if self.chunked else content)

    def end(self) -> tuple[int, str]:
        """Send the end of the body; status and text of the answer."""
        self.send(TAIL)
        if self.chunked:
            self.connection.send(b"0\r\n\r\n")
        return self.answer()

    def answer(self) -> tuple[int, str]:
        """Status and text of the answer."""
        answer = self.connection.getresponse()
        try:
            return answer.status, answer.read().decode()
        finally:
            self.connection.close()


def put(url: str, session: str, name: str, size: int, announced: bool = True) -> tuple[int, str]:
    """Upload a file of `size` bytes; status and text of the answer."""
    upload = Upload(url, session, name, size if announced else None)
    upload.send(bytes(size))
    return upload.end()
