"""A task itself: changed, deleted; and what was changed and removed of all."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData
from starlette.responses import Response

from entrypoints.admin import acts, faults, words
from entrypoints.admin.api.access import HistoryBody
from entrypoints.admin.api.tasks import ColumnBody, TaskBody
from entrypoints.admin.backend import ApiProblem, part
from entrypoints.admin.language import Language
from entrypoints.admin.page import Asked, Page, go
from entrypoints.admin.routes.try_it import load

_ENTRIES = 100


@dataclass(frozen=True, slots=True)
class ColumnFields:
    """field: how the form names its fields, whatever the column is called. missing: a word a line."""

    field: str
    name: str
    type: str
    role: str
    nullable: bool
    private: bool
    missing: str
    description: str


async def show_edit(page: Page) -> Response:
    return await _edit_form(page, await load(page), done=page.one_of("done", "1") is not None)


async def _edit_form(page: Page, task: TaskBody, typed: Mapping[str, str] | None = None,
                     problem: ApiProblem | None = None, done: bool = False) -> Response:
    _ = page.language
    return await page.render(
        "tasks/edit.html", _("Change %(task)s", task=task["name"]), "data", task=task["name"], the_task=task,
        status=problem.status if problem else 200, problem=problem, done=done,
        columns=_fields(task, typed),
        description=typed["description"] if typed else task.get("description", ""),
        labels=task.get("labels", []), new_labels=(typed or {}).get("labels", ""),
        role_word=lambda role: words.role_word(_, role), type_word=lambda kind: words.type_word(_, kind),
        faults=[f"{fault.where}: {faults.said(_, fault.problem)}" for fault in problem.faults] if problem else [],
        column_faults=_by_column(_, task, problem), label_fault=next(
            (faults.said(_, fault.problem) for fault in problem.faults if fault.where == "labels"), "") if problem
        else "")


def _by_column(_: Language, task: TaskBody, problem: ApiProblem | None) -> dict[str, list[str]]:
    """`column NAME` is of the column, and so is `column NAME.nullable`, unless that is another one's name."""
    found: dict[str, list[str]] = {}
    for fault in problem.faults if problem else ():
        _column, _space, said = fault.where.partition(" ")
        for name in (said, said.rpartition(".")[0]):
            if any(column["name"] == name for column in task["columns"]):
                found.setdefault(name, []).append(faults.said(_, fault.problem))
                break
    return found


def _fields(task: TaskBody, typed: Mapping[str, str] | None) -> Sequence[ColumnFields]:
    found = [_stored(f"c{position}", column) for position, column in enumerate(task["columns"])]
    return found if typed is None else [_typed(column, typed) for column in found]


def _stored(field: str, column: ColumnBody) -> ColumnFields:
    return ColumnFields(field, column["name"], column["type"], column.get("role", "feature"),
                        column.get("nullable", True), column.get("private", False),
                        "\n".join(map(str, column.get("missing", []))), column.get("description", ""))


def _typed(column: ColumnFields, typed: Mapping[str, str]) -> ColumnFields:
    taken_in = column.role == "ignored" and f"{column.field}_take_in" in typed
    return ColumnFields(
        column.field, column.name, typed.get(f"{column.field}_type", column.type),
        "feature" if taken_in else column.role, f"{column.field}_nullable" in typed,
        f"{column.field}_private" in typed,
        "\n".join(typed.get(f"{column.field}_missing", "").splitlines()),
        _lines(typed.get(f"{column.field}_description", "")))


async def edit(page: Page, form: FormData) -> Response:
    task = await load(page)
    typed = {name: str(value) for name, value in form.items() if isinstance(value, str)}
    try:
        await page.backend.send("PATCH", f"/tasks/{part(task['name'])}", json=_changes(task, typed))
    except ApiProblem as problem:
        if problem.status != 400:
            raise
        return await _edit_form(page, task, typed | {"description": typed.get("description", "")}, problem)
    return go(f"/ui/tasks/{part(task['name'])}/edit?done=1")


def _changes(task: TaskBody, typed: Mapping[str, str]) -> dict[str, object]:
    """What the form has otherwise than the task."""
    changes: dict[str, object] = {}
    if (description := _lines(typed.get("description", ""))) != task.get("description", ""):
        changes["description"] = description
    if new := [line.strip() for line in typed.get("labels", "").splitlines() if line.strip()]:
        known = task.get("labels", [])
        changes["labels"] = [*known, *(_like(known, label) for label in new)]
    before, after = _fields(task, None), _fields(task, typed)
    columns = {was.name: changed for was, now in zip(before, after, strict=True) if (changed := _changed(was, now))}
    return changes | ({"columns": columns} if columns else {})


def _changed(was: ColumnFields, now: ColumnFields) -> dict[str, Any]:
    names = ("role", "type", "nullable", "private", "description")
    changed: dict[str, Any] = {name: getattr(now, name) for name in names if getattr(now, name) != getattr(was, name)}
    if was.role in ("target", "ignored") and now.role == was.role:
        # The form has no such box for them.
        changed.pop("nullable", None)
    if now.missing != was.missing:
        changed["missing"] = [line for line in now.missing.split("\n") if line]
    return changed


def _lines(text: str) -> str:
    """As it was before a browser made it a field of a form."""
    return text.replace("\r\n", "\n")


def _like(known: Sequence[str | int], label: str) -> str | int:
    """A number where those that there are are numbers."""
    numbers = bool(known) and isinstance(known[0], int)
    return int(label) if numbers and label.removeprefix("-").isdecimal() else label


async def confirm_delete(page: Page) -> Response:
    return await _confirmation(page, await load(page))


async def _confirmation(page: Page, task: TaskBody, wrong: bool = False) -> Response:
    return await page.render(
        "tasks/delete.html", page.language("Delete %(task)s", task=task["name"]), "data", task=task["name"],
        the_task=task, wrong=wrong, status=400 if wrong else 200)


async def delete(page: Page, form: FormData) -> Response:
    task, confirm = await load(page), form.get("confirm")
    if not isinstance(confirm, str) or confirm.strip() != task["name"]:
        return await _confirmation(page, task, wrong=True)
    await page.backend.send("DELETE", f"/tasks/{part(task['name'])}", params={"confirm": task["name"]})
    return go("/ui/history")


async def history(page: Page) -> Response:
    body = await page.backend.get("/history", HistoryBody, limit=_ENTRIES, before=page.whole("before"))
    return await page.render(
        "history.html", page.language("Changes and removals"), "deployments", entries=body["entries"],
        next=body["next"], act_word=lambda act: acts.act_word(page.language, act), detail=acts.detail)


SHOWN = {"/ui/tasks/{task}/edit": show_edit, "/ui/tasks/{task}/delete": confirm_delete, "/ui/history": history}
ASKED: Asked = {"/ui/tasks/{task}/edit": ("done",), "/ui/history": ("before",)}
POSTED = {"/ui/tasks/{task}/edit": edit, "/ui/tasks/{task}/delete": delete}
