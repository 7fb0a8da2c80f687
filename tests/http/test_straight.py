"""A row by the straight way and by that of ASGI, at a real socket, through all layers: the same in all but the way."""
from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from application.ports.prediction_log import AnsweredRows
from entrypoints.admin.links import Links
from entrypoints.admin.site import Site
from entrypoints.http.app import create_app
from entrypoints.http.door import Door
from entrypoints.http.lane import Lane
from entrypoints.http.prefix import Prefix
from entrypoints.http.refusals import forbidden
from entrypoints.http.straight import straight_of
from entrypoints.settings import Settings
from tests.builders import ROW, TEMP
from tests.http.conftest import Service
from tests.http.sockets import PATIENCE_S, answer_of, at_socket
from tests.http.test_v2_lane import PATH, USUAL, body_of
from tests.waiting import until

HEAD = {"Host": "127.0.0.1", "Content-Type": "application/json", "X-Request-ID": "the-same"}
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
TIMES = re.compile(rb"date: [^\r]*|\"timestamp\": ?[^,}]*")


def head_of(more: dict[str, str], length: int, path: str = "/forward") -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in (HEAD | more).items())
    return f"POST {path} HTTP/1.1\r\n{lines}Content-Length: {length}\r\n\r\n".encode()


@dataclass
class Served:
    """by_asgi: whether each answer of the lane came by ASGI."""

    service: Service
    port: int
    kept: list[AnsweredRows]
    by_asgi: list[str]

    def ask(self, body: bytes, head: dict[str, str], path: str = "/forward", waits: bool = False) -> bytes:
        """waits: with the body, until it may come."""
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE_S) as connection:
            if waits:
                connection.sendall(head_of(head | {"Expect": "100-continue"}, len(body), path))
                # Not where it is refused before.
                if connection.recv(len(CONTINUE), socket.MSG_PEEK) == CONTINUE:
                    connection.recv(len(CONTINUE))
                    connection.sendall(body)
            else:
                connection.sendall(head_of(head, len(body), path) + body)
            return TIMES.sub(b"", b"\r\n\r\n".join(answer_of(connection)))

    def both(self, body: bytes, head: dict[str, str], path: str = "/forward") -> tuple[bytes, bool]:
        """(the answer, equal by both ways; whether the first came straight)."""
        found, ways = [], []
        for waits in (False, True):
            self.kept.clear()
            self.by_asgi.clear()
            answer = self.ask(body, head, path, waits)
            found.append((answer, [replace(row, latency_s=0) for row in self.kept]))
            ways.append(list(self.by_asgi))
        assert found[0] == found[1]
        return found[0][0], not ways[0] and bool(ways[1])


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, commit_hash="abc", refresh_s=0.01, api_keys="", cors_origins="https://app.example")


@pytest.fixture
def served(service, kept, monkeypatch, request, tmp_path) -> Iterator[Served]:
    by_asgi: list[str] = []
    as_it_is = Lane.__call__

    async def told(self, scope, receive, send) -> None:
        if scope["type"] == "http" and scope["method"] == "POST":
            by_asgi.append(scope["path"])
        await as_it_is(self, scope, receive, send)
    monkeypatch.setattr(Lane, "__call__", told)
    prefix = getattr(request, "param", "")
    site = Site(service.client.app, tmp_path / "pages", Links(), 1 << 20)
    app = Door(Prefix(site, prefix), ["127.0.0.1"], ["https://app.example"], forbidden)
    with at_socket(app) as port:
        yield Served(service, port, kept, by_asgi)


@pytest.mark.parametrize(("head", "path", "status", "straight"), [
    ({}, "/forward", 200, True), ({}, "/forward?task=flights", 200, True), ({}, "/forward?task=nobody", 404, False),
    ({"Content-Type": "text/csv"}, "/forward", 400, False), ({}, "/forward?more=1", 400, False),
    ({"Host": "evil.example"}, "/forward", 403, False), ({"Sec-Fetch-Site": "cross-site"}, "/forward", 403, False),
    ({"Origin": "https://evil.example"}, "/forward", 403, False),
    ({"Origin": "https://app.example"}, "/forward", 200, False),
    ({"X-Forwarded-Prefix": "/ml/progon"}, "/ml/progon/forward", 200, True),
    ({"X-Forwarded-For": "10.0.0.7", "X-Forwarded-Proto": "https"}, "/forward", 200, True),
    ({}, "/forward/other", 404, False),
], ids=str)
def test_what_is_asked_around_a_row(served, head, path, status, straight):
    answer, was_straight = served.both(json.dumps(ROW).encode(), head, path)
    assert (int(answer.split()[1]), was_straight) == (status, straight), answer


