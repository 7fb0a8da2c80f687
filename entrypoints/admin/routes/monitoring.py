"""Is what serves still good? What came, how far it is from training, and what was answered."""
from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response

from entrypoints.admin import charts, kinds, live_history, metrics, observations
from entrypoints.admin.api import LiveHistoryBody, ObservationsBody, PredictionsBody, TaskBody, TrafficBody
from entrypoints.admin.backend import ApiProblem, part
from entrypoints.admin.observations import Feature, Observed
from entrypoints.admin.page import Asked, Page, Posted
from entrypoints.admin.patience import soon
from entrypoints.admin.routes.overview import state_line

ROWS = 25
# The first look at much that was answered takes seconds.
_PATIENCE_S = 3.0
FILTERS = ("prediction", "label", "request_id", "experiment_id")
_WIDE, _HIGH = 640, 150


@dataclass(frozen=True, slots=True)
class FeatureRow:
    feature: Feature
    outlines: charts.Outlines
    is_chosen: bool


async def show(page: Page) -> Response:
    tasks = await page.tasks()
    name = page.query.get("task") or (tasks[0]["name"] if tasks else None)
    if name is None:
        return await page.render("no_tasks.html", page.language("No tasks yet"), "monitoring", tasks=[])
    backend, _ = page.backend, page.language
    last = page.query["last"] if page.query.get("last") in live_history.LASTS else live_history.LASTS[0]
    task, found, came, (went,), (log, problem) = await asyncio.gather(
        backend.get(f"/tasks/{part(name)}", TaskBody),
        backend.get_or_none("/observations", ObservationsBody, task=name),
        backend.get_or_none("/traffic", TrafficBody, task=name, minutes=observations.HOUR_MINUTES),
        soon([backend.get("/observations/history", LiveHistoryBody, task=name, last=last)], _PATIENCE_S),
        _log(page, name))
    seen = observations.observed(_, found, name)
    metric, pages = metrics.main_metric(task["problem"]), kinds.of(task)
    rows, chosen = _features(page, seen)
    return await page.render(
        "monitoring.html", _("Monitoring of %(task)s", task=name), "monitoring", tasks=tasks, task=name, the_task=task,
        status=problem.status if problem else 200, seen=seen,
        window=observations.window(_, found["window_h"]) if found else "",
        traffic=observations.traffic(_, came, name),
        state=state_line(page, task, metric, seen.promised.get(metric), seen), features=rows, chosen=chosen,
        quality=metrics.table(_, [seen.quality, seen.promised], base=1) if seen.quality else [],
        lately=went and live_history.lately(_, went, metric, seen.promised.get(metric)),
        last=last, lasts=live_history.LASTS,
        last_word=lambda word: live_history.last_word(_, word), unmeasured=pages.unmeasured(_),
        answers=observations.answers(_, log["predictions"], pages.has_numbers(task)), older=log["next"],
        filters={key: page.query.get(key, "") for key in FILTERS}, problem=problem,
        filtered=any(page.query.get(key) for key in FILTERS))


async def _log(page: Page, task: str) -> tuple[PredictionsBody, ApiProblem | None]:
    """The answers that are asked for, or why they cannot be shown."""
    asked = {key: page.query.get(key) for key in (*FILTERS, "before")}
    try:
        return await page.backend.get("/predictions", PredictionsBody, task=task, limit=ROWS, **asked), None
    except ApiProblem as problem:
        if problem.status not in (400, 404):
            raise
        return {"predictions": [], "next": None}, problem


def _features(page: Page, seen: Observed) -> tuple[Sequence[FeatureRow], FeatureRow | None]:
    """All features, small, and the chosen one, or else that which drifts most, large."""
    _, wanted = page.language, page.query.get("feature")
    chosen = next((feature for feature in seen.features if feature.name == wanted), seen.worst)
    rows = [_row(page, feature, feature is chosen) for feature in seen.features]
    return rows, None if chosen is None else _row(page, chosen, True, _WIDE, _HIGH, chosen.edges)


def _row(page: Page, feature: Feature, is_chosen: bool, width: int = charts.SPARK_WIDTH,
         height: int = charts.SPARK_HEIGHT, edges: Sequence[str] | None = None) -> FeatureRow:
    return FeatureRow(feature, charts.outlines(
        page.language, feature.bins, feature.reference, feature.current, width, height, edges), is_chosen)


SHOWN = {"/ui/monitoring": show}
POSTED: dict[str, Posted] = {}
ASKED: Asked = {"/ui/monitoring": ("task", "feature", "before", "last", *FILTERS)}
