"""A service's calls over gRPC, on a real port of this machine."""
from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import grpc
from google.protobuf.message import Message

from entrypoints.grpc import messages
from entrypoints.grpc.descriptors import SERVICE
from entrypoints.grpc.server import serving
from tests.http.conftest import Service


@contextmanager
def grpc_server(service: Service) -> Iterator[str]:
    """Of the same application as the service's client. Gives its address."""
    loop, ends, ports = asyncio.new_event_loop(), asyncio.Event(), []
    begun = threading.Event()
    app = service.client.app

    async def serve() -> None:
        async with serving(app.state.container, app.state.gate, app.state.draining) as port:
            ports.append(port)
            begun.set()
            await ends.wait()

    def run() -> None:
        try:
            loop.run_until_complete(serve())
        finally:
            begun.set()
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    begun.wait()
    try:
        yield f"127.0.0.1:{ports[0]}"
    finally:
        loop.call_soon_threadsafe(ends.set)
        thread.join()


def call(channel: grpc.Channel, method: str, asked: Message | bytes, answered: type[Message] | None = None,
         **more) -> tuple[Message, dict[str, str]]:
    """What a method answers, and what came behind it. Raises: grpc.RpcError."""
    answered = answered or getattr(messages, f"{method}Response")
    asking = channel.unary_unary(
        f"/{SERVICE}/{method}", response_deserializer=answered.FromString,
        request_serializer=lambda message: message if isinstance(message, bytes) else message.SerializeToString())
    answer, told = asking.with_call(asked, timeout=30, **more)
    return answer, dict(told.trailing_metadata())