@pytest.mark.parametrize("served", ["/ml"], indirect=True)
def test_the_usual_prefix_of_a_proxy(served):
    for path in ("/forward", "/ml/forward"):
        answer, was_straight = served.both(json.dumps(ROW).encode(), {}, path)
        assert (int(answer.split()[1]), was_straight) == (200, True)


@pytest.mark.parametrize(("body", "status"), [
    (b"", 400), (b"{", 400), (json.dumps(ROW | {TEMP: "warm"}).encode(), 400), (json.dumps(ROW | {TEMP: None}).encode(),
                                                                                200)], ids=str)
def test_rows(served, body, status):
    answer, was_straight = served.both(body, {})
    assert (int(answer.split()[1]), was_straight) == (status, status == 200)


def test_a_row_of_tensors(served):
    answer, was_straight = served.both(body_of(USUAL, binary=False)[0], {}, PATH)
    assert (int(answer.split()[1]), was_straight) == (200, True), answer


def test_a_model_that_fails(served, monkeypatch):
    runner = served.service.container.serving_models().current("flights").runner
    runs: list[int] = []
    monkeypatch.setattr(runner, "predict", lambda table: runs.append(table.n_rows) or 1 / 0)
    assert served.ask(json.dumps(ROW).encode(), {}).split()[1] == b"500"
    assert served.kept == [] and served.by_asgi == ["/forward"]
    assert runs == [1, 1], "once straight, and once by the framework, which tells it"


def test_where_it_comes_from_is_told_in_the_log(served, caplog):
    with caplog.at_level("INFO", "progon.access"):
        served.ask(json.dumps(ROW).encode(), {"X-Forwarded-For": "10.0.0.7"})
        until(lambda: caplog.records)  # it is told once the answer has been sent
        served.ask(json.dumps(ROW).encode(), {})
        until(lambda: len(caplog.records) == 2)
    assert served.by_asgi == [] and [record.address for record in caplog.records] == ["10.0.0.7", "127.0.0.1"]


@pytest.mark.parametrize(("key", "status"), [("mine", 200), ("reads", 200), ("nobody", 401), (None, 401)])
def test_keys(service, settings, key, status):
    service.container.settings.override(replace(settings, api_keys="mine,reads:read"))
    app = Door(Prefix(create_app(service.container)), ["127.0.0.1"])
    with at_socket(app) as port:
        served = Served(service, port, [], [])
        answer = served.ask(json.dumps(ROW).encode(), {"X-API-Key": key} if key else {})
    assert int(answer.split()[1]) == status


def test_many_clients_at_once(served):
    def asked(numbers: Sequence[int]) -> list[bytes]:
        found = []
        with socket.create_connection(("127.0.0.1", served.port), PATIENCE_S) as connection:
            for number in numbers:
                body = json.dumps(ROW | {TEMP: float(number)}).encode()
                connection.sendall(head_of({"X-Request-ID": f"row-{number}"}, len(body)) + body)
                found.append(answer_of(connection)[1])
        return found
    with ThreadPoolExecutor(8) as clients:
        answers = [answer for found in clients.map(asked, [range(at, 400, 8) for at in range(8)]) for answer in found]
    assert served.by_asgi == []
    by_id = {row.request_id: row for row in served.kept}
    assert len(answers) == len(served.kept) == len(by_id) == 400
    for told in map(json.loads, answers):
        kept = by_id[told["request_id"]]
        assert kept.inputs[TEMP] == (float(told["request_id"].removeprefix("row-")),)
        assert kept.predictions == (told["prediction"],)


def test_an_application_that_has_none():
    async def app(scope, receive, send) -> None:
        raise AssertionError
    assert straight_of(app)({"type": "http"}, b"", lambda _: None) is False
