"""Applications at real sockets, as the service's connections serve them."""
from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from entrypoints.http.quick_connection import QuickConnection

PATIENCE_S = 30


@contextmanager
def at_socket(app: Any, http: type[QuickConnection] = QuickConnection, **how: Any) -> Iterator[int]:
    """how: as uvicorn is told it. Gives the port."""
    config = uvicorn.Config(app, port=0, http=http, lifespan="off", log_config=None, **how)
    server, listener = uvicorn.Server(config), socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = server.force_exit = True
        thread.join(PATIENCE_S)
        listener.close()


def answer_of(connection: socket.socket) -> tuple[bytes, bytes]:
    """(head, body) of an answer that tells its length, whether or not others follow in the same piece are lost."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += piece_of(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
    while len(body) < length:
        body += piece_of(connection)
    return head, body


def piece_of(connection: socket.socket) -> bytes:
    piece = connection.recv(65_536)
    assert piece, "the connection has ended"
    return piece
