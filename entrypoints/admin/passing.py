"""Files and streams of the API, passed on as they come: a browser may reach these pages alone, and its key is in a
cookie."""
from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

import httpx
from starlette.responses import Response, StreamingResponse

from entrypoints.admin.page import Page

_PASSED_ON = ("content-type", "content-length", "content-disposition", "content-security-policy", "cache-control")


async def passed_on(page: Page, path: str, timeout: httpx.Timeout, headers: Mapping[str, str] | None = None,
                    params: Mapping[str, str] | None = None) -> Response:
    """Raises: ApiProblem."""
    opened = page.backend.stream("GET", path, timeout=timeout, params=params or {},
                                 headers={"Accept-Encoding": "identity", **(headers or {})})
    response = await opened.__aenter__()

    async def body() -> AsyncIterator[bytes]:
        try:
            async for piece in response.aiter_raw():
                yield piece
        finally:
            await opened.__aexit__(None, None, None)

    kept = {name: response.headers[name] for name in _PASSED_ON if name in response.headers}
    return StreamingResponse(body(), headers={"X-Accel-Buffering": "no"} | kept)
