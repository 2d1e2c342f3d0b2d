"""What the server sets up when it starts."""

import socket

from fmnist.ui.server.lifespan import send_at_once


def test_connections_send_at_once() -> None:
    with socket.socket() as listening:  # as Streamlit opens it, the protocol left to the system
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        send_at_once()
        with socket.create_connection(listening.getsockname()):
            connection, _ = listening.accept()
            with connection:
                assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
