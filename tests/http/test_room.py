"""What requests have in memory is counted together, and given back however they end."""
from __future__ import annotations

import json
import socket
from collections.abc import Callable

import pytest

from application.serving.current_request import CurrentRequest, current_request
from application.serving.room import SMALL_BYTES, Room
from entrypoints.settings import Settings
from tests.builders import ROW, make_task
from tests.e2e.small_task import csv_of
from tests.hostile.attack import read_to_end
from tests.http.problems import check_problem
from tests.http.test_client_gone import PATIENCE_S, port

__all__ = ["port"]  # a fixture
KIB = 1 << 10
JSON, CSV = {"Content-Type": "application/json"}, {"Content-Type": "text/csv"}


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(home=tmp_path, commit_hash="abc", refresh_s=0.01, request_memory_bytes=2_000 * KIB,
                    busy_wait_s=0.05)


@pytest.fixture
def room(service) -> Room:
    return service.container.room()


def large_row(**more: object) -> bytes:
    return json.dumps(ROW | {"temp": 1.0, "x" * SMALL_BYTES: 1} | more).encode()


def in_memory(service) -> bytes:
    text = service.client.get("/metrics").content
    return next(line for line in text.splitlines() if line.startswith(b"progon_request_memory_bytes "))


def held(room: Room, wanted_bytes: int) -> Callable[[], None]:
    """By another request."""
    before = current_request.set(CurrentRequest("another", "/forward"))
    try:
        return room.take(wanted_bytes)
    finally:
        current_request.reset(before)


@pytest.mark.parametrize(("method", "path", "how"), [
    ("POST", "/forward", {"content": large_row(), "headers": JSON}),
    ("POST", "/forward_batch", {"content": csv_of(20_000, 1, make_task()), "headers": CSV}),
    ("PUT", "/labels", {"content": b"[%b]" % b",".join([b'{"request_id":"a","label":"no"}'] * 5_000), "headers": JSON}),
    ("POST", "/tasks", {"content": b'{"a":"%b"}' % (b"x" * 100_000), "headers": JSON}),
    ("PUT", "/retrain", {"content": b'{"name":"%b"}' % (b"x" * 100_000), "headers": JSON}),
    ("POST", "/experiments", {"files": {"model": b"x" * 100_000}}),
    ("POST", "/v2/models/flights/infer", {"content": b'{"inputs":[%b]}' % (b" " * 100_000), "headers": JSON}),
])
def test_where_others_have_all_it_is_said_before_the_work_begins(service, framework, room, method, path, how):
    give_back = held(room, 2_000 * KIB)
    refused = framework.request(method, path, **how)
    assert (refused.status_code, "Retry-After" in refused.headers) == (503, True), refused.text[:300]
    assert room.taken_bytes() == 2_000 * KIB
    assert float(in_memory(service).split()[1]) == 2_000 * KIB
    give_back()
    assert framework.request(method, path, **how).status_code != 503
    assert room.taken_bytes() == 0


def test_a_row_is_answered_although_others_have_all(service, framework, room):
    held(room, 2_000 * KIB)
    for client in (service.client, framework):
        assert client.post("/forward", json=ROW).status_code == 200


def test_a_body_that_could_never_be_had_is_refused_before_it_comes(service, port, monkeypatch, room):
    monkeypatch.setattr(room, "_most", 1_000 * KIB)
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as connection:
        connection.sendall(b"POST /forward HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                           b"Content-Length: 1100000\r\nConnection: close\r\n\r\n{")
        answer = read_to_end(connection)
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"the request takes 2 MB of memory to be worked on; one request may have 1 MB here" in answer
    assert room.taken_bytes() == 0


def test_what_would_be_too_much_once_it_is_decoded_is_refused_before_it_is(service, monkeypatch, room):
    monkeypatch.setattr(room, "_most", 5_000 * KIB)
    refused = service.client.post("/forward", content=b"[%b]" % b",".join([b"{}"] * 50_000), headers=JSON)
    assert "MB of memory" in check_problem(refused, 413)["detail"]
    assert room.taken_bytes() == 0
