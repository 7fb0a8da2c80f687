"""The HTTP application, made from a container; nothing is made at import."""
from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import Depends, FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from entrypoints.http import errors, openapi
from entrypoints.http.access import Access, ApiKeys
from entrypoints.http.cross_origin import CrossOrigin
from entrypoints.http.draining import Draining
from entrypoints.http.full_disk import FullDisk
from entrypoints.http.heads import Heads
from entrypoints.http.lane import Lane, Services
from entrypoints.http.metering import Metering
from entrypoints.http.parameters import known_parameters
from entrypoints.http.protocol_errors import ProtocolErrors
from entrypoints.http.refresher import Refresher
from entrypoints.http.request_id import RequestId
from entrypoints.http.routes import (
    artifacts,
    batches,
    comparisons,
    data,
    dataset_rows,
    datasets,
    deployments,
    experiments,
    forward,
    health,
    history,
    imports,
    labels,
    models,
    monitoring,
    retrain,
    tasks,
    trainers,
    v2,
    v2_repository,
)
from entrypoints.wiring import get, ports
from entrypoints.wiring.container import Container

_ABOUT = "The whole life of a trained model: forward, evaluate, add data, retrain, compare, deploy, watch."


class Api(FastAPI):
    """The framework's application, with the lane in front of all that it does itself."""

    lane: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.lane(scope, receive, send)

    async def framework(self, scope: Scope, receive: Receive, send: Send) -> None:
        await super().__call__(scope, receive, send)


def create_app(container: Container, settle: Callable[[], None] = lambda: None) -> FastAPI:
    """settle: called once its models are loaded, and when others are."""
    app = Api(title="Progon", version=version("progon"), description=_ABOUT, lifespan=_lifespan,
              dependencies=[Depends(known_parameters)])
    app.state.container, app.state.draining, app.state.known_parameters = container, Draining(), {}
    app.state.settle = settle
    for routes in (forward, batches, data, datasets, dataset_rows, retrain, experiments, imports, comparisons,
                   artifacts, deployments, models, tasks, trainers, monitoring, history, labels, health,
                   v2_repository, v2):
        app.include_router(routes.router)
    errors.install(app)
    openapi.install(app)
    # The last one is the outermost.
    app.add_middleware(FullDisk, disk=ports.disk(container))
    app.add_middleware(Heads)
    if keys := ports.settings(container).api_keys:
        app.add_middleware(Access, keys=ApiKeys.parse(keys))
    if origins := ports.settings(container).origins:
        app.add_middleware(CrossOrigin, allow_origins=origins)
    app.add_middleware(ProtocolErrors)
    app.add_middleware(Metering, telemetry=ports.telemetry(container))
    app.add_middleware(RequestId, new_id=ports.clock(container).new_id)
    app.lane = Lane(app.framework, _services(container), bool(ports.settings(container).origins))
    return app


def _services(container: Container) -> Services:
    settings = ports.settings(container)
    return Services(
        get.choose_task(container), get.serving_models(container), get.answering(container),
        ports.telemetry(container), ports.clock(container).new_id,
        ApiKeys.parse(settings.api_keys) if settings.api_keys else None, settings.max_json_bytes)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    container: Container = app.state.container
    refresher = Refresher(
        get.serving_process(container), ports.settings(container).refresh_s, ports.storage(container).migrate,
        app.state.settle)
    refresher.start()
    app.state.settle()
    try:
        with app.state.draining.watching_signals():
            yield
    finally:
        refresher.stop()
        ports.executor(container).close()
        ports.prediction_log(container).close()
