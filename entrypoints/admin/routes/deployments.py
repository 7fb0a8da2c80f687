"""What serves and has served, and changing it."""
from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from starlette.datastructures import FormData
from starlette.responses import Response

from domain.deployment import Deployment, before_current, begun_with
from entrypoints.admin import faults, metrics, words
from entrypoints.admin.api.experiments import ComparisonBody, DeploymentBody, DeploymentsBody, ExperimentBody
from entrypoints.admin.api.rollouts import RolloutsBody
from entrypoints.admin.api.tasks import TaskBody
from entrypoints.admin.backend import ApiProblem, part
from entrypoints.admin.page import Asked, Page, go
from entrypoints.admin.rollouts import figures, role_word, share_words

_HISTORY = 200


async def show(page: Page) -> Response:
    tasks = await page.tasks()
    named = await page.chosen_task(tasks)
    if named is None:
        return await page.render("no_tasks.html", page.language("No tasks yet"), "deployments", tasks=[])
    task = named["name"]
    history, rollouts = await asyncio.gather(
        _history(page, task), page.backend.get("/rollouts", RolloutsBody, task=task))
    metric = metrics.main_metric(named["problem"])
    values = await _values(page, history, metric)
    state, read = next(iter(rollouts["rollouts"]), None), _read(history)
    return await page.render(
        "deployments/list.html", page.language("Deployments of %(task)s", task=task), "deployments", tasks=tasks,
        task=task, the_name=task, history=history, before=before_current(read), metric=metric, values=values,
        since=begun_with(read).created_at.isoformat() if read else None,
        reason_word=lambda reason: words.reason_word(page.language, reason), done=_done(page, history),
        role_word=lambda role: role_word(page.language, role), share=lambda share: share_words(page.language, share),
        rollout=state and state["rollout"], state=state, figures=state and figures(page.language, state))


async def _history(page: Page, task: str) -> list[DeploymentBody]:
    return (await page.backend.get("/deployments", DeploymentsBody, task=task, limit=_HISTORY))["deployments"]


async def _values(page: Page, history: Sequence[DeploymentBody], metric: str) -> dict[int, str]:
    """The main metric of the experiments that served lately."""
    numbers = list(dict.fromkeys(entry["experiment_id"] for entry in history))[:20]
    found = await asyncio.gather(*(
        page.backend.get_or_none(f"/metrics/{number}", ExperimentBody) for number in numbers))
    return {number: metrics.figure(page.language, metrics.value_of(entry, metric))
            for number, entry in zip(numbers, found, strict=True) if entry}


def _done(page: Page, history: Sequence[DeploymentBody]) -> DeploymentBody | None:
    """The deployment that a form has just made, while it is still the newest."""
    newest, done = history[0] if history else None, page.whole("done")
    return newest if newest and done == newest["generation"] else None


def _read(history: Sequence[DeploymentBody]) -> list[Deployment]:
    """As far as it tells what serves, and what to roll back to."""
    return [Deployment(
        entry["task"], entry["experiment_id"], entry["previous_experiment_id"], entry["generation"],
        datetime.fromisoformat(entry["created_at"]), entry["reason"], threshold=entry["threshold"])
        for entry in history]


async def confirm_deploy(page: Page) -> Response:
    return await _deploying(page, typed=page.query)


async def _deploying(page: Page, problem: ApiProblem | None = None, typed: Mapping[str, str] | None = None
                     ) -> Response:
    number = page.path["id"]
    experiment = await page.backend.get(f"/metrics/{number}", ExperimentBody)
    return await _confirmation(page, experiment, "deploy", f"/ui/deployments/deploy/{number}", problem, typed)


async def confirm_rollback(page: Page) -> Response:
    _, task = page.language, page.path["task"]
    before = before_current(_read(await _history(page, task)))
    if before is None:
        raise ApiProblem(409, "conflict", _("Nothing served %(task)s before what serves now.", task=task))
    experiment = await page.backend.get(f"/metrics/{before.experiment_id}", ExperimentBody)
    return await _confirmation(page, experiment, "rollback", f"/ui/deployments/rollback/{part(task)}", before=before)


