"""The HTTP application, made from a container; nothing is made at import."""
from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from importlib.metadata import version
from typing import Protocol

from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from application.serving.known_keys import KnownKeys
from entrypoints.http import document, errors
from entrypoints.http.access import Access
from entrypoints.http.callers import ApiKeys
from entrypoints.http.cross_origin import CrossOrigin
from entrypoints.http.draining import Draining
from entrypoints.http.every_route import ASKED_OF_ALL, every_route
from entrypoints.http.forward_way import ForwardWay
from entrypoints.http.full_disk import FullDisk
from entrypoints.http.gate import Gate
from entrypoints.http.heads import Heads
from entrypoints.http.infer_way import InferWay
from entrypoints.http.lane import Lane, Services
from entrypoints.http.metering import Metering
from entrypoints.http.protocol_errors import ProtocolErrors
from entrypoints.http.refresher import Refresher
from entrypoints.http.request_id import RequestId
from entrypoints.http.straight import Answered
from entrypoints.http.work_limit import WorkLimit
from entrypoints.http.wrong_keys import WrongKeys
from entrypoints.processes.repeating import Repeater
from entrypoints.wiring import get, ports
from entrypoints.wiring.container import Container

# What is revoked elsewhere opens nothing here after two seconds at most.
KEYS_READ_EVERY_S = 0.5
_log = logging.getLogger("progon.access")
_ABOUT = "The whole life of a trained model: forward, evaluate, add data, retrain, compare, deploy, watch."


class Api(FastAPI):
    """The framework's application, with the lane in front of all that it does itself."""

    lane: Lane

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.lane(scope, receive, send)

    def straight(self, scope: Scope, body: bytes, answered: Answered) -> bool:
        return self.lane.straight(scope, body, answered)

    async def framework(self, scope: Scope, receive: Receive, send: Send) -> None:
        await super().__call__(scope, receive, send)


class Beside(Protocol):
    """What is served beside HTTP while the application runs, by the same container, keys and end."""

    def __call__(self, container: Container, gate: Gate, draining: Draining) -> AbstractAsyncContextManager[object]: ...


def nothing(container: Container, gate: Gate, draining: Draining) -> AbstractAsyncContextManager[object]:
    return nullcontext()


def create_app(container: Container, settle: Callable[[], None] = lambda: None,
               beside: Beside = nothing) -> FastAPI:
    """settle: called once its models are loaded, and when others are."""
    app = Api(title="Progon", version=version("progon"), description=_ABOUT, lifespan=_lifespan,
              dependencies=ASKED_OF_ALL, routes=list(every_route()))
    app.state.container, app.state.known_parameters = container, {}
    draining = app.state.draining = Draining(ports.settings(container).drain_s)
    app.state.settle, app.state.beside = settle, beside
    errors.install(app)
    document.install(app)
    # The last one is the outermost.
    app.add_middleware(WorkLimit, settings=ports.settings(container), draining=draining,
                       room=ports.room(container), on_busy=ports.telemetry(container).turned_away)
    app.add_middleware(FullDisk, disk=ports.disk(container))
    app.add_middleware(Heads)
    gate = app.state.gate = _gate(container)
    app.add_middleware(Access, gate=gate)
    if origins := ports.settings(container).origins:
        app.add_middleware(CrossOrigin, allow_origins=origins)
    app.add_middleware(ProtocolErrors)
    app.add_middleware(Metering, telemetry=ports.telemetry(container))
    app.add_middleware(RequestId, new_id=ports.clock(container).new_id)
    ways = [way(get.gathered_answering(container)) for way in (ForwardWay, InferWay)]
    app.lane = Lane(app.framework, _services(container, gate), ways, bool(ports.settings(container).origins))
    return app


def _gate(container: Container) -> Gate:
    fixed = ApiKeys.parse(ports.settings(container).api_keys)
    return Gate(fixed, get.known_keys(container), ports.clock(container).now, WrongKeys(), get.sessions(container))


def _services(container: Container, gate: Gate) -> Services:
    return Services(
        get.choose_task(container), get.serving_models(container),
        ports.telemetry(container), ports.clock(container).new_id, gate, ports.rows_lately(container),
        ports.settings(container).max_json_bytes)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    container: Container = app.state.container
    keys = get.known_keys(container)

    def prepare() -> None:
        ports.storage(container).migrate()
        # Before the first model is there to be asked.
        keys.refresh()

    refresher = Refresher(get.serving_process(container), ports.settings(container).refresh_s, prepare,
                          app.state.settle)
    refresher.start()
    app.state.settle()
    try:
        with app.state.draining.watching_signals(), _watching(keys), _asking_shadows(container):
            async with app.state.beside(container, app.state.gate, app.state.draining):
                yield
    finally:
        refresher.stop()
        ports.executor(container).close()
        ports.prediction_log(container).close()


def _watching(keys: KnownKeys) -> Repeater:
    return Repeater("keys", keys.refresh, _log, pause_s=KEYS_READ_EVERY_S, longest_pause_s=KEYS_READ_EVERY_S,
                    failing="which keys were made or revoked lately is not known",
                    caught_up="the keys are known again")


def _asking_shadows(container: Container) -> Repeater:
    asking = get.ask_shadows(container)
    return Repeater("shadows", asking.execute, _log, pause_s=0, longest_pause_s=1, wake=asking.wake,
                    failing="a shadow could not answer", caught_up="the shadow answers again")
