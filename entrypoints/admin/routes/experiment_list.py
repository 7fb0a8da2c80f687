"""The table of experiments, and what is done with several of them at once."""
from __future__ import annotations

import asyncio
from collections.abc import Sequence
from urllib.parse import urlencode

from starlette.datastructures import FormData
from starlette.responses import Response

from entrypoints.admin import asking, faults, metrics, relations
from entrypoints.admin import experiment_table as table
from entrypoints.admin.api.experiments import ExperimentBody, ExperimentsBody
from entrypoints.admin.api.tasks import TaskBody, TaskDocument
from entrypoints.admin.backend import ApiProblem, part
from entrypoints.admin.page import Asked, Page, go

_MOST_AT_ONCE = 1000
_CARRIED = ("task", "status", "filter", "q", "sort", "archived")
_ASKED = ("task", "status", "filter", "q", "sort", "archived", "c", "offset")


async def show_list(page: Page) -> Response:
    if (address := _tidied(page)) is not None:
        return go(address)
    tasks = await page.tasks()
    task = await page.chosen_task(tasks)
    if task is None:
        return await page.render("no_tasks.html", page.language("No tasks yet"), "experiments", tasks=[])
    (found, problem), (base, served_id) = await asyncio.gather(_found(page, task), measured_against(page, task["name"]))
    return await _shown(page, tasks, task, found, problem, base, served_id)


async def _shown(page: Page, tasks: list[TaskDocument], task: TaskDocument, found: ExperimentsBody,
                 problem: ApiProblem | None, base: ExperimentBody | None, served_id: int | None) -> Response:
    _, sort, asked = page.language, page.query.get("sort", "-id"), page.request.query_params.getlist("c")
    names, main = found.get("names", []), metrics.main_metric(task["problem"])
    chosen = table.shown(asked, names, main)
    columns = table.columns(_, chosen, sort, usual=not asked)
    further = found.get("next_offset")
    return await page.render(
        "experiments/list.html", _("Experiments of %(task)s", task=task["name"]), "experiments", tasks=tasks,
        task=task["name"], status=problem.status if problem else 200, columns=columns, base=base, served_id=served_id,
        rows=table.rows(_, found["experiments"], columns, base, served_id), matched=found.get("matched", 0),
        fixed=[table.column(_, key, sort) for key in ("id", "name", "status")], statuses=table.STATUSES,
        choices=table.choices(_, names, chosen), archives=table.ARCHIVES, sort=sort, asked=page.query, main=main,
        further=page.url(offset=further) if further else None,
        carried=_carried(page, task),
        faults=[faults.translated(_, fault) for fault in problem.faults] if problem else [],
        is_filter_faulty=problem is not None and any(fault.where == "filter" for fault in problem.faults))


def _tidied(page: Page) -> str | None:
    """The address without what is empty, and with the last of what a form has said twice; None if it is so already."""
    given = page.request.query_params.multi_items()
    last = dict(given)
    tidy = [(name, value) for name, value in given if name == "c" and value]
    tidy += [(name, last[name]) for name in _ASKED if name != "c" and last.get(name)]
    if len(tidy) == len(given):
        return None
    return f"/ui/experiments?{urlencode(sorted(tidy, key=lambda pair: _ASKED.index(pair[0])))}"


async def _found(page: Page, task: TaskDocument, limit: int = table.PAGE_ROWS
                 ) -> tuple[ExperimentsBody, ApiProblem | None]:
    """Nothing, and why, where the API cannot read what was typed."""
    query = page.query
    try:
        return await page.backend.get(
            "/experiments", ExperimentsBody, task=task["name"], status=page.one_of("status", table.STATUSES),
            filter=query.get("filter"), search=query.get("q", "").strip(), sort=query.get("sort") or "-id",
            archived=page.one_of("archived", table.ARCHIVES), offset=page.whole("offset"),
            limit=limit), None
    except ApiProblem as problem:
        if problem.status != 400:
            raise
        return {"experiments": [], "next": None}, problem


async def measured_against(page: Page, task: str) -> tuple[ExperimentBody | None, int | None]:
    """The one that is pinned, else the one that serves; and which one serves."""
    pinned, deployment = await asyncio.gather(
        page.backend.get("/experiments", ExperimentsBody, task=task, pinned="true", archived="all", limit=1),
        _deployment(page, task))
    if pinned["experiments"]:
        return pinned["experiments"][0], deployment
    serving = await page.backend.get_or_none(f"/metrics/{deployment}", ExperimentBody) if deployment else None
    return serving, deployment


async def _deployment(page: Page, task: str) -> int | None:
    deployment = (await page.backend.get(f"/tasks/{part(task)}", TaskBody))["deployment"]
    return deployment["experiment_id"] if deployment else None


