"""A training is followed over connections that break, and nothing is told twice."""
from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import httpx
import pytest
from progon_client import (
    AsyncClient,
    Client,
    Event,
    Experiment,
    LogLine,
    Loss,
    NotFound,
    Progress,
    Retries,
    Unreachable,
)
from progon_client.events import Story

from tests.client.scripted import Script, problem

QUICK = Retries(attempts=4, first_s=0.001, longest_s=0.002)
RUNNING = {"status": "running", "progress": 0.5, "stage": "train", "iteration": 3, "iterations": 9}
ENDED = {"experiment_id": 1, "task": "t", "name": "", "loss": None, "dataset_version": 1, "schema_version": 1,
         "commit_hash": "", "created_at": "2026-01-01T00:00:00Z", "started_at": None, "finished_at": None, "params": {},
         "metrics": {}, "no_value": {}, "parts": {}, "warnings": [],
         "error": None, "from_cache": False, "origin": "trained", "parent": None,
         "tags": ["new"], "note": "", "pinned": False, "archived": False,
         "children": [], "search": None} | RUNNING | {
             "status": "succeeded"}


def told(*events: tuple[str, object]) -> bytes:
    return b"".join(f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()
                    for name, data in events)


def log(*lines: str) -> bytes:
    return told(*(("log", {"line": line}) for line in lines))


DONE = told(("done", ENDED))


class Breaks(httpx.SyncByteStream, httpx.AsyncByteStream):
    """Some bytes, and the connection breaks."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def __iter__(self) -> Iterator[bytes]:
        yield self._content
        raise httpx.ReadError("reset")

    async def __aiter__(self):
        yield self._content
        raise httpx.ReadError("reset")


@pytest.fixture(params=["sync", "async"])
def follow(request):
    def now(script: Script) -> list[Event]:
        with Client(retries=QUICK, transport=httpx.MockTransport(script)) as client:
            return list(client.events(1))

    async def later(script: Script) -> list[Event]:
        async with AsyncClient(retries=QUICK, transport=httpx.MockTransport(script.later)) as client:
            return [event async for event in client.events(1)]

    return now if request.param == "sync" else lambda script: asyncio.run(later(script))


def test_the_experiment_itself_comes_last(follow):
    script = Script([httpx.Response(200, content=told(("progress", RUNNING), ("metric", {"iteration": 3, "loss": 0.5}))
                                    + b": ping\n\n" + told(("of a newer service", {})) + log("fitted") + DONE)])
    events = follow(script)
    assert [type(event) for event in events] == [Progress, Loss, LogLine, Experiment]
    assert events[-1].status == "succeeded" and events[2] == LogLine(line="fitted")


@pytest.mark.parametrize("broken", [Breaks(log("one", "two")), httpx.ByteStream(log("one", "two"))],
                         ids=["reset", "ended early"])
def test_lines_that_come_again_are_told_once(follow, broken):
    script = Script([httpx.Response(200, stream=broken), problem(503, "busy"), httpx.ConnectError("away"),
                     httpx.Response(200, content=log("one", "two", "three") + DONE)])
    assert [event.line for event in follow(script) if isinstance(event, LogLine)] == ["one", "two", "three"]
    assert len(script.requests) == 4


def test_one_that_stays_away_is_given_up(follow):
    with pytest.raises(Unreachable):
        follow(Script([httpx.ConnectError("away")]))


def test_an_unknown_experiment(follow):
    with pytest.raises(NotFound):
        follow(Script([problem(404, "not found")]))


@pytest.mark.parametrize("size", [1, 2, 7, 10_000])
def test_in_pieces_of_any_size(size):
    """Lines end with a newline alone: what else some take for one may stand in a text."""
    content, story, events = log("при\u2028вет\x85, мир").replace(b"\n", b"\r\n") + DONE, Story(), []
    story.connect()
    for start in range(0, len(content), size):
        events += story.hear(content[start:start + size])
    assert events[0] == LogLine(line="при\u2028вет\x85, мир") and isinstance(events[1], Experiment) and story.ended
