"""A new task of a file: sent, looked at column by column, changed where it was misread, made."""
from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from starlette.datastructures import FormData
from starlette.responses import Response

from entrypoints.admin import faults, kinds, new_task, reasons, words
from entrypoints.admin.api.files import CreatedBody, FactsBody, LookedBody
from entrypoints.admin.api.tasks import ColumnBody
from entrypoints.admin.backend import ApiProblem, Fault, part
from entrypoints.admin.faults import PlacedFault
from entrypoints.admin.kept_files import Note
from entrypoints.admin.language import Language
from entrypoints.admin.page import Asked, Page, go
from entrypoints.admin.uploads import kept_file

# A file that makes a task is kept for none: no task has this name.
_NO_TASK = ""
# What is told of beside the form; all else goes to the page of errors.
_OF_THE_FILE, _OF_THE_TASK = (400, 413), (400, 409, 413)
_CHOSEN = ("target", "problem", "split_by", "split_by_time")
# How the API calls what stands in these fields of the form.
_FIELDS = {"name": "name", "task.name": "name", "target": "target", "problem": "problem", "split by": "split_by",
           "split by time": "split_by_time", "split_by_time": "split_by_time", "split.by_time": "split_by_time",
           "split_by": "split_by", "split.by": "split_by", "positive": "positive", "task.description": "description"}


@dataclass(frozen=True, slots=True)
class Sent:
    """A file that was kept. looked: what it holds."""

    token: str
    path: Path
    note: Note
    looked: LookedBody

    @property
    def needs_target(self) -> bool:
        return "target" in self.looked["needs"]


async def show(page: Page) -> Response:
    return await _file_form(page)


async def _file_form(page: Page, problem: ApiProblem | None = None, file_name: str = "") -> Response:
    return await page.render(
        "new/file.html", page.language("New task"), "data", status=problem.status if problem else 200, problem=problem,
        file_name=file_name, faults=faults.placed(page.language, problem.faults) if problem else [])


async def send(page: Page, form: FormData) -> Response:
    async with kept_file(page, form) as upload:
        try:
            with upload.path.open("rb") as file:
                looked: LookedBody = (await page.backend.send(
                    "POST", "/tasks/look", files={"file": (upload.name, file)})).json()
        except ApiProblem as problem:
            if problem.status not in _OF_THE_FILE:
                raise
            return await _file_form(page, problem, upload.name)
        upload.keep = True
        page.kept_files.note(upload.token, Note(_NO_TASK, upload.name, looked["rows"], looked=looked))
    return go(f"/ui/new/{upload.token}")


async def look(page: Page) -> Response:
    sent = _found(page)
    asked = {name: page.query[name] for name in _CHOSEN if page.query.get(name)}
    if sent.needs_target and "target" not in asked:
        return await _shown(page, sent, asked, None)
    try:
        return await _shown(page, sent, asked, await _tried(page, sent, asked))
    except ApiProblem as problem:
        if problem.status not in _OF_THE_FILE:
            raise
        return await _shown(page, sent, asked, None, problem)


def _found(page: Page) -> Sent:
    """Raises: ApiProblem."""
    token = page.path["token"]
    found = page.kept_files.find(token, _NO_TASK)
    if found is None or found[1].looked is None:
        raise ApiProblem(404, "not found", page.language("The file has gone. Send it again."))
    return Sent(token, *found, found[1].looked)


async def _tried(page: Page, sent: Sent, asked: Mapping[str, str]) -> CreatedBody:
    """The task that the file would make; looked for once for each wish. Raises: ApiProblem."""
    if sent.note.tried is not None and sent.note.asked == asked:
        return sent.note.tried
    name = new_task.free_name(sent.note.name, {task["name"] for task in await page.tasks()})
    try:
        tried = await _asked(page, sent, {**asked, "name": name, "dry_run": "true"})
    except ApiProblem as problem:
        if problem.status != 409:
            raise
        # Somebody has a task of the name that this visitor does not see.
        tried = await _asked(page, sent, {**asked, "name": f"{name[:30]}_{sent.token[:6]}", "dry_run": "true"})
    page.kept_files.note(sent.token, replace(sent.note, asked=dict(asked), tried=tried))
    return tried


async def _asked(page: Page, sent: Sent, fields: Mapping[str, str]) -> CreatedBody:
    with sent.path.open("rb") as file:
        answer: CreatedBody = (await page.backend.send(
            "POST", "/tasks", files={"file": (sent.note.name, file)}, data=fields)).json()
    return answer


