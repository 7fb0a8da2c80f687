"""A call of a client, with what it brings of whoever asks."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import grpc

from entrypoints.http.callers import Caller
from entrypoints.http.draining import Draining
from entrypoints.http.rights import sees
from entrypoints.wiring.container import Container

Context = grpc.aio.ServicerContext[Any, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """caller: None where no key is asked for. message_bytes: of what was asked."""

    container: Container
    draining: Draining
    id: str
    caller: Caller | None
    message_bytes: int

    def sees(self, task: str) -> bool:
        """Whether an answer about several tasks may tell of this one."""
        return sees(self.caller, task)


def headers_of(context: Context) -> Mapping[bytes, bytes]:
    """By name, in lower case; of one that is there twice, the last."""
    return {name.encode("latin-1"): value if isinstance(value, bytes) else value.encode("latin-1", "replace")
            for name, value in context.invocation_metadata() or ()}


def address_of(context: Context) -> str:
    """ipv4:127.0.0.1:50051, ipv6:%5B::1%5D:50051 or unix:. Empty where it is no address of a network."""
    kind, _, rest = unquote(context.peer()).partition(":")
    return rest.rpartition(":")[0].strip("[]") if kind in ("ipv4", "ipv6") else ""
