"""The files that an experiment left."""
from __future__ import annotations

from mimetypes import MimeTypes
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from application.ports.artifact_store import UnsafePath
from domain.api_key import Right
from domain.errors import NotFound
from entrypoints.answers.artifacts import ArtifactsAnswer
from entrypoints.http import openapi
from entrypoints.http.dependencies import wired
from entrypoints.http.responses import json_response
from entrypoints.http.rights import needs
from entrypoints.wiring import ports

router = APIRouter(tags=["experiments"])
# Python's own table: that of the machine would make answers differ from one to the next.
_TYPES = MimeTypes()
for _suffix in (".yaml", ".lock", ".log", ".jsonl"):
    _TYPES.add_type("text/plain", _suffix)
_SHOWN = ("image/", "text/plain", "text/csv", "application/json")
# A model's files come from whoever trained it. None of them may run as a page of this service: not an SVG with a
# script, not a text that a browser would take for HTML.
_HARMLESS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
}


@router.get("/experiments/{experiment_id}/artifacts", summary="The files that an experiment left",
            responses=openapi.ok(ArtifactsAnswer) | openapi.problems(400, 404, 503))
@needs(Right.READ)
def artifacts(experiment_id: int, request: Request) -> Response:
    """Path and size of each: `model.onnx`, plots, metrics, TensorBoard events. Empty until the run has succeeded."""
    folder = _folder(request, experiment_id)
    found = ports.artifact_store(wired(request)).list(folder.rstrip("/"))
    return json_response(ArtifactsAnswer.of(folder, found))


@router.get("/experiments/{experiment_id}/artifacts/{path:path}", summary="One file of an experiment",
            responses=openapi.ARTIFACT | openapi.problems(400, 404, 503), response_class=StreamingResponse)
@needs(Right.READ)
def artifact(experiment_id: int, path: str, request: Request) -> Response:
    """The file as it was left, with the media type of its name. A browser may show pictures, text and JSON; the rest it
    saves."""
    folder = _folder(request, experiment_id)
    try:
        size_bytes, pieces = ports.artifact_store(wired(request)).open(folder + path)
    except UnsafePath as failure:
        raise NotFound(str(failure)) from failure
    media_type = _TYPES.guess_type(path.rsplit("/", 1)[-1])[0] or "application/octet-stream"
    shown = "inline" if media_type.startswith(_SHOWN) else "attachment"
    disposition = f"{shown}; filename*=UTF-8''{quote(path.rsplit('/', 1)[-1], safe='')}"
    headers = {"Content-Length": str(size_bytes), "Content-Disposition": disposition}
    return StreamingResponse(pieces, media_type=media_type, headers=_HARMLESS | headers)


def _folder(request: Request, experiment_id: int) -> str:
    """Raises: UnknownExperiment."""
    return f"experiments/{ports.experiment_log(wired(request)).get(experiment_id).id}/"
