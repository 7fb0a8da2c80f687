"""Work that is told to stop before its end, whoever waits for it."""
from __future__ import annotations

import asyncio
import json
import threading
import weakref
from collections.abc import Iterator

import httpx
import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.requests import Request

from application.serving import wanted
from application.serving.turns import Turns
from application.serving.wanted import go_on, while_wanted
from domain.errors import Busy, InvalidInput
from domain.kinds.kind import Kind
from domain.table import Table
from domain.task import Task
from entrypoints.grpc.while_wanted import run_while_wanted
from entrypoints.http import deadlines
from entrypoints.http import while_wanted as while_wanted_here
from entrypoints.http.deadlines import Limit, Work, work_of
from entrypoints.http.draining import Draining
from entrypoints.http.work_limit import MAX_PARAMETERS
from entrypoints.settings import Settings
from tests.builders import make_table
from tests.http.problems import check_problem
from tests.http.test_client_gone import PATIENCE_S, Watched, file_of_parts, has_gone, port, watched
from tests.waiting import until as wait_until

__all__ = ["port"]  # a fixture


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(home=tmp_path, commit_hash="abc", refresh_s=0.01, drain_s=0)


@pytest.fixture
def draining(service) -> Draining:
    return service.client.app.state.draining


@pytest.fixture
def runner(service, monkeypatch) -> Watched:
    """Answers a part once its work is to stop."""
    return watched(service, monkeypatch, has_gone)


@pytest.mark.parametrize("path", ["/forward_batch", "/evaluate"])
def test_a_stop_of_the_service_ends_the_work(service, port, runner, draining, path):
    threading.Thread(target=lambda: runner.asked.wait(PATIENCE_S) and draining.begin()).start()
    answer = httpx.post(f"http://127.0.0.1:{port}{path}", content=file_of_parts(service),
                        headers={"Content-Type": "text/csv"}, timeout=PATIENCE_S)
    check_problem(answer, 503)
    assert (answer.headers["Retry-After"], runner.calls) == ("5", 1)


def test_what_refused_work_had_made_is_let_go_of_in_its_thread(service):
    class Document:
        pass

    made = list[weakref.ref]()

    def work() -> None:
        document = Document()
        made.append(weakref.ref(document, lambda _: gone.append(threading.current_thread())))
        raise InvalidInput("it is none")

    async def ask() -> None:
        with pytest.raises(InvalidInput):
            asked = Request({"type": "http", "app": service.client.app}, asyncio.Event().wait)
            await while_wanted_here.run_while_wanted(asked, Kind.TABULAR, work)

    gone = list[threading.Thread]()
    asyncio.run(ask())
    assert len(gone) == 1 and gone[0] is not threading.main_thread()


@pytest.mark.parametrize("path", ["/experiments", "/forward", "/v2/models/flights/infer", "/nowhere"])
def test_a_query_without_end_is_refused_before_it_is_read(service, path):
    def told(number: int) -> tuple[int, str]:
        answer = service.client.get(path + "?" + "&".join(f"p{place}" for place in range(number)))
        words = answer.json()
        return answer.status_code, words.get("detail") or words["error"]

    assert "more than" not in told(MAX_PARAMETERS)[1]
    assert told(MAX_PARAMETERS + 1) == (400, "the query has more than the 200 parameters allowed")


def test_whoever_listens_to_events_is_told_of_the_stop_by_the_last(service, port, runner, draining):
    threading.Thread(target=lambda: runner.asked.wait(PATIENCE_S) and draining.begin()).start()
    answer = httpx.post(f"http://127.0.0.1:{port}/evaluate", content=file_of_parts(service), timeout=PATIENCE_S,
                        headers={"Content-Type": "text/csv", "Accept": "text/event-stream"})
    assert (answer.status_code, runner.calls) == (200, 1)
    last = answer.text.partition("event: done\ndata: ")[2]
    assert (json.loads(last)["status"], json.loads(last)["title"]) == (503, "busy")


def test_nothing_is_kept_of_data_that_were_being_added(service, port, draining):
    def rows() -> Iterator[bytes]:
        yield file_of_parts(service)
        draining.begin()  # the file is there, and none of it was read
    before = len(service.store.versions("flights"))
    answer = httpx.put(f"http://127.0.0.1:{port}/add_data", content=rows(), headers={"Content-Type": "text/csv"},
                       timeout=PATIENCE_S)
    assert answer.status_code == 503
    assert len(service.store.versions("flights")) == before


def test_an_answer_that_was_begun_breaks_off(service, port, monkeypatch, draining):
    task, read = service.tasks.get("flights"), threading.Event()
    table = make_table(task, 9_000)
    service.store.append(task, [table])

    def tables() -> Iterator[Table]:
        yield table
        assert read.wait(PATIENCE_S)
        draining.begin()
        yield table
    monkeypatch.setattr(service.store, "read", lambda *_, **__: while_wanted(tables()))
    with httpx.stream("GET", f"http://127.0.0.1:{port}/datasets/flights/rows", timeout=PATIENCE_S) as answer:
        assert answer.status_code == 200
        pieces = answer.iter_raw()
        next(pieces)
        read.set()
        with pytest.raises(httpx.TransportError):
            list(pieces)


def test_a_fault_of_a_thread_that_works_for_a_plain_route(service, port, monkeypatch, draining):
    draining.begin()
    monkeypatch.setattr(service.experiments, "list", lambda *_, **__: go_on())
    answer = httpx.get(f"http://127.0.0.1:{port}/experiments", timeout=PATIENCE_S)
    check_problem(answer, 503)


