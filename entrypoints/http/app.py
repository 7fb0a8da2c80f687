"""The HTTP application, made from a container; nothing is made at import."""
from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING

from fastapi import FastAPI

from entrypoints.http import errors, openapi
from entrypoints.http.access import Access, ApiKeys
from entrypoints.http.draining import Draining
from entrypoints.http.observation import Observation
from entrypoints.http.refresher import Refresher
from entrypoints.http.request_id import RequestId
from entrypoints.http.routes import (
    artifacts,
    batches,
    comparisons,
    data,
    datasets,
    deployments,
    experiments,
    forward,
    health,
    models,
    monitoring,
    retrain,
    tasks,
)

if TYPE_CHECKING:
    from entrypoints.wiring.container import Container

_ABOUT = "The whole life of a trained model: forward, evaluate, add data, retrain, compare, deploy, watch."


def create_app(container: Container) -> FastAPI:
    app = FastAPI(title="Progon", version=version("progon"), description=_ABOUT, lifespan=_lifespan)
    app.state.container, app.state.draining = container, Draining()
    for routes in (forward, batches, data, datasets, retrain, experiments, comparisons, artifacts, deployments, models,
                   tasks, monitoring, health):
        app.include_router(routes.router)
    errors.install(app)
    openapi.install(app)
    if keys := container.settings().api_keys:
        app.add_middleware(Access, keys=ApiKeys.parse(keys))
    app.add_middleware(Observation, telemetry=container.telemetry())
    app.add_middleware(RequestId, new_id=container.clock().new_id)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    container = app.state.container
    refresher = Refresher(container.serving_process(), container.settings().refresh_s, container.storage().migrate)
    refresher.start()
    try:
        with app.state.draining.watching_signals():
            yield
    finally:
        refresher.stop()
        container.executor().close()
        container.prediction_log().close()
