"""A form whose file takes long, told of while it is worked on: where a script of the page asks for events, they say how
many rows were checked, and at the end what the browser is to show. Without it the form is answered as any other."""
from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable

from starlette.responses import Response, StreamingResponse

from entrypoints.admin.backend import EVENTS, ApiProblem, Tell
from entrypoints.admin.page import Page

# Of what is worked on nobody else holds it; a visitor who goes away does not end it.
_WORKED_ON: set[asyncio.Task[Response]] = set()


async def told(page: Page, work: Callable[[Tell | None], Awaitable[Response]]) -> Response:
    """work: given what to tell progress to; None where nobody listens. Raises: what it does, if so."""
    if EVENTS not in page.request.headers.get("accept", ""):
        return await work(None)
    heard: asyncio.Queue[int | None] = asyncio.Queue()
    task = asyncio.ensure_future(_worked(page, work, heard))
    _WORKED_ON.add(task)
    task.add_done_callback(_WORKED_ON.discard)
    return StreamingResponse(_events(page, heard, task), media_type=EVENTS, headers={"X-Accel-Buffering": "no"})


async def _worked(page: Page, work: Callable[[Tell | None], Awaitable[Response]], heard: asyncio.Queue[int | None]
                  ) -> Response:
    try:
        return await work(heard.put_nowait)
    except ApiProblem as problem:
        shown: Response = await page.request.app.exception_handlers[ApiProblem](page.request, problem)
        return shown
    finally:
        heard.put_nowait(None)


async def _events(page: Page, heard: asyncio.Queue[int | None], task: asyncio.Task[Response]) -> AsyncIterator[bytes]:
    while (rows := await heard.get()) is not None:
        words = page.language("Checked so far: %(count)s", count=page.language.whole(rows))
        yield _event("progress", {"words": words})
    response = await task
    if address := response.headers.get("location"):
        yield _event("done", {"address": page.root + address})
    else:
        yield _event("done", {"page": bytes(response.body).decode()})


def _event(name: str, data: dict[str, str]) -> bytes:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()
