"""What Prometheus scrapes."""
from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from entrypoints.http.dependencies import container

router = APIRouter(tags=["health"])
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_TEXT = {200: {"description": "Text of Prometheus", "content": {"text/plain": {"schema": {"type": "string"}}}}}


@router.get("/metrics", summary="Metrics for Prometheus", response_class=Response, responses=_TEXT)
def metrics(request: Request) -> Response:
    """Counts and times of all processes together, drift and live quality of what serves, progress of what trains."""
    return Response(container(request).exposition().text(), headers={"Content-Type": CONTENT_TYPE})
