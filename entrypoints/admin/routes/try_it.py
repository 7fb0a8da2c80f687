"""One request by hand, and whole files."""
from __future__ import annotations

import json
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import FileResponse, Response

from entrypoints.admin import kinds, metrics
from entrypoints.admin.api.tasks import TaskBody
from entrypoints.admin.backend import ApiProblem, part
from entrypoints.admin.kept_files import KEPT_S, Note, pieces
from entrypoints.admin.kinds import Context
from entrypoints.admin.page import Asked, Page, go
from entrypoints.admin.uploads import kept_file


async def first_task(page: Page) -> Response:
    return await of_first_task(page, "try")


async def of_first_task(page: Page, section: str) -> Response:
    """To the section of the first task; with no task at all, the words on how to make one."""
    tasks = await page.tasks()
    if tasks:
        return go(f"/ui/{section}/{part(tasks[0]['name'])}")
    return await page.render("no_tasks.html", page.language("No tasks yet"), section, tasks=[])


async def load(page: Page) -> TaskBody:
    return await page.backend.get(f"/tasks/{part(page.path['task'])}", TaskBody)


async def show(page: Page) -> Response:
    task = await load(page)
    return await _shown(page, task, await kinds.of(task).try_it(page, task))


async def send(page: Page, form: FormData) -> Response:
    task = await load(page)
    return await _shown(page, task, await kinds.of(task).tried(page, task, form))


async def _shown(page: Page, task: TaskBody, context: Context, batch_problem: ApiProblem | None = None) -> Response:
    pages = kinds.of(task)
    return await page.render(
        pages.try_template, page.language("Try %(task)s", task=task["name"]), "try", task=task["name"], the_task=task,
        pages=pages, batch_problem=batch_problem, **context)


async def send_batch(page: Page, form: FormData) -> Response:
    """The file is answered, and judged where it is labelled; the answers wait on a page of their own."""
    task = await load(page)
    pages = kinds.of(task)
    async with kept_file(page, form) as upload:
        labelled = await run_in_threadpool(pages.is_labelled, task, upload.path)
        route = "/evaluate" if labelled else "/forward_batch"
        token, result = page.kept_files.new()
        try:
            async with page.backend.stream(
                    "POST", route, params={"task": task["name"]}, content=pieces(upload.path),
                    headers={"Content-Type": pages.media_type, "Accept": pages.media_type,
                             **pages.batch_headers(form)}) as response:
                with result.open("wb") as file:
                    async for piece in response.aiter_bytes():
                        file.write(piece)
        except ApiProblem as problem:
            page.kept_files.remove(token)
            if problem.status not in (400, 403, 413):
                raise
            context = await pages.try_it(page, task) | {"status": problem.status}
            return await _shown(page, task, context, problem)
        scores = json.loads(response.headers.get("x-metrics", "null"))
        served, unseen = response.headers.get("x-experiment-id", ""), response.headers.get("x-unseen", "null")
        page.kept_files.note(token, Note(task["name"], upload.name, None, scores, int(served) if served else None,
                                         unseen=json.loads(unseen)))
    return go(f"/ui/try/{part(task['name'])}/batches/{token}")


async def show_batch(page: Page) -> Response:
    task = await load(page)
    pages, (path, note) = kinds.of(task), _found(page, task)
    rows = metrics.table(page.language, [note.metrics], base=None) if note.metrics else []
    return await page.render(
        pages.batch_template, page.language("Answers for %(file)s", file=note.name or page.language("a file")), "try",
        task=task["name"], the_task=task, note=note, size=path.stat().st_size, metric_rows=rows,
        token=page.path["token"], **pages.preview(page, task, path, note))


async def batch_file(page: Page) -> Response:
    task = await load(page)
    path, _ = _found(page, task)
    pages = kinds.of(task)
    return FileResponse(path, media_type=pages.media_type, filename=pages.result_name)


async def piece(page: Page) -> Response:
    """A part of an answer, for a page that shows it."""
    task = await load(page)
    (path, _), pages = _found(page, task), kinds.of(task)
    found = await run_in_threadpool(pages.piece, path, page.path["name"])
    if found is None:
        raise ApiProblem(404, "not found", "")
    content, media_type = found
    return Response(content, media_type=media_type, headers={"Cache-Control": f"private, max-age={KEPT_S}, immutable"})


def _found(page: Page, task: TaskBody) -> tuple[Path, Note]:
    """Raises: ApiProblem."""
    found = page.kept_files.find(page.path["token"], task["name"])
    if found is None:
        raise ApiProblem(404, "not found", page.language("The file has gone: results are kept for an hour."))
    return found


SHOWN = {
    "/ui/try": first_task, "/ui/try/{task}": show, "/ui/try/{task}/batches/{token}": show_batch,
    "/ui/try/{task}/batches/{token}/file": batch_file, "/ui/try/{task}/pieces/{token}/{name}": piece,
}
ASKED: Asked = {"/ui/try/{task}": ("row",)}
POSTED = {"/ui/try/{task}": send, "/ui/try/{task}/batches": send_batch}
