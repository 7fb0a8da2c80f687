"""A client that goes before its answer is there ends the work for it."""
from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from application.ports.model_runner import ModelRunner
from application.serving import wanted
from domain.prediction import ModelCard, Predictions
from domain.table import Table
from tests.builders import make_table
from tests.e2e.small_task import csv_of
from tests.http.conftest import Service
from tests.http.sockets import PATIENCE_S, at_socket
from tests.waiting import until as wait_until


class Watched(ModelRunner):
    """Answers nobody before `until` is true; counts who asked."""

    def __init__(self, runner: ModelRunner, until: Callable[[], bool]) -> None:
        self._runner, self._until, self.calls, self.asked = runner, until, 0, threading.Event()

    @property
    def card(self) -> ModelCard:
        return self._runner.card

    def predict(self, table: Table) -> Predictions:
        self.calls += 1
        self.asked.set()
        wait_until(self._until)
        return self._runner.predict(table)


def watched(service: Service, monkeypatch, until: Callable[[], bool]) -> Watched:
    models = service.container.serving_models()
    served = models.current("flights")
    runner = Watched(served.runner, until)
    monkeypatch.setattr(models, "current", lambda name: replace(served, runner=runner))
    return runner


def has_gone() -> bool:
    """As the thread knows that works for the client."""
    asked = wanted.gone.get()
    return asked is not None and asked()


@pytest.fixture
def port(service) -> Iterator[int]:
    """The service at a real socket."""
    with at_socket(service.client.app) as found:
        yield found


def sent(port: int, path: str, body: bytes) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/csv\r\nContent-Length: {len(body)}\r\n\r\n"
    connection.sendall(head.encode() + body)
    return connection


def file_of_parts(service: Service) -> bytes:
    """More than is read at once."""
    header, rows = csv_of(5_000, 1, service.tasks.get("flights")).split(b"\n", 1)
    return header + b"\n" + rows * 20


@pytest.mark.parametrize("query", ["", "?explain=true"])
@pytest.mark.parametrize("path", ["/forward_batch", "/evaluate"])
def test_a_file_is_left_after_the_part_that_was_under_way(service, port, monkeypatch, caplog, path, query):
    """An explained one has one part, and is left after its answers."""
    task = service.tasks.get("flights")
    service.store.append(task, [make_table(task, 40)])
    runner = watched(service, monkeypatch, has_gone)
    body = csv_of(100, 1, task) if query else file_of_parts(service)
    with caplog.at_level(logging.INFO, "progon.access"):
        with sent(port, f"{path}{query}", body):
            assert runner.asked.wait(PATIENCE_S)
        wait_until(lambda: [record.status for record in caplog.records if record.route == path] == [499])
    assert runner.calls == 1


def test_one_that_stays_gets_its_answer(service, port, monkeypatch):
    runner = watched(service, monkeypatch, lambda: True)
    with sent(port, "/forward_batch", file_of_parts(service)) as connection:
        assert connection.recv(65_536).startswith(b"HTTP/1.1 200")
    assert runner.calls > 1, "there are parts to be left"


def test_work_that_nobody_can_leave_goes_on():
    assert list(wanted.while_wanted(range(3))) == [0, 1, 2]


def test_it_ends_between_two_pieces():
    taken = []
    token = wanted.gone.set(lambda: len(taken) == 2)
    try:
        with pytest.raises(wanted.NobodyWaits):
            for piece in wanted.while_wanted(range(5)):
                taken.append(piece)
    finally:
        wanted.gone.reset(token)
    assert taken == [0, 1]