def test_a_call_over_gRPC_ends_too(settings, draining):
    def work() -> None:
        draining.begin()
        go_on()
    with pytest.raises(Busy, match="being stopped"):
        asyncio.run(run_while_wanted(Kind.IMAGE, work, Limit(settings, draining, lambda: Work.PICTURE), Turns(1)))


def test_what_was_done_is_told_although_the_work_was_to_stop(service, monkeypatch, draining):
    def few(task: Task) -> list[str]:
        draining.begin()
        go_on()
        return ["there are few"]
    monkeypatch.setattr(service.container.few_labels(), "of", few)
    answer = service.client.put("/add_data", content=file_of_parts(service), headers={"Content-Type": "text/csv"})
    assert (answer.status_code, answer.json()["warnings"]) == (200, ["there are few"])
    assert wanted.gone.get() is None


def until_over() -> list[object]:
    wait_until(has_gone)
    go_on()
    raise AssertionError("it does not get here")


@pytest.fixture
def hurried(service, monkeypatch) -> None:
    """As the deadlines of the settings are read with each request."""
    for work in Work:
        object.__setattr__(service.container.settings(), work.setting, 0.05)


def test_the_work_for_a_plain_route_ends_at_its_deadline(service, hurried, port, monkeypatch):
    with monkeypatch.context() as slow:
        slow.setattr(service.experiments, "list", lambda *_, **__: until_over())
        answer = httpx.get(f"http://127.0.0.1:{port}/experiments", timeout=PATIENCE_S)
    assert "0.05 s" in (told := check_problem(answer, 503))["detail"] and "PROGON_ROW_DEADLINE_S" in told["detail"]
    assert answer.headers["Retry-After"] == "5" and b"progon_busy_total 1.0" in service.client.get("/metrics").content


@pytest.mark.parametrize("path", ["/forward_batch", "/evaluate"])
def test_the_work_for_a_file_ends_at_its_deadline(service, hurried, port, runner, path):
    answer = httpx.post(f"http://127.0.0.1:{port}{path}", content=file_of_parts(service),
                        headers={"Content-Type": "text/csv"}, timeout=PATIENCE_S)
    assert "PROGON_FILE_DEADLINE_S" in check_problem(answer, 503)["detail"] and runner.calls <= 1


def test_below_v2_it_is_told_in_the_protocol(service, hurried, port, monkeypatch):
    monkeypatch.setattr("entrypoints.v2.models.is_short", lambda *_: False)
    monkeypatch.setattr("entrypoints.v2.models.answered", lambda *_: until_over())
    feature = service.tasks.get("flights").schema.features[1].name
    answer = httpx.post(f"http://127.0.0.1:{port}/v2/models/flights/infer", timeout=PATIENCE_S, json={"inputs": [
        {"name": feature, "shape": [1], "datatype": "FP32", "data": [1.0]}]})
    assert (answer.status_code, "PROGON_PICTURE_DEADLINE_S" in answer.json()["error"]) == (503, True), answer.text


def test_the_time_begins_when_the_body_is_there(settings, monkeypatch):
    now = 100.0
    monkeypatch.setattr(deadlines, "monotonic", lambda: now)
    limit = Limit(settings, Draining(0), lambda: Work.ROW)
    now += settings.row_deadline_s
    assert limit.is_over
    limit.begin()
    assert not limit.is_over
    now += settings.row_deadline_s
    assert limit.is_over


def test_a_body_that_comes_slowly_takes_nothing_of_the_time(service, hurried, port):
    ended, pieces = threading.Event(), file_of_parts(service)

    def body() -> Iterator[bytes]:
        yield pieces[:1_000]
        ended.wait(0.2)  # how long it takes, not something waited for
        yield pieces[1_000:2_000]
    answer = httpx.post(f"http://127.0.0.1:{port}/tasks/look", content=body(), headers={"Content-Type": "text/csv"},
                        timeout=PATIENCE_S)
    assert answer.status_code != 503


def test_every_route_that_takes_a_file_has_the_time_for_one(service):
    described = service.client.get("/openapi.json").json()["paths"]
    with_files = {(method.upper(), path) for path, methods in described.items() for method, told in methods.items()
                  if {"multipart/form-data", "text/csv"} & set(told.get("requestBody", {}).get("content", {}))}
    found = {(method, route.path): (work_of(route.endpoint), work_of(route.endpoint, is_form=True))
             for context in iter_route_contexts(service.client.app.routes)
             if isinstance(route := context.original_route, APIRoute) for method in route.methods}
    assert with_files and with_files <= set(found)
    short = {named for named in with_files if found[named][1] is Work.ROW}
    assert not short, "they would be stopped after a minute: @within(Work.FILE)"
    assert found["POST", "/forward"] == (Work.ROW, Work.PICTURE)


def test_a_route_that_declares_nothing_has_the_shortest_time(settings):
    assert work_of(lambda: None) is Work.ROW
    assert settings.row_deadline_s == min(getattr(settings, work.setting) for work in Work)


def test_draining_is_over_after_its_time():
    long, short = Draining(3_600), Draining(0)
    assert not (long.begun or short.begun or short.is_over) and long.left_s == 3_600
    long.begin()
    short.begin()
    assert long.begun and not long.is_over and 0 < long.left_s <= 3_600
    assert short.is_over and short.left_s == 0
    until = long.left_s
    long.begin()
    assert long.left_s <= until, "a second signal does not make it longer"
