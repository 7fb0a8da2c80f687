"""A client that asks without a pause, and remembers what it was told and when."""
from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field

TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    """status: 0 if the connection broke; body: the answer, or how it broke. Moments of time.perf_counter."""

    started: float
    ended: float
    status: int
    body: dict

    @property
    def experiment_id(self) -> int:
        return self.body["experiment_id"]


class Connection:
    """One connection of HTTP/1.1, kept alive until it is closed."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, body: bytes = b"") -> Answer:
        started = time.perf_counter()
        try:
            status, content = await asyncio.wait_for(self._exchange(method, path, body), TIMEOUT_S)
            return Answer(started, time.perf_counter(), status, json.loads(content))
        except (OSError, EOFError, TimeoutError, ValueError) as failure:
            await self.close()
            return Answer(started, time.perf_counter(), 0, {"broke": repr(failure)})

    async def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _exchange(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        writer.write(f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                     f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = int(head.partition("content-length:")[2].partition("\r\n")[0])
        return int(head.split(" ", 2)[1]), await reader.readexactly(length)


async def ask_once(port: int, method: str, path: str, body: bytes = b"") -> Answer:
    """Over a connection of its own."""
    connection = Connection(port)
    answer = await connection.ask(method, path, body)
    await connection.close()
    return answer


@dataclass
class Load:
    """`POST /forward` of one row over and over: by some connections that stay, and by others that are new each time."""

    port: int
    body: bytes
    answers: list[Answer] = field(default_factory=list)
    _tasks: list[asyncio.Task] = field(default_factory=list)
    _over: asyncio.Event = field(default_factory=asyncio.Event)

    def start(self, kept: list[Connection], fresh: int) -> None:
        self._tasks += [asyncio.create_task(self._keep_asking(connection)) for connection in kept]
        self._tasks += [asyncio.create_task(self._keep_asking(None)) for _ in range(fresh)]

    async def stop(self) -> None:
        self._over.set()
        await asyncio.gather(*self._tasks)

    async def _keep_asking(self, connection: Connection | None) -> None:
        while not self._over.is_set():
            ask = connection.ask("POST", "/forward", self.body) if connection else ask_once(
                self.port, "POST", "/forward", self.body)
            self.answers.append(await ask)
        if connection:
            await connection.close()
