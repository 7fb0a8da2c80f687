"""How far a file is read is told while it is worked on, and the answer at the end, where events are asked for."""
from __future__ import annotations

import asyncio
import json
import logging
import socket
import threading
from dataclasses import replace

import httpx
import pytest
from fastapi import Request, Response
from fastapi.routing import iter_route_contexts

from application.ports.storage import StorageUnavailable
from entrypoints.http import upload_events
from entrypoints.http.responses import Releasing
from entrypoints.http.upload_events import EVENTS, Reading, _Told, _Work, is_told
from tests.builders import TEMP, make_table, make_task, text_cells
from tests.http import files
from tests.http.files import csv_of
from tests.http.problems import check_problem
from tests.http.test_client_gone import PATIENCE_S, file_of_parts, has_gone, port, watched
from tests.waiting import until as wait_until

__all__ = ["port"]
ASKED = {"Accept": EVENTS}
ROWS = 50
# Method and path, and what a file is sent to.
ROUTES = [("PUT", "/add_data?task=flights"), ("POST", "/evaluate?task=flights"), ("POST", "/datasets/flights/check"),
          ("PUT", "/labels?task=flights")]


def told(text: str) -> list[tuple[str, dict]]:
    """The events of a stream: name and data."""
    found = []
    for block in filter(None, text.split("\n\n")):
        lines = [line.partition(": ") for line in block.split("\n")]
        data = "\n".join(value for name, _, value in lines if name == "data")
        found += [(value, json.loads(data)) for name, _, value in lines if name == "event"]
    return found


def send(service, method: str, path: str, content: bytes, headers: dict | None = None) -> httpx.Response:
    return files.send(service, path, content, ASKED | (headers or {}), method)


def content_for(path: str) -> bytes:
    if path.startswith("/labels"):
        return csv_of({"request_id": ["a", "b"], "label": ["0", "1"]})
    return csv_of(make_table(make_task(), ROWS))


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_the_answer_comes_last_and_is_the_usual_one(service, method, path):
    content = content_for(path)
    answer = send(service, method, path, content)
    assert answer.status_code == 200 and answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache" and "content-length" not in answer.headers
    *progress, (name, last) = told(answer.text)
    assert name == "done" and {name for name, _ in progress} == {"progress"}
    rows = content.count(b"\n") - 1
    assert progress[-1][1] == {"rows": rows, "read_bytes": len(content), "size_bytes": len(content)}
    if path.startswith("/add_data"):
        assert last["rows_added"] == ROWS and not last["duplicate"]
    usual = files.send(service, path, content, method=method).json()
    own = {"request_id", "rows_added", "duplicate", "matched", "unknown", "already"}
    assert last.keys() == usual.keys()
    assert {key: last[key] for key in last.keys() - own} == {key: usual[key] for key in usual.keys() - own}


def test_these_routes_and_no_others_tell(service):
    app = service.client.app
    routes = (context.original_route for context in iter_route_contexts(app.routes))
    found = {(route.path, method) for route in routes if is_told(getattr(route, "endpoint", None))
             for method in route.methods}
    assert found == {("/add_data", "PUT"), ("/evaluate", "POST"), ("/datasets/{task}/check", "POST"),
                     ("/labels", "PUT"), ("/tasks", "POST")}


def test_a_new_task_is_told_of(empty):
    content = csv_of(make_table(make_task(), ROWS))
    answer = empty.client.post("/tasks", headers=ASKED, files={"file": ("t.csv", content)}, data={
        "name": "mine", "target": "late"})
    *progress, (_, last) = told(answer.text)
    assert last["name"] == "mine" and progress[-1][1]["rows"] == ROWS


@pytest.mark.parametrize(("method", "path"), ROUTES[:3])
def test_a_fault_that_is_found_in_the_rows_is_the_problem_it_would_have_been(service, method, path):
    cells = text_cells(make_table(make_task(), ROWS))
    cells[TEMP][3] = "warm"
    content = csv_of(cells)
    problem = check_problem(files.send(service, path, content, method=method), 400)
    answer = send(service, method, path, content)
    assert answer.status_code == 200, "it had begun"
    assert told(answer.text)[-1] == ("done", problem)
    assert service.store.versions("flights") == []


@pytest.mark.parametrize(("path", "content", "status"), [
    ("/add_data?task=flights&odd=1", b"a\n1\n", 400), ("/evaluate?task=flights&extra=some", b"a\n1\n", 400)])
def test_what_is_refused_before_the_file_is_read_is_refused_by_its_status(service, path, content, status):
    method = "PUT" if path.startswith("/add") else "POST"
    check_problem(send(service, method, path, content), status)


def test_too_large_is_refused_by_its_status(service, monkeypatch):
    settings = service.container.settings()
    monkeypatch.setattr(service.container, "settings", lambda: replace(settings, max_body_bytes=10))
    check_problem(send(service, "PUT", "/add_data?task=flights", b"a\n" * 100), 413)


def test_an_unknown_task_is_told_by_the_events(service):
    name, problem = told(send(service, "PUT", "/add_data?task=nobody", content_for("/add_data")).text)[-1]
    assert (name, problem["status"], problem["title"]) == ("done", 404, "not found")


