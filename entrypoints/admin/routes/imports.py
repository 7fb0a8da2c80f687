"""A model that was made elsewhere, sent to become an experiment."""
from __future__ import annotations

from collections.abc import Mapping
from typing import BinaryIO

from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from entrypoints.admin.api.experiments import ExperimentBody
from entrypoints.admin.backend import ApiProblem, part
from entrypoints.admin.page import Asked, Page, go
from entrypoints.admin.routes.try_it import load

# What is told of beside the form: all else goes to the page of errors.
_OF_THE_MODEL = (400, 403, 413)


async def show(page: Page) -> Response:
    return await _form(page)


async def _form(page: Page, typed: Mapping[str, str] | None = None, problem: ApiProblem | None = None) -> Response:
    task = await load(page)
    return await page.render(
        "experiments/import.html", page.language("Import a model for %(task)s", task=task["name"]), "experiments",
        task=task["name"], the_task=task, status=problem.status if problem else 200, typed=typed or {},
        problem=problem)


async def send(page: Page, form: FormData) -> Response:
    typed = {name: value.strip() for name in ("name", "mapping") if isinstance(value := form.get(name), str)}
    files = {name: _file(value) for name in ("model", "check")
             if isinstance(value := form.get(name), UploadFile) and (value.filename or value.size)}
    try:
        answer: ExperimentBody = (await page.backend.send(
            "POST", "/experiments", params={"task": page.path["task"]}, files=files,
            data={name: text for name, text in typed.items() if text})).json()
    except ApiProblem as problem:
        if problem.status not in _OF_THE_MODEL or problem.title == "forbidden":
            raise
        return await _form(page, typed, problem)
    return go(f"/ui/experiments/{part(answer['experiment_id'])}")


def _file(sent: UploadFile) -> tuple[str, BinaryIO]:
    return sent.filename or "file", sent.file


SHOWN = {"/ui/import/{task}": show}
ASKED: Asked = {}
POSTED = {"/ui/import/{task}": send}
