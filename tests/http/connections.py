"""Connections at a real socket, by both event loops and over TLS, with bounds that are soon reached."""
from __future__ import annotations

import asyncio
import json
import socket
import ssl
import threading

from entrypoints.http.bounds import Bounds
from entrypoints.http.quick_connection import QuickConnection
from tests.http.sockets import PATIENCE_S, answer_of, piece_of

BOUNDS = Bounds(
    head_bytes=4_096, head_s=0.3, stall_s=0.3, least_bytes=1_024, look_s=0.05, goodbye_s=0.1, connections=8)
LARGE = 64 << 20


class Short(QuickConnection):
    bounds = BOUNDS


class App:
    """Echoes how many bytes of a body came; at /large an answer that no buffer holds, at /wait once it is released."""

    def __init__(self) -> None:
        self.ended, self.released, self.asked_straight = threading.Event(), threading.Event(), 0

    def straight(self, scope, body, answered) -> bool:
        """At /straight a piece, at once or in the next turn; at /declined nothing then. Elsewhere it fails."""
        self.asked_straight += 1
        if scope["path"] == "/" or scope["path"] == "/wait":
            return False
        told = None if scope["path"] == "/declined" else (
            b"content-length: %d\r\nx-kind: piece\r\n" % (5 + len(body)), b"whole" + body)
        if scope["query_string"] == b"later":
            asyncio.get_running_loop().call_soon(answered, told)
        elif scope["path"] in ("/straight", "/declined"):
            answered(told)
        else:
            raise ValueError("a fault of the application")
        return True

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] == "lifespan":
            return
        if scope["path"] == "/wait":
            await asyncio.to_thread(self.released.wait, PATIENCE_S)
        size = LARGE if scope["path"] == "/large" else 0
        body, more = b"", size == 0
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.ended.set()
                return
            body, more = body + message["body"], message["more_body"]
        answer = bytes(size) if size else str(len(body)).encode()
        await send({"type": "http.response.start", "status": 200, "headers": [
            (b"content-length", str(len(answer)).encode())]})
        for start in range(0, len(answer), 1 << 20):
            await send({"type": "http.response.body", "body": answer[start:start + (1 << 20)], "more_body": True})
        await send({"type": "http.response.body", "body": b""})
        self.ended.set()


def until_closed(connection: socket.socket) -> bytes:
    received = b""
    try:
        while piece := connection.recv(65_536):
            received += piece
    except (ConnectionResetError, ssl.SSLEOFError):
        pass
    return received


def refusal(received: bytes) -> tuple[int, dict]:
    head, _, body = received.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head and b"x-request-id: " in head
    assert b"connection: close" in head
    told = json.loads(body)
    assert told["status"] == int(head.split()[1])
    return told["status"], told


def check_usual(connection: socket.socket) -> None:
    """What is usual is answered on one connection."""
    for size in (0, 3_000, 100_000):
        connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % size + bytes(size))
        received = b""
        while not received.endswith(b"\r\n\r\n%d" % size):
            received += piece_of(connection)
        assert received.startswith(b"HTTP/1.1 200")


def send_apart(connection: socket.socket, opened, first: bytes, further: bytes) -> None:
    """The further bytes once the first have been taken."""
    connection.sendall(first)
    if b"Expect" in first:
        assert connection.recv(65_536) == b"HTTP/1.1 100 Continue\r\n\r\n"
    elif further:
        other = opened()
        other.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        answer_of(other)
    connection.sendall(further)