async def _confirmation(page: Page, experiment: ExperimentBody, verb: str, action: str,
                        problem: ApiProblem | None = None, typed: Mapping[str, str] | None = None,
                        before: Deployment | None = None) -> Response:
    """before: of a rollback, what it leads back to."""
    _, number = page.language, experiment["experiment_id"]
    compared = await page.backend.get(f"/experiments/{number}/comparison", ComparisonBody)
    serving = compared["serving_experiment_id"]
    rows = metrics.judged(_, compared) if serving is not None else metrics.table(_, [compared["metrics"], None], None)
    task = await page.backend.get(f"/tasks/{part(experiment['task'])}", TaskBody)
    metric = metrics.main_metric(task["problem"])
    titles = {"deploy": _("Deploy experiment %(id)s", id=number),
              "rollback": _("Roll back to experiment %(id)s", id=number)}
    return await page.render(
        "deployments/confirm.html", titles[verb], "deployments", task=experiment["task"], experiment=experiment,
        serving=serving, metric_rows=rows, compared=compared, action=action, verb=verb, same=serving == number,
        before=before,
        main=next((row for row in rows if row.name == metric), None), status=problem.status if problem else 200,
        problem=problem, typed=typed or {}, two_labels=task["problem"] == "binary",
        deciding=_deciding(task),
        faults={fault.where.removeprefix("query."): faults.said(_, fault.problem) for fault in problem.faults
                } if problem else {})


def _deciding(task: TaskBody) -> list[str]:
    """The columns whose value may decide who is answered by a canary; a picture has none."""
    return [column["name"] for column in task["columns"]
            if column.get("role") != "target" and column["type"] != "picture"]


async def deploy(page: Page, form: FormData) -> Response:
    typed = {name: str(form.get(name, "")).strip() for name in ("as", "share", "by", "threshold")}
    try:
        return await _changed(page, f"/deploy/{page.path['id']}", _asked(typed))
    except ApiProblem as problem:
        if problem.status != 400:
            raise
        return await _deploying(page, _in_percent(problem), typed)


def _asked(typed: Mapping[str, str]) -> dict[str, str]:
    """As the API is asked. What is for another way than the one that was chosen is left out."""
    asked = {"as": typed["as"], "threshold": typed["threshold"].replace(",", ".")}
    if typed["as"]:
        asked["share"] = _share(typed["share"])
    if typed["as"] == "canary":
        asked["by"] = typed["by"]
    return {name: value for name, value in asked.items() if value}


def _share(percent: str) -> str:
    """What is no number stays as it is, for the API to say so."""
    try:
        return str(round(float(percent.replace(",", ".")) / 100, 6))
    except ValueError:
        return percent


def _in_percent(problem: ApiProblem) -> ApiProblem:
    """The form asks for percent where the API asks for a share."""
    return ApiProblem(problem.status, problem.title, problem.detail, tuple(
        replace(fault, problem=re.sub(r" 1$", " 100", fault.problem)) if fault.where.endswith("share") else fault
        for fault in problem.faults))


async def promote(page: Page, form: FormData) -> Response:
    return await _changed(page, f"/rollouts/{part(page.path['task'])}/promote", {})


async def abort(page: Page, form: FormData) -> Response:
    return await _changed(page, f"/rollouts/{part(page.path['task'])}/abort", {})


async def rollback(page: Page, form: FormData) -> Response:
    return await _changed(page, "/rollback", {"task": page.path["task"]})


async def _changed(page: Page, path: str, params: dict[str, str]) -> Response:
    answer: DeploymentBody = (await page.backend.send("POST", path, params=params)).json()
    return go(f"/ui/deployments?task={part(answer['task'])}&done={answer['generation']}")


SHOWN = {
    "/ui/deployments": show, "/ui/deployments/deploy/{id:int}": confirm_deploy,
    "/ui/deployments/rollback/{task}": confirm_rollback,
}
ASKED: Asked = {"/ui/deployments": ("task", "done"), "/ui/deployments/deploy/{id:int}": ("threshold",)}
POSTED = {"/ui/deployments/deploy/{id:int}": deploy, "/ui/deployments/rollback/{task}": rollback,
          "/ui/deployments/promote/{task}": promote, "/ui/deployments/abort/{task}": abort}
