"""Connections of clients that send or take too slowly, or too much."""
from __future__ import annotations

import json
import select
import socket
import ssl
from contextlib import suppress

import pytest

from tests.http.connections import BOUNDS, check_usual, refusal, send_apart, until_closed
from tests.http.sockets import PATIENCE_S, answer_of, piece_of


def test_what_is_usual_is_answered_on_one_connection(opened):
    check_usual(opened())


def sent_and_received(connection: socket.socket, asked: bytes, end: bytes) -> bytes:
    """Both at once, in one thread: of several, TLS may be read and written by one at a time only."""
    received, waiting = b"", memoryview(asked)
    connection.setblocking(False)
    while not received.endswith(end):
        select.select([connection], [connection] if waiting else [], [], 0.01)  # TLS may hold some itself
        with suppress(BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            waiting = waiting[connection.send(waiting[:16_384]):] if waiting else waiting
        with suppress(BlockingIOError, ssl.SSLWantReadError):
            received += piece_of(connection)
    connection.settimeout(PATIENCE_S)
    return received


@pytest.mark.parametrize("size", [0, 10, 9_000, 70_000])
def test_very_many_requests_in_one_piece_are_answered_in_their_order(opened, size):
    """More than is made ready at a time, each with a body of its own length, and a large one last."""
    connection, sizes = opened(), [*(size + number for number in range(300 if size < 1_000 else 9)), 200_000]
    asked = b"".join(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % each + bytes(each) for each in sizes)
    received = sent_and_received(connection, asked, b"\r\n\r\n200000")
    answers = [answer.partition(b"\r\n\r\n")[2] for answer in received.split(b"HTTP/1.1 200 OK")[1:]]
    assert [int(answer) for answer in answers] == sizes
    connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")
    assert connection.recv(65_536).startswith(b"HTTP/1.1 200")


def test_requests_that_we_let_wait_are_not_slow(app, opened):
    connection, many = opened(), 300
    one = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
    connection.sendall(one.replace(b"/ ", b"/wait ") + one * many)
    trickling = opened()
    trickling.sendall(b"GET / HTTP/1.1\r\nHost:")
    assert refusal(until_closed(trickling))[0] == 408  # by now it would be ended too
    app[0].released.set()
    received = b""
    while received.count(b"HTTP/1.1 200") < many + 1:
        piece = connection.recv(65_536)
        assert piece, received[-200:]
        received += piece


def test_what_is_no_request_behind_very_many_ends_the_connection(opened):
    connection = opened()
    connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 400 + b"what is this\r\n\r\n" + b"x" * 50_000)
    received = until_closed(connection)
    assert received.count(b"\r\n\r\n0") <= 400 and received.count(b"HTTP/1.1 200") >= 100


def test_a_header_without_end_is_refused_while_it_comes(opened):
    connection = opened()
    connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nX-Long: ")
    # With TLS the refused client is listened to for `goodbye_s` more: as much as it can send in that time.
    sent, most = 0, 1 << 28
    try:
        while sent < most:
            sent += connection.send(b"a" * 1_000)
    except (BrokenPipeError, ConnectionResetError, ssl.SSLEOFError):
        pass
    assert sent < most
    received = until_closed(connection)
    if received:  # a reset may overtake it
        assert refusal(received)[0] == 431


@pytest.mark.parametrize("apart", [False, True], ids=["in one piece", "the body apart"])
@pytest.mark.parametrize("path", [b"/", b"/straight"])
def test_a_client_that_offers_http_2_loses_no_body(opened, path, apart):
    """As Java's client asks."""
    connection, body = opened(), b"Upgrade: h2c\r\n\r\nUpgrade: h2c"
    head = (b"POST %b HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\nHost: a\r\n"
            b"HTTP2-Settings: AAEAAEAAAAIAAAAB\r\nUpgrade: h2c\r\nContent-Length: %d\r\n\r\n" % (path, len(body)))
    for _ in range(2):
        send_apart(connection, opened, head if apart else head + body, body if apart else b"")
        assert answer_of(connection)[1] == (b"whole" + body if path == b"/straight" else b"%d" % len(body))


@pytest.mark.parametrize("earlier", [0, 1], ids=["the first request", "the second"])
@pytest.mark.parametrize("head", [
    b"GET /" + b"a" * 5_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nX-Long: " + b"a" * 5_000 + b"\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: 5\r\n" + b"".join(b"X-%d: a\r\n" % n for n in range(700)) + b"\r\n12345",
], ids=["path", "header", "headers"])
def test_headers_beyond_their_limit(opened, head, earlier):
    connection = opened()
    for _ in range(earlier):
        connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
        assert connection.recv(65_536).startswith(b"HTTP/1.1 200")
    connection.sendall(head)
    status, told = refusal(until_closed(connection))
    assert (status, told["title"]) == (431, "too large") and "4096 bytes" in told["detail"]


def test_below_v2_it_is_told_in_the_words_of_the_protocol(opened):
    connection = opened()
    connection.sendall(b"GET /v2/health/live HTTP/1.1\r\nHost: a\r\nX-Long: " + b"a" * 5_000 + b"\r\n\r\n")
    head, _, body = until_closed(connection).partition(b"\r\n\r\n")
    assert head.split()[1] == b"431" and list(json.loads(body)) == ["error"]


def test_what_is_no_request(opened):
    connection = opened()
    connection.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n")
    assert refusal(until_closed(connection))[1]["detail"] == "what was sent is not a request of HTTP/1.1"


def test_a_head_that_trickles(opened):
    connection = opened()
    connection.sendall(b"GET / HTTP/1.1\r\nHo")
    status, told = refusal(until_closed(connection))
    assert (status, told["detail"]) == (408, "the request line and the headers did not come in time")


def test_a_second_head_that_trickles(opened):
    connection = opened()
    connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HT")
    received = until_closed(connection)
    assert received.count(b"HTTP/1.1 ") == 2 and b"408" in received


def test_a_connection_that_says_nothing_just_ends(opened):
    assert until_closed(opened()) == b""


def test_a_body_that_trickles(app, opened):
    connection = opened()
    connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n" + bytes(50_000))
    status, told = refusal(until_closed(connection))
    assert (status, told["detail"]) == (408, "the body did not come in time")
    assert app[0].ended.wait(PATIENCE_S)


def test_an_answer_that_is_not_taken_ends_and_others_go_on(app, opened):
    slow = opened()
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    slow.sendall(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
    assert app[0].ended.wait(PATIENCE_S)  # no buffer holds all of it, so the connection has gone
    check_usual(opened())


def test_more_connections_than_there_may_be(opened):
    held = [opened() for _ in range(BOUNDS.connections)]
    for each in held:
        each.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert each.recv(100).startswith(b"HTTP/1.1 200")
    further = opened()
    status, told = refusal(until_closed(further))
    assert (status, told["title"]) == (503, "busy")
    held[0].close()
    assert until_closed_and_answered(opened)


def until_closed_and_answered(opened) -> bool:
    """The place of one that has gone is given to another, as soon as the server has noticed."""
    for _ in range(200):
        connection = opened()
        connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        try:
            if connection.recv(100).startswith(b"HTTP/1.1 200"):
                return True
        except ConnectionResetError:
            continue
    return False
