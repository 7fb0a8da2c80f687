"""The pages beside the API in one process, one address for both."""
from __future__ import annotations

from pathlib import Path

import httpx
from starlette.types import ASGIApp, Receive, Scope, Send

from entrypoints.admin.app import create_pages
from entrypoints.admin.in_process import InProcessTransport
from entrypoints.admin.links import Links
from entrypoints.http.prefix import path_of
from entrypoints.http.straight import straight_of


class Site:
    """`/` and all under `/ui` are pages, the rest is the API, to which the pages speak as any client does: through its
    whole stack, keys and limits included."""

    def __init__(self, api: ASGIApp, folder: Path, links: Links, max_form_bytes: int) -> None:
        client = httpx.AsyncClient(transport=InProcessTransport(api), base_url="http://progon")
        self.straight = straight_of(api)  # no page is answered so
        self._api, self._pages = api, create_pages(client, folder, links, max_form_bytes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = path_of(scope) if scope["type"] == "http" else ""
        shown = path in ("/", "/ui") or path.startswith("/ui/")
        await (self._pages if shown else self._api)(scope, receive, send)