async def make(page: Page, form: FormData) -> Response:
    """The task as the form has it: looked at once more, or made."""
    sent = _found(page)
    typed = {name: str(value) for name, value in form.items() if isinstance(value, str)}
    asked = {name: typed[name] for name in _CHOSEN if typed.get(name)}
    tried = await _tried(page, sent, asked)
    document = new_task.document(tried, typed)
    only_look = "look" in typed
    try:
        made = await _asked(page, sent, {"task": json.dumps(document, ensure_ascii=False),
                                         "dry_run": "true" if only_look else "false"})
    except ApiProblem as problem:
        if problem.status not in _OF_THE_TASK or problem.title == "forbidden":
            raise
        return await _shown(page, sent, asked, tried, problem, typed)
    if only_look:
        return await _shown(page, sent, asked, {**tried, "warnings": made["warnings"]}, None, typed)
    page.kept_files.remove(sent.token)
    return go(f"/ui/data/{part(made['name'])}?made=1")


async def discard(page: Page, form: FormData) -> Response:
    if page.kept_files.find(page.path["token"], _NO_TASK):
        page.kept_files.remove(page.path["token"])
    return go("/ui/new")


async def _shown(page: Page, sent: Sent, asked: Mapping[str, str], tried: CreatedBody | None,
                 problem: ApiProblem | None = None, typed: Mapping[str, str] | None = None) -> Response:
    _ = page.language
    placed = _placed(_, tried, problem)
    of_fields = _of_fields(_, placed, problem)
    if tried is None:
        # What is wrong with the target stands beside it: no other column was asked for.
        of_fields |= {"target": fault.problem for fault in placed if fault.column == asked.get("target")}
    columns: list[ColumnBody] = tried["columns"] if tried else [
        {"name": one["name"], "type": one["type"], "role": one["role"]} for one in sent.looked["columns"]]
    facts = (tried["inferred"] or {"columns": []})["columns"] if tried else sent.looked["columns"]
    return await page.render(
        "new/columns.html", _("New task from %(file)s", file=sent.note.name or _("a file")), "data",
        status=problem.status if problem else 200, sent=sent, asked=asked, tried=tried, problem=problem,
        typed=typed or {}, checked=typed is not None and problem is None, field_faults=of_fields,
        faults=[fault for fault in placed if fault.where not in _FIELDS and fault.problem not in of_fields.values()],
        size=sent.path.stat().st_size,
        columns=new_task.rows(_, columns, facts, typed, placed), choices=new_task.CHOICES,
        choice_word=lambda choice: new_task.choice_word(_, choice), target=_target(_, tried, facts),
        what=_what(_, tried), problem_words=_problem_words(_), names=[one["name"] for one in sent.looked["columns"]],
        dates=[one["name"] for one in sent.looked["columns"] if one["type"] == "datetime"])


def _placed(_: Language, tried: CreatedBody | None, problem: ApiProblem | None) -> list[PlacedFault]:
    """`columns[3].type` of a document is told as the column that stands there."""
    named = {f"columns[{number}]": f"column {column['name']}"
             for number, column in enumerate(tried["columns"] if tried else ())}
    found = [Fault(named.get(fault.where.partition(".")[0], fault.where), fault.problem)
             for fault in (problem.faults if problem else ())]
    return faults.placed(_, found)


def _of_fields(_: Language, placed: Sequence[PlacedFault], problem: ApiProblem | None) -> dict[str, str]:
    found = {_FIELDS[fault.where]: fault.problem for fault in placed if fault.where in _FIELDS}
    if problem is not None and problem.status == 409:
        found["name"] = _("There is a task of this name already.")
    return found


def _target(_: Language, tried: CreatedBody | None, facts: Sequence[FactsBody]) -> dict[str, object] | None:
    """What was made of the target, and the other problem that it may be."""
    if tried is None:
        return None
    column = next(column for column in tried["columns"] if column.get("role") == "target")
    seen = next((entry for entry in facts if entry["name"] == column["name"]), None)
    other = seen["instead"] if seen else None
    return {"certainty": seen["certainty"] if seen else "sure",
            "why": reasons.said(_, column.get("description", "")),
            "other": reasons.said(_, other["why"]) if other else "",
            "problem": other["problem"] if other and other["problem"] != tried["problem"] else None}


def _what(_: Language, tried: CreatedBody | None) -> str:
    if tried is None:
        return ""
    text = kinds.of(tried).problem_word(_, tried["problem"])
    labels = [str(label) for label in tried.get("labels", ())]
    return f"{text}: {', '.join(labels[:12])}{', …' if len(labels) > 12 else ''}" if labels else text


def _problem_words(_: Language) -> dict[str, str]:
    return {"": _("as its values tell"), **{name: words.problem_word(_, name) for name in (
        "binary", "multiclass", "regression")}}


SHOWN = {"/ui/new": show, "/ui/new/{token}": look}
ASKED: Asked = {"/ui/new/{token}": _CHOSEN}
POSTED = {"/ui/new": send, "/ui/new/{token}": make, "/ui/new/{token}/discard": discard}