async def act(page: Page, form: FormData) -> Response:
    """What a button says of the chosen rows."""
    numbers = _numbers(form)
    listed = ",".join(map(str, numbers))
    asked = str(form.get("asked", ""))
    back = f"/ui/experiments?{asked}" if asked else "/ui/experiments"
    doing = str(form.get("do", "compare"))
    if doing == "compare":
        return go(f"/ui/compare?ids={listed}")
    if not numbers:
        return go(back)
    if doing == "delete":
        return go(f"/ui/experiments/delete?ids={listed}")
    for number in numbers:
        await page.backend.send("PATCH", f"/experiments/{number}", json=await _changes(page, form, doing, number))
    return go(back)


async def _changes(page: Page, form: FormData, doing: str, number: int) -> dict[str, object]:
    if doing != "tag":
        return {"archived": doing == "archive"}
    tags = (await page.backend.get(f"/experiments/{number}", ExperimentBody))["tags"]
    return {"tags": list(dict.fromkeys([*tags, *tags_of(form)]))}


def tags_of(form: FormData, field: str = "tags") -> list[str]:
    """As they are typed, with commas between them."""
    return list(dict.fromkeys(tag.strip() for tag in str(form.get(field, "")).split(",") if tag.strip()))


def _numbers(form: FormData) -> list[int]:
    return asking.numbers("ids", [text for text in form.getlist("ids") if isinstance(text, str)], _MOST_AT_ONCE)


async def confirm_delete(page: Page) -> Response:
    return await _confirmation(page, asking.numbers("ids", page.request.query_params.getlist("ids"), _MOST_AT_ONCE))


async def _confirmation(page: Page, numbers: Sequence[int], refused: Sequence[str] = ()) -> Response:
    found = await asyncio.gather(*(page.backend.get_or_none(f"/metrics/{number}", ExperimentBody)
                                   for number in numbers[:_MOST_AT_ONCE]))
    there = [entry for entry in found if entry]
    return await page.render(
        "experiments/delete_many.html", page.language.plural(
            "Delete %(count)s experiment", "Delete %(count)s experiments", len(there)),
        "experiments", task=there[0]["task"] if there else None, experiments=there, refused=refused)


async def delete(page: Page, form: FormData) -> Response:
    """Each that can be; of the others it is said why not."""
    numbers, refused, task = _numbers(form), [], str(form.get("task", ""))
    for number in numbers:
        try:
            await page.backend.send("DELETE", f"/experiments/{number}")
        except ApiProblem as problem:
            if problem.status not in (404, 409):
                raise
            refused.append((number, problem.detail))
    if refused:
        return await _confirmation(page, [number for number, _ in refused], [detail for _, detail in refused])
    return go(f"/ui/experiments?task={part(task)}" if task else "/ui/experiments")


async def show_relations(page: Page) -> Response:
    """The experiments of a table, each parameter against a metric."""
    _, query, tasks = page.language, page.query, await page.tasks()
    task = await page.chosen_task(tasks)
    if task is None:
        return await page.render("no_tasks.html", _("No tasks yet"), "experiments", tasks=[])
    found, problem = await _found(page, task, limit=_MOST_AT_ONCE)
    if problem:
        raise problem
    names, experiments = found.get("names", []), found["experiments"]
    params = relations.differing(experiments, names)
    numbers = [name for name in params if relations.numeric(experiments, name)]
    known = [name.removeprefix("test.") for name in names if name.startswith("test.")]
    y = page.one_of("y", known) or metrics.main_metric(task["problem"])
    # Where there is nothing to choose from the page says so, whatever was chosen before.
    x = (page.one_of("x", numbers) if params else "") or next(iter(numbers), "")
    chosen = [asking.checked("p", name, params) for name in page.request.query_params.getlist("p") if params] or params
    return await page.render(
        "experiments/relations.html", _("Parameters and %(metric)s of %(task)s", metric=y, task=task["name"]),
        "experiments", tasks=tasks, task=task["name"], matched=found.get("matched", 0), asked=query, metrics=known,
        params=params, numbers=numbers, x=x, y=y, chosen=chosen[:relations.MOST_AXES - 1], carried=_CARRIED,
        most_params=relations.MOST_AXES - 1, chart=relations.scatter(_, experiments, x, y) if x else None,
        parallel=relations.parallel(_, experiments, chosen, y),
        back=f"/ui/experiments?{_carried(page, task)}")


def _carried(page: Page, task: TaskDocument) -> str:
    """What the table and its drawing ask alike."""
    return urlencode({"task": task["name"]} | {name: page.query[name] for name in _CARRIED if page.query.get(name)})


SHOWN = {"/ui/experiments": show_list, "/ui/experiments/relations": show_relations,
         "/ui/experiments/delete": confirm_delete}
ASKED: Asked = {"/ui/experiments": _ASKED, "/ui/experiments/relations": (*_CARRIED, "x", "y", "p"),
                "/ui/experiments/delete": ("ids",)}
POSTED = {"/ui/experiments/chosen": act, "/ui/experiments/delete": delete}
