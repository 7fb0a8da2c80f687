"""Short requests that are asked straight, past ASGI."""
from __future__ import annotations

import socket
import threading

import pytest

from entrypoints.http.quick_connection import QuickConnection
from tests.http.connections import App, check_usual, refusal, send_apart, until_closed
from tests.http.sockets import PATIENCE_S, answer_of, at_socket, piece_of

WAYS = pytest.mark.parametrize("path", [b"/straight", b"/straight?later"], ids=["at once", "later"])


@WAYS
@pytest.mark.parametrize(("version", "header", "stays"), [
    (b"1.1", b"", True), (b"1.1", b"Connection: close\r\n", False), (b"1.0", b"", False)])
def test_an_answer_by_the_straight_way(app, opened, path, version, header, stays):
    connection = opened()
    connection.sendall(b"POST %b HTTP/%b\r\nHost: a\r\nContent-Length: 3\r\n%b\r\nabc" % (path, version, header))
    head, body = answer_of(connection)
    lines = head.lower().split(b"\r\n")
    assert body == b"wholeabc" and lines[0] == b"http/1.1 200 ok" and b"x-kind: piece" in lines
    assert any(line.startswith(b"date: ") for line in lines) and (b"connection: close" in lines) is not stays
    if stays:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")
        assert answer_of(connection)[1] == b"3" and app[0].asked_straight == 2
    else:
        assert until_closed(connection) == b""


@WAYS
def test_answers_by_the_straight_way_to_requests_that_came_together(opened, path):
    """Those behind the first wait for their turn, and go the way of ASGI."""
    connection = opened()
    connection.sendall(b"".join(b"POST %b HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % (at, size) + b"x" * size
                                for at, size in ((path, 1), (b"/", 2), (path, 3), (b"/", 4))))
    received = b""
    while not received.endswith(b"\r\n\r\n4"):
        received += piece_of(connection)
    assert received.count(b"HTTP/1.1 200") == 4
    bodies = [answer.partition(b"\r\n\r\n")[2] for answer in received.split(b"HTTP/1.1 200 OK")[1:]]
    assert bodies[0] == b"wholex" and bodies[1] == b"2" and bodies[3] == b"4"


@WAYS
def test_what_comes_behind_a_row_may_take_longer_than_an_idle_connection_is_kept(path):
    app = App()
    with at_socket(app, timeout_keep_alive=0.05) as port:
        with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as connection:
            connection.sendall(b"".join(b"POST %b HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n" % at
                                        for at in (path, b"/wait")))
            assert answer_of(connection)[1] == b"whole"
            with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as idle:
                idle.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                assert until_closed(idle).endswith(b"\r\n\r\n0")  # the other would be ended by now, too
            app.released.set()
            assert answer_of(connection)[1] == b"0"


