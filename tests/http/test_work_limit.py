"""Work that is told to stop before its end, whoever waits for it."""
from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import httpx
import pytest

from application.serving.wanted import go_on, while_wanted
from domain.errors import Busy
from domain.table import Table
from entrypoints.grpc.while_wanted import run_while_wanted
from entrypoints.http.draining import Draining
from entrypoints.settings import Settings
from tests.builders import make_table
from tests.http.problems import check_problem
from tests.http.test_client_gone import PATIENCE_S, Watched, file_of_parts, has_gone, port, watched

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


def test_a_call_over_gRPC_ends_too(draining):
    def work() -> None:
        draining.begin()
        go_on()
    with pytest.raises(Busy, match="being stopped"):
        asyncio.run(run_while_wanted(work, draining))


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
