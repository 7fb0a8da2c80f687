"""Tasks and their data."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from application.serving.wanted import to_its_end
from application.use_cases.create_task import CreateTask
from application.use_cases.delete_task import DeleteTask
from application.use_cases.edit_task import EditTask
from application.use_cases.look_at_table import LookAtTable
from domain.api_key import Right
from domain.cells import describe, in_words
from domain.errors import Fault, InvalidInput, TooLarge
from domain.schema_inference import InferredTask
from domain.task import Task
from entrypoints.answers.tasks import CreatedTaskAnswer, DeletedTaskAnswer, LookedAnswer, TaskAnswer, TasksAnswer
from entrypoints.answers.versions import DatasetAnswer
from entrypoints.formats.detecting import MEDIA_TYPES
from entrypoints.formats.documents import parse_yaml, task_of
from entrypoints.formats.formats import NO_FILE, FileRows, TaskWish
from entrypoints.formats.json_rows import decode
from entrypoints.http import openapi
from entrypoints.http.bodies import media_type, read_limited
from entrypoints.http.deadlines import Work, within
from entrypoints.http.dependencies import caller_name, upload_in_slot, wired
from entrypoints.http.large import decoded
from entrypoints.http.once import once
from entrypoints.http.responses import json_response
from entrypoints.http.rights import needs, seen_by
from entrypoints.http.upload_events import ToldRoute, reading, told
from entrypoints.http.uploads import Upload
from entrypoints.wiring import get, ports
from entrypoints.wiring.container import Container

router = APIRouter(tags=["tasks"], route_class=ToldRoute)
DOCUMENT_TYPES = ("", "application/json", "application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml")
# PyYAML reads 40,000 lines of a list in a second, so a body of the size that JSON may have would take minutes.
MAX_YAML_CHARS = 512 << 10
_WISHES = ("name", "target", "problem", "split_by", "split_by_time")
_FIELDS = (*_WISHES, "positive", "dry_run", "task")


@router.get("/tasks", summary="All tasks", responses=openapi.ok(TasksAnswer))
@needs(Right.READ, of_a_task=False)
def tasks(request: Request) -> Response:
    """Every task as its document, by name; with a key of some tasks those alone."""
    is_seen = seen_by(request)
    return json_response(TasksAnswer.of(
        task for task in ports.task_catalog(wired(request)).all() if is_seen(task.name)))


@router.get("/tasks/{name}", summary="One task", responses=openapi.ok(TaskAnswer) | openapi.problems(400, 404))
@needs(Right.READ)
def task(
    name: str, request: Request,
    schema_version: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="The newest, if left out")] = None,
) -> Response:
    """Its document, its dataset versions, and what serves it: `deployment` is null while nothing does. An experiment
    names the schema version that it was trained with."""
    return _shown(wired(request), ports.task_catalog(wired(request)).get(name, schema_version))


def _shown(container: Container, found: Task) -> Response:
    versions = ports.feature_store(container).versions(found.name)
    return json_response(TaskAnswer.of(found, versions, ports.deployment_log(container).history(found.name)))


@router.patch("/tasks/{name}", summary="Change a task", description=EditTask.__doc__, **openapi.edit_task())
@needs(Right.DATA)
@within(Work.FILE)
async def edit(name: str, request: Request) -> Response:
    container = wired(request)
    changes = await _document_of(request)
    changed = await run_in_threadpool(get.edit_task(container).execute, name, changes, caller_name(request))
    return await run_in_threadpool(_shown, container, changed)


@router.delete("/tasks/{name}", summary="Delete a task", description=DeleteTask.__doc__,
               responses=openapi.ok(DeletedTaskAnswer) | openapi.problems(400, 404, 409, 503))
@needs(Right.ADMIN)
def delete(
    name: str, request: Request,
    confirm: Annotated[str | None, Query(description="The name once more")] = None,
) -> Response:
    removed = get.delete_task(wired(request)).execute(name, confirm, caller_name(request))
    return json_response(DeletedTaskAnswer(removed.name, removed.schema_version))


@router.post("/tasks", summary="Create a task", description=CreateTask.__doc__, **openapi.create_task())
@needs(Right.DATA)
@within(Work.FILE)
@once
@told
async def create(
    request: Request,
    dry_run: Annotated[bool, Query(description="Of a document without data: make nothing, as the field of a form says "
                                               "it")] = False,
) -> Response:
    container = wired(request)
    if media_type(request) == "multipart/form-data":
        async with upload_in_slot(request, ports.settings(container).max_body_bytes, ()) as received:
            reading(request).begin(received.file)
            return json_response(await run_in_threadpool(_from_table, request, received))
    document = await _document_of(request)
    return json_response(await run_in_threadpool(_from_document, request, document, dry_run))


@router.post("/tasks/look", summary="What is in this file?", description=LookAtTable.__doc__, **openapi.look())
@needs(Right.DATA, of_a_task=False)
@within(Work.FILE)
async def look(request: Request) -> Response:
    container = wired(request)
    async with upload_in_slot(request, ports.settings(container).max_body_bytes, MEDIA_TYPES) as received:
        return json_response(await run_in_threadpool(_looked, container, received))


def _looked(container: Container, received: Upload) -> LookedAnswer:
    found = get.formats(container)[get.detector(container).kind_of(received.file, received.media_type)]
    return LookedAnswer.of(found, found.look(received.file, received.charset))


@router.get("/datasets/{task}", summary="The data of a task",
            responses=openapi.ok(DatasetAnswer) | openapi.problems(404))
@needs(Right.READ)
@within(Work.FILE)
def dataset(task: str, request: Request) -> Response:
    """Its versions, oldest first: each with the batch that made it, its rows, and how often each label occurs there (of
    a regression the least, mean and greatest target)."""
    container = wired(request)
    found = ports.task_catalog(container).get(task)
    versions = ports.feature_store(container).versions(task)
    return json_response(DatasetAnswer.of(
        found, versions, get.label_shares(container).of(found, versions), get.few_labels(container).of(found)))


def _from_document(request: Request, document: object, dry_run: bool) -> CreatedTaskAnswer:
    created = get.create_task(wired(request)).execute(task_of(document), dry_run=dry_run)
    return CreatedTaskAnswer.of(created, None, NO_FILE, dry_run)


def _parsed(request: Request, body: bytes) -> object:
    return decode(body) if media_type(request) == "application/json" else _document(_text(body))


def _from_table(request: Request, received: Upload) -> CreatedTaskAnswer:
    container, fields = wired(request), received.fields
    creating = get.create_task(container)
    if unknown := sorted(set(fields) - set(_FIELDS)):
        raise InvalidInput("the form has unknown fields", [
            Fault(name, f"is unknown; known are file, {', '.join(_FIELDS)}") for name in unknown])

    formats = get.formats(container)
    inferred: InferredTask | None = None
    read = NO_FILE
    if "task" in fields:
        new = task_of(_document(fields["task"]))
        _check_agreement(new, fields)
    else:
        wish = TaskWish(*(fields.get(name) or None for name in _WISHES))
        kind = get.detector(container).kind_of(received.file)
        new, inferred = formats[kind].infer(wish, received.file, received.charset)
        new = new.with_positive(fields["positive"]) if fields.get("positive") else new

    def rows() -> FileRows:
        nonlocal read
        read = reading(request).of_file(formats[new.kind].rows(new, received.file, True, received.charset))
        return read

    if _flag(fields, "dry_run"):
        warnings = get.first_look(container).of_rows(new, rows())
        tried = creating.execute(new, dry_run=True)
        return CreatedTaskAnswer.of(tried, inferred, read, dry_run=True, warnings=warnings)
    created = creating.execute(new, rows)
    with to_its_end():
        warnings = get.first_look(container).of(created.task)
    return CreatedTaskAnswer.of(created, inferred, read, warnings=warnings)


def _check_agreement(task: Task, fields: Mapping[str, str]) -> None:
    """A document says all of it itself. Raises: InvalidInput naming each field beside it that says something else."""
    said = {"name": task.name, "target": task.schema.target.name, "problem": str(task.problem),
            "split_by": task.split.by or "", "split_by_time": task.split.by_time or ""}
    faults = [Fault(name, f"is {describe(fields[name])}, and {describe(value)} in the task document")
              for name, value in said.items() if fields.get(name) and fields[name] != value]
    if faults:
        raise InvalidInput(f"the form says two things: {in_words(faults)}", faults)


def _flag(fields: Mapping[str, str], name: str) -> bool:
    text = fields.get(name, "false").lower()
    if text not in ("true", "false", "1", "0"):
        raise InvalidInput(f"{name} is true or false", [Fault(name, f"expected true or false, got {describe(text)}")])
    return text in ("true", "1")


async def _document_of(request: Request) -> object:
    """YAML takes half a second for what JSON takes a millisecond."""
    return await decoded(request, await _body(request), lambda body: _parsed(request, body), is_slow=True)


async def _body(request: Request) -> bytes:
    if media_type(request) not in DOCUMENT_TYPES:
        raise InvalidInput("expected a task as application/yaml or application/json, or multipart/form-data with a CSV "
                           f"in the field file; got {media_type(request)}")
    return await read_limited(request, ports.settings(wired(request)).max_json_bytes)


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as failure:
        raise InvalidInput(f"the body is not UTF-8: byte {failure.start + 1}") from failure


def _document(text: str) -> object:
    if len(text) > MAX_YAML_CHARS:
        raise TooLarge(f"a YAML document of {len(text)} characters; {MAX_YAML_CHARS} are allowed, of JSON more")
    document = parse_yaml(text)
    if document is None:
        raise InvalidInput("the body is empty; expected a task")
    return document
