"""How far a file is read is told as it goes on, and the answer comes last, whichever client asks."""
from __future__ import annotations

import asyncio
import json

import httpx
import pytest
from progon_client import (
    AsyncClient,
    BadRequest,
    Busy,
    Client,
    Conflict,
    Reading,
    Retries,
    UnexpectedAnswer,
    Unreachable,
)
from progon_client.answers.files import Added

from tests.client.scripted import Script, answer, problem
from tests.client.test_events import Breaks

QUICK = Retries(attempts=3, first_s=0.001, longest_s=0.002)
ADDED = {"task": "t", "batch_id": "b", "dataset_version": 2, "rows_added": 9, "duplicate": False, "late_labels": 0,
         "rows_without_target": 0, "warnings": []}
FIRST, LAST = ({"rows": rows, "read_bytes": rows, "size_bytes": 9} for rows in (0, 9))
EVENTS = {"Content-Type": "text/event-stream; charset=utf-8"}


def told(*events: tuple[str, object], **headers: str) -> httpx.Response:
    text = "".join(f"event: {name}\ndata: {json.dumps(data)}\n\n" for name, data in events)
    return httpx.Response(200, content=text.encode(), headers=EVENTS | headers)


DONE = told(("progress", FIRST), ("progress", LAST), ("done", ADDED))


@pytest.fixture(params=["sync", "async"])
def add(request):
    def now(script: Script) -> list[Reading | Added]:
        with Client(retries=QUICK, transport=httpx.MockTransport(script)) as client:
            return list(client.add_data_events(b"a\n1\n", task="t"))

    async def later(script: Script) -> list[Reading | Added]:
        async with AsyncClient(retries=QUICK, transport=httpx.MockTransport(script.later)) as client:
            return [event async for event in client.add_data_events(b"a\n1\n", task="t")]

    return now if request.param == "sync" else lambda script: asyncio.run(later(script))


def test_the_answer_comes_last(add):
    script = Script([told(("progress", FIRST), ("of a newer service", {}), ("progress", LAST), ("done", ADDED))])
    *progress, last = add(script)
    assert progress == [Reading(**FIRST), Reading(**LAST)] and last.rows_added == 9
    asked, = script.requests
    assert asked.headers["accept"] == "text/event-stream" and asked.headers["idempotency-key"]
    assert b"a\n1\n" in script.bodies[0]


def test_a_problem_at_the_end_is_raised_as_if_it_had_been_the_answer(add):
    fault = {"where": "row 1, column a", "problem": "is odd"}
    refused = {"status": 400, "title": "bad request", "detail": "odd", "errors": [fault]}
    with pytest.raises(BadRequest) as raised:
        add(Script([told(("progress", FIRST), ("done", refused), **{"X-Request-ID": "r1"})]))
    assert raised.value.faults[0].where == "row 1, column a" and raised.value.request_id == "r1"


@pytest.mark.parametrize("broken", [
    httpx.ConnectError("refused"),
    lambda _: httpx.Response(200, headers=EVENTS, stream=Breaks(b"event: progress\n")),
    told(("progress", FIRST)), problem(503, "busy", retry_after="0"), problem(409, "conflict", retry_after="0"),
    told(("done", {"status": 503, "title": "busy", "detail": "away"}))])
def test_what_broke_is_sent_again_with_the_same_key(add, broken):
    script = Script([broken, DONE])
    assert add(script)[-1].dataset_version == 2
    first, second = (request.headers["idempotency-key"] for request in script.requests)
    assert first == second and script.bodies[0].count(b"a\n1\n") == script.bodies[1].count(b"a\n1\n") == 1


def test_it_ends_when_patience_does(add):
    with pytest.raises(Unreachable):
        add(Script([told(("progress", FIRST))]))
    with pytest.raises(Busy):
        add(Script([problem(503, "busy")]))
    with pytest.raises(Conflict):
        add(Script([problem(409, "conflict")]))


def test_a_service_that_tells_nothing_is_understood(add):
    assert [one.rows_added for one in add(Script([answer(ADDED)]))] == [9]


@pytest.mark.parametrize("event", [("progress", {"rows": "many"}), ("done", {"task": 1}), ("done", "x")])
def test_what_is_no_event_of_a_file_is_told(add, event):
    with pytest.raises(UnexpectedAnswer):
        add(Script([told(event)]))
