"""An application in the same process, spoken to piece by piece."""
from __future__ import annotations

import asyncio

import httpx
import pytest

from entrypoints.admin.in_process import InProcessTransport


def client(app) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=InProcessTransport(app), base_url="http://app")


async def start(send, status: int = 200) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"x-a", b"1")]})


def test_a_request_arrives_as_it_was_sent():
    seen = {}

    async def app(scope, receive, send):
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message["body"], message["more_body"]
        seen.update(scope, body=body)
        await start(send, 201)
        await send({"type": "http.response.body", "body": b"done"})

    async def pieces():
        yield b"a"
        yield b"b"

    async def ask():
        async with client(app) as asked:
            return await asked.post("/p%20q/ж?x=1", content=pieces(), headers={"X-B": "2"})
    response = asyncio.run(ask())
    assert (response.status_code, response.content, response.headers["x-a"]) == (201, b"done", "1")
    assert (seen["method"], seen["path"], seen["query_string"], seen["body"]) == ("POST", "/p q/ж", b"x=1", b"ab")
    assert (b"x-b", b"2") in seen["headers"]


def test_pieces_come_while_the_application_goes_on():
    async def app(scope, receive, send):
        await start(send)
        await send({"type": "http.response.body", "body": b"first", "more_body": True})
        await asyncio.sleep(3600)

    async def ask():
        async with client(app) as asked, asked.stream("GET", "/") as response:
            return await anext(response.aiter_raw())
    assert asyncio.run(asyncio.wait_for(ask(), 5)) == b"first"


def test_a_client_that_goes_ends_the_application():
    ended = []

    async def app(scope, receive, send):
        try:
            await start(send)
            while True:
                await send({"type": "http.response.body", "body": b"x" * 1000, "more_body": True})
        finally:
            ended.append(True)

    async def ask():
        async with client(app) as asked, asked.stream("GET", "/"):
            pass
    asyncio.run(asyncio.wait_for(ask(), 5))
    assert ended


def test_a_failure_is_a_failure():
    async def at_once(scope, receive, send):
        raise RuntimeError("boom")

    async def half_way(scope, receive, send):
        await start(send)
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise RuntimeError("boom")

    async def silent(scope, receive, send):
        pass

    async def ask(app):
        async with client(app) as asked:
            await asked.get("/")
    for app, kind in ((at_once, RuntimeError), (half_way, httpx.ReadError), (silent, httpx.RemoteProtocolError)):
        with pytest.raises(kind):
            asyncio.run(ask(app))