def test_a_fault_of_ours_is_told_without_what_it_was(service, monkeypatch):
    monkeypatch.setattr(service.store, "append", lambda *_: 1 / 0)
    name, problem = told(send(service, "PUT", "/add_data?task=flights", content_for("/add_data")).text)[-1]
    assert (name, problem["status"], problem["title"]) == ("done", 500, "internal error")
    assert "division" not in problem["detail"]


def test_it_is_done_once_with_a_key_and_told_again(service):
    key, content = {"Idempotency-Key": "k"}, content_for("/add_data")
    first, again = (send(service, "PUT", "/add_data?task=flights", content, key) for _ in range(2))
    assert told(again.text) == told(first.text)[-1:], "nothing is read again"
    assert (again.headers["idempotent-replayed"], "idempotent-replayed" in first.headers) == ("true", False)
    assert len(service.store.versions("flights")) == 1
    plain = files.send(service, "/add_data?task=flights", content, key, "PUT")
    assert plain.json() == told(first.text)[-1][1] and plain.headers["idempotent-replayed"] == "true"


def test_the_key_of_what_failed_is_free_again(service, monkeypatch):
    key, content = {"Idempotency-Key": "k"}, content_for("/add_data")

    def away(*_):
        raise StorageUnavailable("the database does not answer")

    with monkeypatch.context() as patched:
        patched.setattr(service.store, "append", away)
        assert told(send(service, "PUT", "/add_data?task=flights", content, key).text)[-1][1]["status"] == 503
    assert told(send(service, "PUT", "/add_data?task=flights", content, key).text)[-1][1]["rows_added"] == ROWS


def test_the_status_that_counts_is_the_one_it_would_have_been(service, caplog):
    with caplog.at_level(logging.INFO, "progon.access"):
        send(service, "PUT", "/add_data?task=flights", b"a\n1\n")
        send(service, "PUT", "/add_data?task=flights", content_for("/add_data"))
    assert [record.status for record in caplog.records if record.route == "/add_data"] == [400, 200]


def test_progress_comes_while_the_file_is_worked_on(service, port, monkeypatch):
    monkeypatch.setattr(upload_events, "EVERY_S", 0.01)
    go = threading.Event()
    runner = watched(service, monkeypatch, go.is_set)
    body = file_of_parts(service)
    with httpx.stream("POST", f"http://127.0.0.1:{port}/evaluate?task=flights", content=body, timeout=PATIENCE_S,
                      headers=ASKED | {"Content-Type": "text/csv"}) as answer:
        pieces = answer.iter_text()
        text = next(pieces)
        assert runner.asked.wait(PATIENCE_S)
        assert told(text)[0] == ("progress", {"rows": 0, "read_bytes": 0, "size_bytes": len(body)})
        go.set()
        text += "".join(pieces)
    rows = [data["rows"] for name, data in told(text) if name == "progress"]
    assert rows == sorted(set(rows)) and rows[-1] == 100_000
    assert told(text)[-1][1]["count"] == 100_000


def test_rows_are_added_for_who_goes_away_too(service, port, monkeypatch):
    asked, go, append = threading.Event(), threading.Event(), service.store.append

    def slowly(task, tables):
        asked.set()
        assert go.wait(PATIENCE_S)
        return append(task, tables)

    monkeypatch.setattr(service.store, "append", slowly)
    monkeypatch.setattr(upload_events, "EVERY_S", 0.01)
    body = content_for("/add_data")
    head = ("PUT /add_data?task=flights HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/csv\r\n"
            f"Accept: {EVENTS}\r\nContent-Length: {len(body)}\r\n\r\n")
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as connection:
        connection.sendall(head.encode() + body)
        assert asked.wait(PATIENCE_S)
    go.set()
    wait_until(lambda: [version.rows for version in service.store.versions("flights")] == [ROWS])


def test_what_cannot_be_told_is_done_all_the_same():
    done = []

    async def work() -> Response:
        await asyncio.sleep(0)
        done.append("the work")
        return Releasing(Response(b"{}"), lambda: done.append("what it held is let go of"))

    async def broken(_: object) -> None:
        raise OSError("the connection is gone")

    async def tell() -> None:
        going = _Work(asyncio.create_task(work()), Reading(), Request({"type": "http", "headers": []}))
        await _Told(going)({"type": "http"}, None, broken)

    asyncio.run(tell())
    assert done == ["the work", "what it held is let go of"]


def test_who_goes_away_ends_the_work_as_without_events(service, port, monkeypatch, caplog):
    runner = watched(service, monkeypatch, has_gone)
    body = file_of_parts(service)
    head = (f"POST /evaluate HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/csv\r\nAccept: {EVENTS}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n")
    with caplog.at_level(logging.INFO, "progon.access"):
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as connection:
            connection.sendall(head.encode() + body)
            assert runner.asked.wait(PATIENCE_S)
        wait_until(lambda: [record.route for record in caplog.records if record.name == "progon.access"
                            ] == ["/evaluate"])
    assert runner.calls == 1
