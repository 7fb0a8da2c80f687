"""The data of a task: its versions, its columns, and more of it."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
from starlette.datastructures import FormData
from starlette.responses import Response

from entrypoints.admin import asking, faults, kinds, plots
from entrypoints.admin.api.datasets import CheckedBody, CountedVersionBody, DatasetBody
from entrypoints.admin.api.files import AddedBody
from entrypoints.admin.api.tasks import TaskBody
from entrypoints.admin.backend import ApiProblem, Tell, part
from entrypoints.admin.kept_files import Note, pieces
from entrypoints.admin.kinds import KindPages
from entrypoints.admin.page import Asked, Page, go
from entrypoints.admin.passing import passed_on
from entrypoints.admin.routes.try_it import load, of_first_task
from entrypoints.admin.telling import told
from entrypoints.admin.uploads import Kept, let_go, taken

_VERSIONS = 50


@dataclass(frozen=True, slots=True)
class VersionRow:
    version: int
    batch_id: str
    rows: int
    rows_added: int
    created_at: str
    shares: Sequence[plots.Share]


async def first_task(page: Page) -> Response:
    return await of_first_task(page, "data")


async def show(page: Page) -> Response:
    return await _shown(page, await load(page))


async def _shown(page: Page, task: TaskBody, problem: ApiProblem | None = None, file_name: str = "") -> Response:
    dataset = await page.backend.get(f"/datasets/{part(task['name'])}", DatasetBody)
    pages = kinds.of(task)
    entries, version = dataset["versions"], page.one_of("version", [
        entry["dataset_version"] for entry in dataset["versions"]])
    context = await pages.data(page, task, int(version) if version else None)
    return await page.render(
        pages.data_template, page.language("Data of %(task)s", task=task["name"]), "data",
        task=task["name"], status=problem.status if problem else 200, the_task=task, pages=pages, dataset=dataset,
        versions=[_version_row(page, pages, entry) for entry in reversed(entries[-_VERSIONS:])],
        hidden=len(entries) - _VERSIONS,
        shares=plots.shares(page.language, pages.label_shares(dataset)), problem=problem, file_name=file_name,
        faults=faults.placed(page.language, problem.faults) if problem else [],
        made=page.one_of("made", "1") is not None and len(entries) == 1,
        added=_version(entries, page.whole("added")), duplicate=_version(entries, page.whole("duplicate")),
        **context)


def _version_row(page: Page, pages: KindPages, entry: CountedVersionBody) -> VersionRow:
    return VersionRow(entry["dataset_version"], entry["batch_id"], entry["rows"], entry["rows_added"],
                      entry["created_at"], plots.shares(page.language, pages.label_shares(entry)))


async def picture(page: Page) -> Response:
    path = f"/datasets/{part(page.path['task'])}/pictures/{part(page.path['sha256'])}"
    asked = {name: page.query[name] for name in ("draw", "max_px") if name in page.query}
    return await passed_on(page, path, httpx.Timeout(60), params=asked)


async def check(page: Page, form: FormData) -> Response:
    """The file is looked through and kept for the confirmation; nothing is added yet."""
    task, upload = await load(page), await taken(page, form)
    return await told(page, lambda tell: _checked(page, task, upload, tell))


async def _checked(page: Page, task: TaskBody, upload: Kept, tell: Tell | None) -> Response:
    pages = kinds.of(task)
    with let_go(page, upload):
        try:
            answer = await page.backend.send_file(
                "POST", f"/datasets/{part(task['name'])}/check", CheckedBody, tell, {"Content-Type": pages.media_type},
                params=pages.check_params, content=pieces(upload.path))
        except ApiProblem as problem:
            if problem.status not in (400, 413):
                raise
            return await _shown(page, task, problem, upload.name)
        upload.keep = True
        page.kept_files.note(upload.token, Note(task["name"], upload.name, answer["rows"], checked=answer))
    return go(f"/ui/data/{part(task['name'])}/files/{upload.token}")


async def preview(page: Page) -> Response:
    task = await load(page)
    path, note = _found(page, task, page.path["token"])
    pages = kinds.of(task)
    return await page.render(
        pages.preview_template, page.language("Add data to %(task)s", task=task["name"]), "data", task=task["name"],
        the_task=task, note=note, token=page.path["token"], size=path.stat().st_size,
        **pages.preview(page, task, path, note))


async def add(page: Page, form: FormData) -> Response:
    task = await load(page)
    path, _ = _found(page, task, page.path["token"])
    return await told(page, lambda tell: _added(page, task, path, tell))


async def _added(page: Page, task: TaskBody, path: Path, tell: Tell | None) -> Response:
    answer = await page.backend.send_file(
        "PUT", "/add_data", AddedBody, tell, {"Content-Type": kinds.of(task).media_type},
        params={"task": task["name"]}, content=pieces(path))
    page.kept_files.remove(page.path["token"])
    said = "duplicate" if answer["duplicate"] else "added"
    return go(f"/ui/data/{part(task['name'])}?{said}={answer['dataset_version']}")


async def discard(page: Page, form: FormData) -> Response:
    task = await load(page)
    if page.kept_files.find(page.path["token"], task["name"]):
        page.kept_files.remove(page.path["token"])
    return go(f"/ui/data/{part(task['name'])}")


async def confirm_undo(page: Page) -> Response:
    task = await load(page)
    if not task["versions"]:
        raise ApiProblem(404, "not found", page.language("There is no data to take back."))
    newest = task["versions"][-1]
    return await page.render(
        "data/undo.html", page.language("Take dataset version %(version)s of %(task)s back", task=task["name"],
                                        version=newest["dataset_version"]), "data", task=task["name"], the_task=task,
        newest=newest)


async def undo(page: Page, form: FormData) -> Response:
    name = part(page.path["task"])
    await page.backend.send("DELETE", f"/datasets/{name}/versions/newest",
                            params={"version": asking.number("version", str(form.get("version", "")))})
    return go(f"/ui/data/{name}")


def _found(page: Page, task: TaskBody, token: str) -> tuple[Path, Note]:
    """Raises: ApiProblem."""
    found = page.kept_files.find(token, task["name"])
    if found is None:
        raise ApiProblem(404, "not found", page.language("The file has gone. Send it again."))
    return found


def _version(entries: Sequence[CountedVersionBody], number: int | None) -> CountedVersionBody | None:
    """What a form has just done, while it has not been taken back."""
    return next((entry for entry in entries if entry["dataset_version"] == number), None)


SHOWN = {"/ui/data": first_task, "/ui/data/{task}": show, "/ui/data/{task}/files/{token}": preview,
         "/ui/data/{task}/pictures/{sha256}": picture, "/ui/data/{task}/undo": confirm_undo}
ASKED: Asked = {"/ui/data/{task}": ("version", "made", "added", "duplicate", "before", "label", "wait"),
                "/ui/data/{task}/pictures/{sha256}": ("draw", "max_px")}
POSTED = {
    "/ui/data/{task}/check": check, "/ui/data/{task}/files/{token}/add": add,
    "/ui/data/{task}/files/{token}/discard": discard, "/ui/data/{task}/undo": undo,
}
