"""All routes of the API, with what is asked of each request."""
from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from fastapi import APIRouter, Depends
from starlette.routing import BaseRoute

from entrypoints.http.parameters import known_parameters
from entrypoints.http.rights import allowed
from entrypoints.http.routes import (
    artifacts,
    batches,
    comparisons,
    data,
    dataset_rows,
    datasets,
    deployments,
    experiments,
    exports,
    forward,
    health,
    history,
    imports,
    keys,
    labels,
    models,
    monitoring,
    retrain,
    sign_in,
    tasks,
    trainers,
    v2,
    v2_repository,
)

# Of a route that is added to an application by itself, too.
ASKED_OF_ALL = (Depends(allowed), Depends(known_parameters))


@cache
def every_route() -> Sequence[BaseRoute]:
    """Made once, whatever applications there are in a process: what the framework works out of all routes at the first
    request takes longer than to answer ten."""
    router = APIRouter(dependencies=ASKED_OF_ALL)
    # The framework looks through them in their order, more than once: those that are asked the most come first.
    for routes in (forward, batches, v2, data, datasets, dataset_rows, exports, retrain, experiments, imports,
                   comparisons, artifacts, deployments, models, tasks, trainers, monitoring, history, labels, keys,
                   sign_in, health, v2_repository):
        router.include_router(routes.router)
    return tuple(router.routes)
