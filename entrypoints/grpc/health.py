"""The standard health service (grpc.health.v1), which follows what this process can do. It asks for no key."""
from __future__ import annotations

import asyncio

from grpc import aio
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from entrypoints.grpc.descriptors import SERVICE
from entrypoints.http.draining import Draining
from entrypoints.v2 import models
from entrypoints.wiring.container import Container

HEALTH = health_pb2.DESCRIPTOR.services_by_name["Health"].full_name
LOOK_S = 0.1
_States = health_pb2.HealthCheckResponse.ServingStatus


class Health:
    """Of the whole server and of its service, which are one."""

    def __init__(self, server: aio.Server, container: Container, draining: Draining) -> None:
        self._told, self._container, self._draining = health.aio.HealthServicer(), container, draining
        health_pb2_grpc.add_HealthServicer_to_server(self._told, server)

    async def follow(self) -> None:
        """Does not end by itself."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_S)

    async def look(self) -> None:
        able = models.are_served(self._container) and not self._draining.begun
        for name in ("", SERVICE):
            await self._told.set(name, _States.Value("SERVING" if able else "NOT_SERVING"))

    async def end(self) -> None:
        await self._told.enter_graceful_shutdown()
