"""What serves, what runs, and whether all is well."""
from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response

from entrypoints.admin import experiments, kinds, metrics, observations
from entrypoints.admin.api.experiments import ExperimentBody, ExperimentsBody
from entrypoints.admin.api.tasks import TaskBody, TaskDocument
from entrypoints.admin.api.watching import ObservationsBody, TrafficBody
from entrypoints.admin.backend import ApiProblem, Backend, part
from entrypoints.admin.language import NAMES, Language
from entrypoints.admin.observations import Observed, Traffic
from entrypoints.admin.page import Asked, Page, Posted, go
from entrypoints.admin.security import set_cookie

_YEAR_S, _LATEST = 365 * 86_400, 8


@dataclass(frozen=True, slots=True)
class TaskLine:
    """One task as the overview shows it; `state` is its line in words."""

    name: str
    about: str
    problem: str
    rows: int
    version: int | None
    experiment: ExperimentBody | None
    since: str | None
    generation: int | None
    metric: str
    value: float | None
    seen: Observed
    traffic: Traffic
    state: str


async def overview(page: Page) -> Response:
    backend = page.backend
    tasks, found, came, ready = await asyncio.gather(
        page.tasks(), backend.get_or_none("/observations", ObservationsBody),
        backend.get_or_none("/traffic", TrafficBody, minutes=observations.HOUR_MINUTES), _unready(backend))
    lines = await asyncio.gather(*(_line(page, task, found, came) for task in tasks))
    *going, newest = await asyncio.gather(
        *(backend.get("/experiments", ExperimentsBody, status=status, limit=20) for status in ("running", "queued")),
        backend.get("/experiments", ExperimentsBody, limit=_LATEST))
    active = [experiment for answer in going for experiment in answer["experiments"]]
    return await page.render(
        "overview.html", page.language("Overview"), "overview", tasks=tasks, lines=lines, active=active,
        latest=_latest(page.language, newest["experiments"], lines), unready=ready)


def _latest(
    _: Language, found: Sequence[ExperimentBody], lines: Sequence[TaskLine],
) -> list[experiments.ListRow]:
    """Each measured by the main metric of its own task."""
    by_name = {line.name: line for line in lines}
    known = [(entry, by_name[entry["task"]]) for entry in found if entry["task"] in by_name]
    return [experiments.rows(_, [entry], line.metric, line.experiment)[0] for entry, line in known]


async def _line(
    page: Page, task: TaskDocument, found: ObservationsBody | None, came: TrafficBody | None,
) -> TaskLine:
    whole = await page.backend.get(f"/tasks/{part(task['name'])}", TaskBody)
    deployment = whole["deployment"]
    experiment = await page.backend.get_or_none(
        f"/metrics/{deployment['experiment_id']}", ExperimentBody) if deployment else None
    metric = metrics.main_metric(task["problem"])
    value = metrics.value_of(experiment, metric) if experiment else None
    seen = observations.observed(page.language, found, task["name"])
    newest = whole["versions"][-1] if whole["versions"] else None
    return TaskLine(
        task["name"], task.get("description", ""), kinds.of(task).problem_word(page.language, task["problem"]),
        newest["rows"] if newest else 0, newest and newest["dataset_version"], experiment,
        deployment and deployment["created_at"], deployment and deployment["generation"], metric, value, seen,
        observations.traffic(page.language, came, task["name"]), state_line(page, whole, metric, value, seen))


def state_line(page: Page, task: TaskBody, metric: str, value: float | None, seen: Observed) -> str:
    """The state of a task in one sentence."""
    _, deployment = page.language, task["deployment"]
    if not deployment:
        return _("%(task)s has no model in service yet.", task=task["name"])
    parts = [_("%(task)s is served by experiment %(id)s since %(when)s", task=task["name"],
               id=deployment["experiment_id"], when=_.when(deployment["created_at"]))]
    if value is not None:
        parts.append(f"{metric} {metrics.figure(_, value)}")
    if seen.worst:
        parts.append(drift_words(_, seen.worst.level))
    return ", ".join(parts) + "."


def drift_words(_: Language, level: str) -> str:
    return {"low": _("drift low"), "some": _("some drift"), "much": _("much drift")}[level]


async def _unready(backend: Backend) -> list[str]:
    """Why the service is not ready, in its own words; empty if it is."""
    response = await backend.get_anyway("/readyz")
    return [str(reason) for reason in response.get("reasons", ())]


async def switch_language(page: Page) -> Response:
    code, back = page.path["code"], page.query.get("back", "")
    if code not in NAMES:
        raise ApiProblem(404, "not found", page.language("The pages speak %(known)s.", known=", ".join(NAMES.values())))
    response = go(back if inside(back) else "/ui/")
    set_cookie(page.request, response, "progon_language", code, _YEAR_S)
    return response


def inside(path: str) -> bool:
    """Is it an address of these pages, and not one that a browser would read as another site's?"""
    return path.startswith("/ui/") and "//" not in path.partition("?")[0] and "\\" not in path


async def shorter(page: Page) -> Response:
    return go("/ui/")


SHOWN = {"/ui": shorter, "/ui/": overview, "/ui/language/{code}": switch_language}
POSTED: dict[str, Posted] = {}
ASKED: Asked = {"/ui/language/{code}": ("back",)}
