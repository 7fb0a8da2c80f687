"""Models that were made elsewhere."""
from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from application.serving.current_request import meant
from application.use_cases.import_model import ImportModel
from domain.api_key import Right
from domain.errors import Fault, Forbidden, InvalidInput
from domain.experiment import Experiment
from entrypoints.answers.experiments import ExperimentAnswer
from entrypoints.formats.beginning import DATA
from entrypoints.formats.beginning import FIELDS as OF_A_TASK
from entrypoints.formats.import_forms import FILES, SentFile
from entrypoints.http import openapi
from entrypoints.http.callers import caller_of
from entrypoints.http.deadlines import Work, within
from entrypoints.http.dependencies import caller_name, task_name, wired
from entrypoints.http.once import OnceRoute, once
from entrypoints.http.responses import json_response
from entrypoints.http.rights import needs
from entrypoints.http.taking import take_whole
from entrypoints.http.uploads import Upload, uploads
from entrypoints.wiring import get, ports

router = APIRouter(tags=["experiments"], route_class=OnceRoute)


@router.post("/experiments", summary="Import a model", status_code=201, description=ImportModel.__doc__,
             **openapi.import_model())
@needs(Right.TRAIN)
@within(Work.FILE)
@once
async def import_model(
    request: Request,
    dry: Annotated[bool, Query(description="Say what would be, and keep nothing")] = False,
) -> Response:
    container = wired(request)
    max_bytes = ports.settings(container).max_body_bytes
    async with uploads(request, max_bytes, (*FILES, DATA)) as (files, fields), get.slots(container).taken():
        experiment = await run_in_threadpool(_imported, request, files, fields, dry)
    if dry:
        return json_response(ExperimentAnswer.of(experiment))
    return json_response(ExperimentAnswer.of(experiment), 201, {"Location": f"/metrics/{experiment.id}"})


def _imported(request: Request, files: Mapping[str, Upload], fields: Mapping[str, str], dry: bool) -> Experiment:
    container = wired(request)
    # All but rows is read whole.
    take_whole(ports.room(container), sum(
        each.file.seek(0, os.SEEK_END) for name, each in files.items() if name != DATA))
    sent = {name: SentFile(each.file, each.charset) for name, each in files.items()}
    for each in sent.values():
        each.file.seek(0)
    if DATA in sent:
        return _begun(request, sent, fields, dry)
    task = ports.task_catalog(container).get(task_name(request, None))
    meant(task.name)
    return get.import_model(container).execute(get.import_forms(container).read(task, sent, fields, dry))


def _begun(request: Request, files: Mapping[str, SentFile], fields: Mapping[str, str], dry: bool) -> Experiment:
    """With the table of a task that is not there yet."""
    container, caller = wired(request), caller_of(request.scope)
    if caller is not None and Right.DATA not in caller.rights:
        raise Forbidden(f"the key {caller.name} has not the right {Right.DATA}, which a new task asks for")
    if not (name := request.query_params.get("task")):
        raise InvalidInput("say what the new task is called, with ?task=NAME", [Fault("task", "is missing")])
    task, rows = get.beginning(container).read(name, files[DATA], fields, dry)
    others = {field: said for field, said in fields.items() if field not in OF_A_TASK}
    rest = {field: file for field, file in files.items() if field != DATA}
    experiment = get.begin_with_model(container).execute(
        task, rows, lambda made: get.import_forms(container).read(made, rest, others, dry), caller_name(request))
    meant(experiment.task)
    return experiment
