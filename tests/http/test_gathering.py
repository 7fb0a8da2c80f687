"""Rows that come at once are answered by one run of the model, and told apart in all else."""
from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress

import pytest

from application.ports.prediction_log import AnsweredRows
from application.serving.beside_rows import RowsLately
from application.serving.current_request import CurrentRequest
from domain.kinds.kind import Problem
from entrypoints.http.gathering import MOST_ROWS, Gathering
from tests.builders import ROW, TEMP, make_task


def rows_like(n_rows: int) -> list[dict]:
    return [ROW | {TEMP: 30.0 + number} for number in range(n_rows)]


async def ask(app, number: int, row: object, query: str) -> tuple[int, dict]:
    """(status, body) of a request whose body comes in one piece, as that of a row does."""
    sent = []

    async def receive() -> dict:
        return {"type": "http.request", "body": json.dumps(row).encode(), "more_body": False}

    async def send(message: dict) -> None:
        sent.append(message)
    with suppress(ZeroDivisionError):  # what a model raises is answered, and then told to the server
        await app({"type": "http", "http_version": "1.1", "method": "POST", "path": "/forward", "root_path": "",
                   "query_string": query.encode(), "scheme": "http", "server": ("127.0.0.1", 80), "state": {},
                   "client": ("127.0.0.1", 9), "headers": [(b"content-type", b"application/json"),
                                                           (b"x-request-id", f"row-{number}".encode())]},
                  receive, send)
    return sent[0]["status"], json.loads(b"".join(message.get("body", b"") for message in sent))


def ask_at_once(service, rows: Sequence[object], query: str = "") -> list[tuple[int, dict]]:
    async def asked() -> list[tuple[int, dict]]:
        return await asyncio.gather(*(ask(service.client.app, number, row, query) for number, row in enumerate(rows)))
    return asyncio.run(asked())


@pytest.fixture
def runs(service, monkeypatch) -> list[int]:
    """How many rows each run of the model had."""
    runner, counted = service.container.serving_models().current("flights").runner, []
    predict = runner.predict
    monkeypatch.setattr(runner, "predict", lambda table: counted.append(table.n_rows) or predict(table))
    return counted


@pytest.fixture
def kept(service, monkeypatch) -> list[AnsweredRows]:
    log, seen = service.container.prediction_log(), []
    append = log.append
    monkeypatch.setattr(log, "append", lambda *answers: (seen.extend(answers), append(*answers)))
    return seen


@pytest.mark.parametrize("problem", list(Problem)[:3])
def test_each_gets_the_answer_of_its_own_row(service, problem):
    task = make_task(problem, "other")
    service.serve(task)
    rows = rows_like(2 * MOST_ROWS + 3)
    together = [body for _, body in ask_at_once(service, rows, "task=other")]
    alone = [service.client.post("/forward?task=other", json=row).json() for row in rows]
    assert [answer["request_id"] for answer in together] == [f"row-{number}" for number in range(len(rows))]
    for one, other in zip(together, alone, strict=True):
        assert one | {"request_id": ""} == other | {"request_id": ""}


def test_they_are_answered_by_few_runs(service, runs):
    ask_at_once(service, rows_like(2 * MOST_ROWS))
    assert sum(runs) == 2 * MOST_ROWS and len(runs) < MOST_ROWS and max(runs) <= MOST_ROWS


def test_each_is_kept_and_counted(service, runs, kept):
    def requests() -> float:
        return sum(float(line.rpartition(" ")[2]) for line in service.client.get("/metrics").text.splitlines()
                   if line.startswith("progon_requests_total") and '"/forward"' in line)
    before = requests()
    ask_at_once(service, rows_like(20))
    assert max(runs) > 1 and requests() == before + 20
    lines = {entry.request_id: entry for entry in kept}
    assert sorted(lines) == sorted(f"row-{number}" for number in range(20))
    for number in range(20):
        entry = lines[f"row-{number}"]
        assert entry.inputs[TEMP] == (30.0 + number,) and entry.n_rows == 1 and len(entry.scores) == 1


def test_a_fault_is_its_own_rows_alone(service):
    rows = rows_like(6)
    rows[2] = rows[2] | {TEMP: "warm"}
    rows[4] = {"unknown": 1}
    answers = ask_at_once(service, rows)
    assert [status for status, _ in answers] == [200, 200, 400, 200, 400, 200]
    assert answers[2][1]["errors"][0]["where"] == f"column {TEMP}"


def test_a_row_on_which_the_model_fails_takes_no_other_with_it(service, kept, monkeypatch):
    runner = service.container.serving_models().current("flights").runner
    predict = runner.predict
    monkeypatch.setattr(runner, "predict", lambda table: 1 / (33.0 not in table[TEMP]) and predict(table))
    answers = ask_at_once(service, rows_like(6))
    assert [status for status, _ in answers] == [200, 200, 200, 500, 200, 200]
    assert len(kept) == 5


def test_one_whose_answer_cannot_be_sent_takes_no_other_with_it(caplog):
    sent: list[bytes | None] = []

    async def asked() -> None:
        gathering = Gathering(
            lambda task, requests, rows: [request.id.encode() for request in requests], RowsLately(lambda: 0))
        for name, answered in (("one", lambda _: 1 / 0), ("other", sent.append)):
            gathering.ask(("flights", None), CurrentRequest(name, "/forward"), {}, answered)
        await asyncio.sleep(0)
    asyncio.run(asked())
    assert sent == [b"other"] and "an answer could not be sent" in caplog.text


def test_whoever_left_is_passed_over(service):
    async def asked() -> tuple[int, dict]:
        one = asyncio.create_task(ask(service.client.app, 1, ROW, ""))
        other = asyncio.create_task(ask(service.client.app, 2, ROW, ""))
        await asyncio.sleep(0)  # both wait for their turn
        one.cancel()
        return await other
    status, body = asyncio.run(asked())
    assert (status, body["request_id"]) == (200, "row-2")
