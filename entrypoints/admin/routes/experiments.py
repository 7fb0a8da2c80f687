"""One training: how it goes, what came of it, what people say of it."""
from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress

import httpx
from starlette.datastructures import FormData
from starlette.responses import Response

from entrypoints.admin import experiments as lists
from entrypoints.admin import faults, metrics, plots, words
from entrypoints.admin.api.experiments import ArtifactsBody, ComparisonBody, ExperimentBody
from entrypoints.admin.api.tasks import TaskBody
from entrypoints.admin.backend import ApiProblem, part
from entrypoints.admin.language import Language
from entrypoints.admin.model_snippet import snippet
from entrypoints.admin.page import Asked, Page, go
from entrypoints.admin.passing import passed_on
from entrypoints.admin.patience import soon
from entrypoints.admin.routes.experiment_list import tags_of

_LOG_BYTES = 200_000
# What most come for, the first of an experiment's files.
_DOWNLOADS = ("model.onnx", "metrics.json", "predictions.parquet")
_BUTTONS: Mapping[str, Mapping[str, object]] = {
    "pin": {"pinned": True}, "unpin": {"pinned": False}, "archive": {"archived": True}, "restore": {"archived": False}}


def is_log(page: Page) -> bool:
    """Are losses drawn on a logarithmic scale?"""
    return page.one_of("scale", ("linear", "log")) == "log"


async def what_serves(page: Page, task: str) -> ExperimentBody | None:
    deployment = (await page.backend.get(f"/tasks/{part(task)}", TaskBody))["deployment"]
    if deployment is None:
        return None
    return await page.backend.get_or_none(f"/metrics/{deployment['experiment_id']}", ExperimentBody)


async def load(page: Page) -> ExperimentBody:
    """Raises: ApiProblem."""
    return await page.backend.get(f"/metrics/{part(page.path['id'])}", ExperimentBody)


async def show_one(page: Page) -> Response:
    return await _one(page, await load(page))


async def _one(page: Page, experiment: ExperimentBody, problem: ApiProblem | None = None,
               typed: Mapping[str, str] | None = None) -> Response:
    _, number = page.language, experiment["experiment_id"]
    listing, serving, task = await asyncio.gather(
        page.backend.get(f"/experiments/{number}/artifacts", ArtifactsBody), what_serves(page, experiment["task"]),
        page.backend.get(f"/tasks/{part(experiment['task'])}", TaskBody))
    files = {entry["path"] for entry in listing["artifacts"]}
    log = is_log(page)
    drawn, text = await asyncio.gather(_plots(page, experiment, files, log), _log(page, number, files))
    served_id = serving["experiment_id"] if serving else None
    compared = await _compared(page, experiment, served_id)
    heads, rows = _metric_table(_, experiment, serving, compared)
    return await page.render(
        "experiments/one.html", _("Experiment %(id)s", id=number), "experiments", task=experiment["task"],
        status=problem.status if problem else 200, experiment=experiment, served_id=served_id,
        metric_heads=heads, metric_rows=rows, compared=compared, trials=lists.trials(_, experiment),
        timed_parts=lists.timed_parts(_, experiment),
        plots=drawn, sheets=plots.sheets(_, files), log=log, log_text=text, artifacts=listing["artifacts"],
        stage=words.stage_word(_, experiment["stage"]),
        duration=lists.duration_s(experiment), params=experiment["params"], value_text=lists.value_text,
        snippet=snippet(task, experiment), downloads=[path for path in _DOWNLOADS if path in files],
        state=_state(_, experiment, served_id), task_doc=task, problem=problem, typed=typed or {},
        faults={fault.where.removeprefix("params."): faults.said(_, fault.problem) for fault in problem.faults
                } if problem else {})


async def _compared(page: Page, experiment: ExperimentBody, served_id: int | None) -> ComparisonBody | None:
    """What the held-out rows show of it and of what serves. None where there is nothing to compare, and where it takes
    long: the API goes on, and has it at once when the page is loaded again."""
    if experiment["status"] != "succeeded" or served_id in (None, experiment["experiment_id"]):
        return None
    compared = (await soon([compared_with(page, experiment["experiment_id"])]))[0]
    return compared if compared and compared["dataset_version"] == experiment["dataset_version"] else None


async def compared_with(page: Page, number: int, against: int | None = None) -> ComparisonBody | None:
    with suppress(ApiProblem):
        return await page.backend.get(f"/experiments/{number}/comparison", ComparisonBody, against=against)
    return None


def _metric_table(_: Language, experiment: ExperimentBody, serving: ExperimentBody | None,
                  compared: ComparisonBody | None) -> tuple[list[str], list[metrics.MetricRow]]:
    """Its parts, and the test part of what serves, against which its own test part is measured: on the same rows, if
    they were compared."""
    parts = [name for name in metrics.PARTS if experiment["metrics"].get(name)]
    heads = [words.part_word(_, name) for name in parts]
    columns = [experiment["metrics"][name] for name in parts]
    if not columns or not serving or serving["experiment_id"] == experiment["experiment_id"]:
        return heads, metrics.table(_, columns, base=None)
    heads.append(_("test of %(id)s, which serves", id=serving["experiment_id"]))
    base = compared["serving_metrics"] if compared else serving["metrics"].get("test")
    shown = compared["differences"] if compared else {}
    rows = metrics.table(_, [*columns, base], base=len(columns), compared=(0,))
    return heads, [metrics.shown(_, row, 0, shown.get(row.name)) for row in rows]


