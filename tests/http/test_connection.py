"""Connections of clients that send or take too slowly, or too much."""
from __future__ import annotations

import asyncio
import json
import select
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from entrypoints.http import tls
from entrypoints.http.bounds import Bounds
from entrypoints.http.quick_connection import QuickConnection
from entrypoints.settings import Settings
from tests.certificates import Certificates
from tests.http.sockets import PATIENCE_S, answer_of, at_socket, piece_of

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


@pytest.fixture(scope="session")
def certificates(tmp_path_factory) -> Certificates:
    return Certificates.made(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(params=["uvloop", "asyncio", "tls"])
def how(request, certificates) -> dict:
    if request.param != "tls":
        return {"loop": request.param}
    return tls.of_server(Settings(**certificates.settings()))


@pytest.fixture
def app(how) -> Iterator[tuple[App, int]]:
    app = App()
    with at_socket(app, Short, **how) as port:
        yield app, port


@pytest.fixture
def opened(app, how, certificates) -> Iterator:
    _, port = app
    made = []

    def connect() -> socket.socket:
        plain = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
        made.append(plain if len(how) == 1 else certificates.client().wrap_socket(plain, server_hostname="localhost"))
        return made[-1]
    yield connect
    for each in made:
        each.close()


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


def test_what_is_usual_is_answered_on_one_connection(opened):
    connection = opened()
    for size in (0, 3_000, 100_000):
        connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % size + bytes(size))
        received = b""
        while not received.endswith(b"\r\n\r\n%d" % size):
            received += piece_of(connection)
        assert received.startswith(b"HTTP/1.1 200")


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
    test_what_is_usual_is_answered_on_one_connection(opened)
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
    test_what_is_usual_is_answered_on_one_connection(opened)


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
    test_what_is_usual_is_answered_on_one_connection(opened)


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
