"""Everything that was done, by whom."""
from __future__ import annotations

import httpx
from starlette.responses import Response

from entrypoints.admin import acts, faults
from entrypoints.admin.api.access import HistoryBody
from entrypoints.admin.backend import ApiProblem
from entrypoints.admin.page import Asked, Page, Posted
from entrypoints.admin.passing import passed_on

_ENTRIES = 50
_FILTERS = ("task", "who", "after")
_NONE: HistoryBody = {"entries": [], "next": None}


async def show(page: Page) -> Response:
    found, problem = _NONE, None
    try:
        found = await page.backend.get("/audit", HistoryBody, newest="true", limit=_ENTRIES,
                                       before=page.query.get("before"), **_asked(page))
    except ApiProblem as failure:
        if failure.status != 400:
            raise
        problem = failure
    return await page.render(
        "audit.html", page.language("Who did what"), "audit", status=problem.status if problem else 200,
        entries=found["entries"], next=found["next"], asked=_asked(page), download=_download(page),
        names=[task["name"] for task in await page.tasks()], detail=acts.detail,
        act_word=lambda act: acts.act_word(page.language, act),
        faults=[faults.translated(page.language, fault) for fault in problem.faults] if problem else [])


def _asked(page: Page) -> dict[str, str]:
    return {name: value for name in _FILTERS if (value := page.query.get(name, "").strip())}


def _download(page: Page) -> str:
    address, question, query = page.url(before=None).partition("?")
    return f"{address}/entries.ndjson{question}{query}"


async def lines(page: Page) -> Response:
    """All that the filters leave, the oldest first, as it comes."""
    response = await passed_on(page, "/audit", httpx.Timeout(60), {"Accept": "application/x-ndjson"}, _asked(page))
    response.headers["Content-Disposition"] = 'attachment; filename="audit.ndjson"'
    return response


SHOWN = {"/ui/audit": show, "/ui/audit/entries.ndjson": lines}
ASKED: Asked = {"/ui/audit": (*_FILTERS, "before"), "/ui/audit/entries.ndjson": _FILTERS}
POSTED: dict[str, Posted] = {}
