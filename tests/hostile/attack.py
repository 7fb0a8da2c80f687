"""What an attack is, and what it has to attack with."""
from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import httpx

from tests.e2e.server import Server, web

PATIENCE_S = 60.0


@dataclass(frozen=True)
class Target:
    """A service with the task `small`, a table, and `nuclei`, pictures, both served."""

    server: Server

    def ask(self, method: str, path: str, **how: object) -> httpx.Response:
        return web.request(method, self.server.url + path, timeout=PATIENCE_S, **how)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.server.port), timeout=PATIENCE_S)

    def send(self, *pieces: bytes) -> bytes:
        """Piece by piece for as long as the service takes them. Returns: all that it answers until it ends the
        connection, or until a whole first answer without a body is there."""
        with self.connect() as connection:
            with suppress(OSError):  # it does not have to listen to the end
                for piece in pieces:
                    connection.sendall(piece)
            return read_to_end(connection)


def read_to_end(connection: socket.socket) -> bytes:
    found = b""
    with suppress(ConnectionError):
        while piece := connection.recv(1 << 16):
            found += piece
    return found


def statuses(answers: bytes) -> list[int]:
    """Of what came over one connection."""
    return [int(part[:3]) for part in answers.split(b"HTTP/1.1 ")[1:]]


def check_refused(answer: httpx.Response, *expected: int) -> None:
    """In words, in the one form of all refusals."""
    assert answer.status_code in expected, f"{answer.status_code}: {answer.text[:300]}"
    told = answer.json()
    assert answer.headers["X-Request-ID"]
    # Below /v2 the protocol has a form of its own.
    assert told["error"] if "error" in told else told["detail"], told


Run = Callable[[Target], None]


@dataclass(frozen=True)
class Attack:
    """is_long: left out unless all are asked for."""

    name: str
    run: Run
    is_long: bool


ATTACKS: list[Attack] = []


def attack(run: Run) -> Run:
    """Registers it; it checks by itself what it is answered."""
    ATTACKS.append(Attack(run.__name__, run, is_long=False))
    return run


def long_attack(run: Run) -> Run:
    ATTACKS.append(Attack(run.__name__, run, is_long=True))
    return run
