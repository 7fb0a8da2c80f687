"""The server of one process. Those of several share the port; the kernel gives each new connection to one of them."""
from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

import grpc
from grpc import aio
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection, reflection_pb2_grpc

from domain.errors import ProgonError
from entrypoints.grpc import descriptors, statuses
from entrypoints.grpc.call import Context
from entrypoints.grpc.calls import Calls, refuse
from entrypoints.grpc.descriptors import SERVICE
from entrypoints.grpc.health import HEALTH, Health
from entrypoints.grpc.listening import listen
from entrypoints.http.bounds import Bounds
from entrypoints.http.certificate import CertificateFiles
from entrypoints.http.draining import Draining
from entrypoints.http.gate import Gate
from entrypoints.settings import Settings, in_brackets
from entrypoints.wiring import ports
from entrypoints.wiring.container import Container

_IDLE_MS, _ALIVE_MS = 600_000, 60_000
_CALLS_OF_A_CONNECTION = 256
_log = logging.getLogger("progon.serving")


@asynccontextmanager
async def serving(container: Container, gate: Gate, draining: Draining) -> AsyncIterator[int]:
    """Calls are answered while in the block, by the use cases of this container. Gives the port, which is one that is
    free where the setting is 0. Raises: RuntimeError if it cannot be listened on."""
    settings = ports.settings(container)
    server = aio.server(options=_options(settings), maximum_concurrent_rpcs=Bounds().connections)
    calls = Calls(container, gate, draining)
    server.add_generic_rpc_handlers((_Service(calls),))
    _Reflection(calls).join(server)
    health = Health(server, container, draining)
    await health.look()
    address = in_brackets(settings.listens_on)
    port = listen(server, f"{address}:{settings.grpc_port}", CertificateFiles.of(settings))
    await server.start()
    _log.info("gRPC (%s) on %s:%s", SERVICE, address, port)
    following = asyncio.create_task(health.follow())
    try:
        yield port
    finally:
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following
        await health.end()
        await server.stop(draining.left_s)


def _options(settings: Settings) -> list[tuple[str, Any]]:
    """What is known of a message's limits before it is read; that of its task is looked at in the call."""
    bounds = Bounds()
    return [("grpc.max_receive_message_length", max(settings.max_json_bytes, settings.max_picture_bytes)),
            ("grpc.max_send_message_length", -1),
            ("grpc.max_metadata_size", bounds.head_bytes), ("grpc.absolute_max_metadata_size", bounds.head_bytes),
            ("grpc.max_concurrent_streams", _CALLS_OF_A_CONNECTION),
            ("grpc.max_connection_idle_ms", _IDLE_MS), ("grpc.keepalive_time_ms", _ALIVE_MS),
            ("grpc.so_reuseport", 1)]


class _Service(grpc.GenericRpcHandler):
    """On the wire a call with one message is a stream of one, so each can be refused before its message is read, and
    one that is not to be understood be told from a fault of ours."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler[Any, Any] | None:
        service, _, name = handler_call_details.method.lstrip("/").partition("/")
        if service != SERVICE:
            return None
        return grpc.stream_stream_rpc_method_handler(partial(self._calls.answer, name))


class _Reflection:
    """Tells what there is to whoever has a key, or to all where none is asked for."""

    def __init__(self, calls: Calls) -> None:
        pool = descriptors.with_file(health_pb2.DESCRIPTOR.serialized_pb)
        self._all = reflection.aio.ReflectionServicer((SERVICE, HEALTH, reflection.SERVICE_NAME), pool)
        self._calls = calls

    def join(self, server: aio.Server) -> None:
        reflection_pb2_grpc.add_ServerReflectionServicer_to_server(self, server)

    async def ServerReflectionInfo(self, came: AsyncIterator[Any], context: Context) -> AsyncIterator[Any]:
        try:
            self._calls.let_in(context)
        except ProgonError as failure:
            await refuse(context, statuses.refusal(failure))
        async for answer in self._all.ServerReflectionInfo(came, context):
            yield answer
