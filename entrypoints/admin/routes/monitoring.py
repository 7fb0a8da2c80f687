"""Is what serves still good? What came, how far it is from training, and what was answered."""
from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from starlette.datastructures import FormData
from starlette.responses import Response

from entrypoints.admin import asking, charts, kinds, live_history, metrics, observations
from entrypoints.admin.api.tasks import TaskBody, TaskDocument
from entrypoints.admin.api.watching import (
    LabelsBody,
    LiveHistoryBody,
    ObservationsBody,
    PredictionsBody,
    TrafficBody,
)
from entrypoints.admin.backend import ApiProblem, part
from entrypoints.admin.kept_files import pieces
from entrypoints.admin.observations import Feature, Observed
from entrypoints.admin.page import Asked, Page, go
from entrypoints.admin.patience import soon
from entrypoints.admin.routes.overview import state_line
from entrypoints.admin.uploads import let_go, taken

ROWS = 25
# The first look at much that was answered takes seconds.
_PATIENCE_S = 3.0
FILTERS = ("prediction", "label", "request_id", "experiment_id")
_WIDE, _HIGH = 640, 150
_TOLD: tuple[Literal["matched"], Literal["unknown"], Literal["already"]] = ("matched", "unknown", "already")


@dataclass(frozen=True, slots=True)
class FeatureRow:
    feature: Feature
    outlines: charts.Outlines
    is_chosen: bool


async def show(page: Page) -> Response:
    return await _shown(page)


async def _shown(page: Page, named: TaskDocument | None = None, refused: ApiProblem | None = None) -> Response:
    """named: whose page it is; what the address asks for, if None. refused: why labels were not taken."""
    tasks = await page.tasks()
    named = named or await page.chosen_task(tasks)
    if named is None:
        return await page.render("no_tasks.html", page.language("No tasks yet"), "monitoring", tasks=[])
    backend, _, name = page.backend, page.language, named["name"]
    task, found, came, (last, went, unknown_last), (log, problem) = await asyncio.gather(
        backend.get(f"/tasks/{part(name)}", TaskBody),
        backend.get_or_none("/observations", ObservationsBody, task=name),
        backend.get_or_none("/traffic", TrafficBody, task=name, minutes=observations.HOUR_MINUTES),
        _went(page, name),
        _log(page, name))
    seen = observations.observed(_, found, name)
    metric, pages = metrics.main_metric(task["problem"]), kinds.of(task)
    rows, chosen, unknown_feature = _features(page, seen)
    told = problem or unknown_last or unknown_feature or refused
    return await page.render(
        "monitoring.html", _("Monitoring of %(task)s", task=name), "monitoring", tasks=tasks, task=name, the_task=task,
        status=told.status if told else 200, seen=seen,
        window=observations.window(_, found["window_h"]) if found else "",
        unknown_last=unknown_last, unknown_feature=unknown_feature, traffic=observations.traffic(_, came, name),
        state=state_line(page, task, metric, seen.promised.get(metric), seen), features=rows, chosen=chosen,
        quality=metrics.table(_, [seen.quality, seen.promised], base=1) if seen.quality else [],
        lately=went and live_history.lately(_, went, metric, seen.promised.get(metric)),
        last=last, lasts=live_history.LASTS,
        last_word=lambda word: live_history.last_word(_, word), unmeasured=pages.unmeasured(_),
        answers=observations.answers(_, log["predictions"], pages.has_numbers(task)), older=log["next"],
        filters={key: page.query.get(key, "") for key in FILTERS}, problem=problem,
        filtered=any(page.query.get(key) for key in FILTERS), refused=refused, labels_told=_labels_told(page),
        labels_come_late=pages.labels_come_late())


def _labels_told(page: Page) -> LabelsBody | None:
    """What became of the labels that a form has just sent."""
    matched, unknown, already = (page.whole(name) for name in _TOLD)
    if matched is None or unknown is None or already is None:
        return None
    return {"matched": matched, "unknown": unknown, "already": already}


async def add_labels(page: Page, form: FormData) -> Response:
    """A file of them, or the one of an answer that is shown."""
    task = await page.backend.get(f"/tasks/{part(page.path['task'])}", TaskBody)
    try:
        if (request_id := str(form.get("request_id", ""))) and "file" not in form:
            row_no = asking.number("row_no", str(form.get("row_no", "1")))
            row = {"request_id": request_id, "row_no": row_no, "label": str(form.get("label", ""))}
            told: LabelsBody = (await page.backend.send(
                "PUT", "/labels", params={"task": task["name"]}, json=[row])).json()
        else:
            told = await _sent(page, task, form)
    except ApiProblem as problem:
        if problem.status not in (400, 413):
            raise
        return await _shown(page, task, problem)
    return go(f"/ui/monitoring?task={part(task['name'])}&" + "&".join(f"{name}={told[name]}" for name in _TOLD)
              + "#labels")


async def _sent(page: Page, task: TaskBody, form: FormData) -> LabelsBody:
    """Raises: ApiProblem."""
    upload = await taken(page, form)
    with let_go(page, upload):
        return await page.backend.send_file("PUT", "/labels", LabelsBody, None, {"Content-Type": "text/csv"},
                                            params={"task": task["name"]}, content=pieces(upload.path))


async def _went(page: Page, task: str) -> tuple[str, LiveHistoryBody | None, ApiProblem | None]:
    """How far back, and what there is: None while it is still looked at, and where the address asks for what is
    unknown, which is told."""
    try:
        last = page.one_of("last", live_history.LASTS) or live_history.LASTS[0]
    except ApiProblem as problem:
        return "", None, problem
    asked = page.backend.get("/observations/history", LiveHistoryBody, task=task, last=last)
    return last, (await soon([asked], _PATIENCE_S))[0], None


async def _log(page: Page, task: str) -> tuple[PredictionsBody, ApiProblem | None]:
    """The answers that are asked for, or why they cannot be shown."""
    asked = {key: page.query.get(key) for key in (*FILTERS, "before")}
    try:
        return await page.backend.get("/predictions", PredictionsBody, task=task, limit=ROWS, **asked), None
    except ApiProblem as problem:
        if problem.status not in (400, 404):
            raise
        return {"predictions": [], "next": None}, problem


def _features(page: Page, seen: Observed) -> tuple[Sequence[FeatureRow], FeatureRow | None, ApiProblem | None]:
    """All features, small, and the chosen one, or else that which drifts most, large; and why none is chosen."""
    chosen, problem = seen.worst, None
    try:
        # While nothing has been looked at there is nothing to choose from, and the page says so.
        wanted = page.one_of("feature", [feature.name for feature in seen.features]) if seen.features else None
        chosen = next((feature for feature in seen.features if feature.name == wanted), chosen)
    except ApiProblem as failure:
        problem = failure
    rows = [_row(page, feature, feature is chosen) for feature in seen.features]
    return rows, None if chosen is None else _row(page, chosen, True, _WIDE, _HIGH, chosen.edges), problem


def _row(page: Page, feature: Feature, is_chosen: bool, width: int = charts.SPARK_WIDTH,
         height: int = charts.SPARK_HEIGHT, edges: Sequence[str] | None = None) -> FeatureRow:
    return FeatureRow(feature, charts.outlines(
        page.language, feature.bins, feature.reference, feature.current, width, height, edges), is_chosen)


SHOWN = {"/ui/monitoring": show}
POSTED = {"/ui/monitoring/labels/{task}": add_labels}
ASKED: Asked = {"/ui/monitoring": ("task", "feature", "before", "last", *FILTERS, *_TOLD)}
