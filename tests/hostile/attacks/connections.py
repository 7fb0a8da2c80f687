"""Over a plain connection, before any route is found."""
from __future__ import annotations

import json
import socket
import time
from contextlib import ExitStack

from tests.builders import ROW
from tests.hostile.attack import Target, attack, check_refused, long_attack, read_to_end, statuses

HEAD = b"POST /forward?task=small HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
_PIECE = b"a" * (64 << 10)


@attack
def header_without_end(target: Target) -> None:
    assert statuses(target.send(HEAD + b"X-Long: ", *[_PIECE] * 64)) == [431]


@attack
def ten_thousand_headers(target: Target) -> None:
    assert statuses(target.send(HEAD, *(b"X-%d: 1\r\n" % number * 20 for number in range(10_000)))) == [431]


@attack
def path_of_megabytes(target: Target) -> None:
    assert statuses(target.send(b"GET /", *[_PIECE] * 32)) == [431]


@attack
def query_of_megabytes(target: Target) -> None:
    assert statuses(target.send(b"GET /experiments?task=", *[_PIECE] * 32)) == [431]


@attack
def thousands_of_parameters(target: Target) -> None:
    check_refused(target.ask("GET", "/experiments?" + "&".join(f"p{number}=1" for number in range(6_000))), 400)
    check_refused(target.ask("POST", "/forward?" + "task=small&" * 5_000, json=ROW), 400)


@attack
def bodies_of_two_lengths(target: Target) -> None:
    """By which one request is smuggled in another past a proxy."""
    inner = b"GET /tasks HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    for lengths in (b"Content-Length: 3\r\nContent-Length: 4", b"Content-Length: 4\r\nTransfer-Encoding: chunked",
                    b"Content-Length: -1", b"Content-Length: 99999999999999999999999", b"Content-Length: 0x10",
                    b"Transfer-Encoding: chunked, identity", b"Transfer-Encoding: xchunked"):
        answer = target.send(HEAD + lengths + b"\r\n\r\n0\r\n\r\n" + inner)
        assert statuses(answer)[:1] == [400], (lengths, answer[:300])
        assert b'"tasks"' not in answer, lengths


@attack
def chunks_of_lying_lengths(target: Target) -> None:
    for size in (b"FFFFFFFFFFFFFFFFF", b"-1", b"0x5", b"zz"):
        answer = target.send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + size + b"\r\nabc\r\n")
        assert statuses(answer) == [400], size


@attack
def other_protocols(target: Target) -> None:
    upgrade = b"GET /forward HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade, close\r\nUpgrade: "
    for said in (b"websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                 b"h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n"):
        found = statuses(target.send(upgrade + said))
        assert found and 101 not in found and all(400 <= status < 500 for status in found), found
    for start in (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64),
                  b"GET /healthz HTTP/9.9\r\n\r\n", b"\x00" * 64 + b"\r\n\r\n"):
        assert statuses(target.send(start)) == [400], start


@attack
def pipelined_by_thousands(target: Target) -> None:
    asked = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    last = asked.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    assert statuses(target.send(asked * 1_999 + last)) == [200] * 2_000


@attack
def hundreds_of_idle_connections(target: Target) -> None:
    with ExitStack() as held:
        opened = [held.enter_context(target.connect()) for _ in range(300)]
        for connection in opened[::2]:
            connection.sendall(HEAD)
        assert target.ask("GET", "/healthz").status_code == 200


@attack
def pages_of_others(target: Target) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        check_refused(target.ask("POST", "/deploy/1", headers=headers), 403)
    for host in ("evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80"):
        check_refused(target.ask("GET", "/tasks", headers={"Host": host}), 403)


@long_attack
def slow_headers(target: Target) -> None:
    _trickled(target, HEAD + b"X-Slow: ", 30)


@long_attack
def slow_bodies(target: Target) -> None:
    _trickled(target, HEAD + b"Content-Length: 1000000\r\n\r\n", 45)


def _trickled(target: Target, start: bytes, least_s: float) -> None:
    """A byte a second over many connections at once: each is told that it is too slow."""
    with ExitStack() as held:
        slow = [held.enter_context(target.connect()) for _ in range(50)]
        for connection in slow:
            connection.sendall(start)
        began = time.monotonic()
        while time.monotonic() - began < least_s:
            time.sleep(1)  # what is attacked with, not something waited for
            for connection in slow:
                _drip(connection)
        for connection in slow:
            assert statuses(read_to_end(connection)) in ([408], []), "ended by then"


def _drip(connection: socket.socket) -> None:
    try:
        connection.sendall(b"a")
    except OSError:
        return


@attack
def clients_that_do_not_read(target: Target) -> None:
    """More than there are slots, each with an answer that no buffer of the system holds: whoever reads is answered."""
    content = b"\n".join([json.dumps(ROW).encode()] * 40_000)
    head = (b"POST /forward_batch?task=small HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-ndjson\r\n"
            b"Content-Length: %d\r\n\r\n" % len(content))
    with ExitStack() as held:
        for _ in range(6):
            connection = held.enter_context(target.connect())
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.sendall(head + content)
        began = time.monotonic()
        while (answer := target.ask("POST", "/forward_batch?task=small", content=json.dumps(ROW).encode(),
                                    headers={"Content-Type": "application/x-ndjson"})).status_code == 503:
            assert time.monotonic() - began < 20, "a slot is had long before the silent ones are given up"
        assert answer.status_code == 200, answer.text[:300]
