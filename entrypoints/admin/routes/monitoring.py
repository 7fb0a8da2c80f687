"""Is what serves still good? Told from the exposition that Prometheus scrapes as well."""
from __future__ import annotations

import asyncio

from starlette.responses import Response

from entrypoints.admin import exposition, metrics
from entrypoints.admin.backend import part
from entrypoints.admin.page import Page
from entrypoints.admin.routes.overview import state_line


async def show(page: Page) -> Response:
    tasks = await page.tasks()
    name = page.query.get("task") or (tasks[0]["name"] if tasks else None)
    if name is None:
        return await page.render("no_tasks.html", page.language("No tasks yet"), "monitoring", tasks=[])
    backend, _ = page.backend, page.language
    task, text, card = await asyncio.gather(
        backend.get(f"/tasks/{part(name)}"), backend.text_or_none("/metrics"),
        backend.get_or_none("/metadata", task=name))
    live = exposition.live(text, name)
    trained = (card["metrics"].get("test") or {}) if card else {}
    metric = metrics.main_metric(task["problem"])
    return await page.render(
        "monitoring.html", _("Monitoring of %(task)s", task=name), "monitoring", tasks=tasks, task=name, the_task=task,
        live=live, card=card, state=state_line(page, task, metric, trained.get(metric), live),
        quality=metrics.table(_, [dict(live.quality), trained], base=1) if live and live.quality else [],
        drift=_drift(live))


def _drift(live: exposition.Live | None) -> list[tuple[str, float, str, float]]:
    """(feature, PSI, level, width of its bar)."""
    if live is None:
        return []
    return [(feature, value, exposition.drift_level(value), width)
            for (feature, value), width in zip(live.drift, exposition.widths(live.drift), strict=True)]


SHOWN = {"/ui/monitoring": show}
POSTED: dict = {}
