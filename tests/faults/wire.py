"""A wire between two processes that can be cut, or made slow."""
from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable
from typing import TypeVar

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
_PIECE_BYTES = 1 << 16
T = TypeVar("T")


class Wire:
    """Carries bytes both ways from whoever connects to it to what `connect` reaches. Lives in a thread of its own.

    delay_s: before each piece is carried on. While it is cut, connections are reset, those that are open and new ones.
    """

    def __init__(self, connect: Callable[[], Awaitable[Streams]]) -> None:
        self._connect, self.delay_s, self._is_cut = connect, 0.0, False
        self._loop = asyncio.new_event_loop()
        self._open: set[asyncio.StreamWriter] = set()
        self._servers: list[asyncio.Server] = []
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def listen(self) -> int:
        """On this machine alone. Returns: the port."""
        self._servers.append(self._run(asyncio.start_server(self._carry, "127.0.0.1", 0)))
        return self._servers[0].sockets[0].getsockname()[1]

    def listen_on(self, path: str) -> None:
        """On a socket in the file system."""
        self._servers.append(self._run(asyncio.start_unix_server(self._carry, path)))

    def cut(self) -> None:
        self._is_cut = True
        self._run(self._reset())

    def mend(self) -> None:
        self._is_cut = False

    def close(self) -> None:
        self.cut()
        self._run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Awaitable[T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    async def _reset(self) -> None:
        for writer in self._open:
            writer.transport.abort()

    async def _end(self) -> None:
        for server in self._servers:
            server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError), self._kept(writer):
            if self._is_cut:
                return
            far_reader, far_writer = await self._connect()
            with self._kept(far_writer):
                await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))

    @contextlib.contextmanager
    def _kept(self, writer: asyncio.StreamWriter):
        self._open.add(writer)
        try:
            yield
        finally:
            self._open.discard(writer)
            writer.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Until one side ends, which is told to the other."""
        while piece := await reader.read(_PIECE_BYTES):
            if self.delay_s:
                await asyncio.sleep(self.delay_s)
            writer.write(piece)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