def _state(_: Language, experiment: ExperimentBody, served_id: int | None) -> str:
    status = experiment["status"]
    if status == "succeeded":
        if experiment["origin"] == "imported":
            said = _("Imported, and judged on dataset version %(version)s.", version=experiment["dataset_version"])
            serves = _("It serves %(task)s now.", task=experiment["task"])
            return said + " " + serves if served_id == experiment["experiment_id"] else said
        said = _("Trained on dataset version %(version)s in %(time)s.", version=experiment["dataset_version"],
                 time=_.duration(lists.duration_s(experiment)))
        if experiment.get("from_cache"):
            said += " " + _("The very same training was known and nothing was computed anew.")
        serves = _("It serves %(task)s now.", task=experiment["task"])
        return said + " " + serves if served_id == experiment["experiment_id"] else said
    return {
        "queued": _("Waiting for its turn on dataset version %(version)s."),
        "running": _("Training on dataset version %(version)s."),
        "failed": _("Failed on dataset version %(version)s."),
        "cancelled": _("Cancelled on dataset version %(version)s."),
    }[status] % {"version": experiment["dataset_version"]}


async def _plots(page: Page, experiment: ExperimentBody, files: set[str], log: bool) -> list[plots.Plot]:
    number, test = experiment["experiment_id"], experiment["metrics"].get("test") or {}
    names = [name for name in plots.NAMES if f"plots/{name}.json" in files]
    rows = await asyncio.gather(*(
        page.backend.file_or_none(f"/experiments/{number}/artifacts/plots/{name}.json") for name in names))
    drawn = (plots.plot(page.language, name, found, log) for name, found in zip(names, rows, strict=True) if found)
    decided = plots.decided(dict(zip(names, rows, strict=True)).get("confusion"))
    return [plots.pointed(page.language, plots.noted(page.language, one, test), decided)
            for one in drawn if one is not None]


async def _log(page: Page, number: int, files: set[str]) -> str:
    if "dvc.log" not in files:
        return ""
    text = await page.backend.text_or_none(f"/experiments/{number}/artifacts/dvc.log")
    return (text or "")[-_LOG_BYTES:]


async def events(page: Page) -> Response:
    """The API's events, passed on as they come: the browser may reach these pages alone, and its key is in a cookie."""
    path = f"/experiments/{part(page.path['id'])}/events"
    return await passed_on(page, path, httpx.Timeout(30, read=None), {"Accept": "text/event-stream"})


async def artifact(page: Page) -> Response:
    path = "/".join(part(segment) for segment in page.path["path"].split("/"))
    return await passed_on(page, f"/experiments/{part(page.path['id'])}/artifacts/{path}", httpx.Timeout(60))


async def cancel(page: Page, form: FormData) -> Response:
    await page.backend.send("POST", f"/experiments/{part(page.path['id'])}/cancel")
    return go(f"/ui/experiments/{part(page.path['id'])}")


async def mark(page: Page, form: FormData) -> Response:
    """Name, tags and note as they are typed, or what a button says."""
    number = part(page.path["id"])
    doing = str(form.get("do", ""))
    typed = {name: str(form.get(name, "")).replace("\r\n", "\n") for name in ("name", "tags", "note")}
    changes = _BUTTONS.get(doing) or typed | {"tags": tags_of(form)}
    try:
        await page.backend.send("PATCH", f"/experiments/{number}", json=changes)
    except ApiProblem as problem:
        if problem.status != 400:
            raise
        return await _one(page, await load(page), problem, typed)
    return go(f"/ui/experiments/{number}")


async def confirm_delete(page: Page) -> Response:
    experiment = await load(page)
    return await page.render(
        "experiments/delete.html", page.language("Delete experiment %(id)s", id=experiment["experiment_id"]),
        "experiments", task=experiment["task"], experiment=experiment)


async def delete(page: Page, form: FormData) -> Response:
    experiment = await load(page)
    await page.backend.send("DELETE", f"/experiments/{experiment['experiment_id']}")
    return go(f"/ui/experiments?task={part(experiment['task'])}")


SHOWN = {
    "/ui/experiments/{id:int}": show_one, "/ui/experiments/{id:int}/events": events,
    "/ui/experiments/{id:int}/artifacts/{path:path}": artifact, "/ui/experiments/{id:int}/delete": confirm_delete,
}
ASKED: Asked = {"/ui/experiments/{id:int}": ("scale",)}
POSTED = {"/ui/experiments/{id:int}/cancel": cancel, "/ui/experiments/{id:int}/marks": mark,
          "/ui/experiments/{id:int}/delete": delete}