@pytest.mark.parametrize("path", [b"/", b"/declined", b"/declined?later", b"/fails"])
def test_what_is_not_answered_straight_goes_the_way_of_asgi(app, opened, path):
    connection = opened()
    for size in (3, 0):
        connection.sendall(b"POST %b HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % (path, size) + bytes(size))
        assert answer_of(connection)[1] == b"%d" % size
    assert app[0].asked_straight == 2


HEAD = b"POST /straight HTTP/1.1\r\nHost: a\r\n"


@pytest.mark.parametrize(("first", "further"), [
    (HEAD + b"Content-Length: 3\r\n\r\na", b"bc"), (HEAD + b"Content-Length: 3\r\n\r\n", b"abc"),
    (HEAD + b"Content-Length: 3\r\n", b"\r\nabc"), (HEAD + b"Content-Length: 16384\r\n\r\n", bytes(16_384)),
], ids=["in the middle of its body", "before it", "in the middle of its head", "as long as may be"])
def test_a_short_body_is_waited_for(app, opened, first, further):
    connection = opened()
    for number in (1, 2):
        send_apart(connection, opened, first, further)
        assert answer_of(connection)[1] == b"whole" + (first + further).partition(b"\r\n\r\n")[2]
        assert app[0].asked_straight == number


@pytest.mark.parametrize(("first", "further", "length"), [
    (HEAD + b"Content-Length: 3\r\nExpect: 100-continue\r\n\r\n", b"abc", 3),
    (HEAD.replace(b"POST", b"PUT") + b"Content-Length: 3\r\n\r\nabc", b"", 3),
    (HEAD + b"Content-Length: 16385\r\n\r\n", bytes(16_385), 16_385),
    (HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", b"0\r\n\r\n", 3),
], ids=["that waits", "of another method", "longer", "whose length nobody said"])
def test_another_is_not_asked_straight(app, opened, first, further, length):
    connection = opened()
    send_apart(connection, opened, first, further)
    assert answer_of(connection)[1] == b"%d" % length and app[0].asked_straight == 0


def test_a_length_of_more_digits_than_python_reads():
    with at_socket(App()) as port, socket.create_connection(("127.0.0.1", port), PATIENCE_S) as connection:
        connection.sendall(HEAD + b"Content-Length: %b3\r\n\r\n" % (b"0" * 4_300))
        with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as other:
            other.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            answer_of(other)  # the first piece has been taken
        connection.sendall(b"abc")
        assert answer_of(connection)[1] == b"3"


def test_a_short_body_that_does_not_come_is_refused(app, opened):
    connection = opened()
    connection.sendall(HEAD + b"Content-Length: 3\r\n\r\na")
    assert refusal(until_closed(connection))[0] == 408 and app[0].asked_straight == 0


@pytest.mark.parametrize("so_far", [b"", b"a"], ids=["nothing of it came", "some of it came"])
def test_whoever_goes_before_a_short_body_is_there_has_asked_nothing(app, opened, so_far):
    connection = opened()
    connection.sendall(HEAD + b"Content-Length: 3\r\n\r\n" + so_far)
    connection.close()
    check_usual(opened())
    assert app[0].asked_straight == 2, "the short ones of the other connection"


class Stopping(App):
    """At /stop it keeps the loop until it is released, and then all connections are told that the service stops."""

    def __init__(self) -> None:
        super().__init__()
        self.connections, self.stopping = set(), threading.Event()

    def connection(self, *arguments: object, **more: object) -> QuickConnection:
        made = QuickConnection(*arguments, **more)
        self.connections.add(made)
        return made

    def straight(self, scope, body, answered) -> bool:
        if scope["path"] == "/stop":
            self.stopping.set()
            self.released.wait(PATIENCE_S)
            for connection in self.connections:
                connection.shutdown()
        return super().straight(scope, body, answered)


@pytest.mark.parametrize("sent", [0, 1, 2])
@pytest.mark.parametrize("asked", [b"POST /straight?later", b"POST /", b"GET /wait"])
def test_what_was_sent_when_the_service_stops_is_answered(how, certificates, asked, sent):
    """Though it was not read by then; the last answer says that no other follows."""
    app = Stopping()
    with at_socket(app, app.connection, **how) as port:
        def connect() -> socket.socket:
            plain = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
            return plain if len(how) == 1 else certificates.client().wrap_socket(plain, server_hostname="localhost")
        request_ = asked + b" HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
        with connect() as waiting, connect() as other:
            for each in (waiting, other):
                each.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
                answer_of(each)
            other.sendall(b"POST /stop HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
            assert app.stopping.wait(PATIENCE_S)
            waiting.sendall(request_ * sent)
            app.released.set()
            assert b"connection: close" in answer_of(other)[0]
            if sent:
                assert b"connection: close" in answer_of(waiting)[0]
            assert until_closed(waiting) == b"" and until_closed(other) == b""


def test_whoever_has_gone_gets_no_answer_by_the_straight_way(opened):
    connection = opened()
    connection.sendall(b"POST /straight?later HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
    connection.close()
    check_usual(opened())
