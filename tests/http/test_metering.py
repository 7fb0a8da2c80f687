"""A request is counted once, and before its answer is whole."""
from __future__ import annotations

import asyncio

import pytest

from entrypoints.http.metering import OTHER, Metering
from tests.fakes.telemetry import InMemoryTelemetry


def asked(app, telemetry: InMemoryTelemetry) -> list[tuple[str, int]]:
    """What was sent, with how often it had been counted by then."""
    sent = list[tuple[str, int]]()

    async def send(message) -> None:
        sent.append((message["type"].removeprefix("http.response."), telemetry.requests.total()))

    scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "state": {"request_id": "one"}}
    asyncio.run(Metering(app, telemetry)(scope, None, send))
    return sent


def test_whoever_has_the_whole_answer_finds_it_counted():
    async def app(scope, receive, send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"a", "more_body": True})
        await send({"type": "http.response.body", "body": b"b"})

    telemetry = InMemoryTelemetry()
    assert asked(app, telemetry) == [("start", 0), ("body", 0), ("body", 1)]
    assert telemetry.requests == {(OTHER, "", 200): 1}


def test_what_breaks_off_is_counted_too():
    async def app(scope, receive, send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise OSError("the client is gone")

    telemetry = InMemoryTelemetry()
    with pytest.raises(OSError, match="gone"):
        asked(app, telemetry)
    assert telemetry.requests == {(OTHER, "", 200): 1}
