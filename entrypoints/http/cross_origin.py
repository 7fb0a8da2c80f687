"""Browser pages of other origins: which of them may ask this API (CORS)."""
from __future__ import annotations

from collections.abc import Sequence

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

# What an answer says in its head beside the headers that every page may read.
_READABLE = ("Content-Disposition", "Location", "Retry-After", "X-Request-ID", "X-Task", "X-Experiment-ID", "X-Count",
             "X-Metrics")
_PREFLIGHT_KEPT_S = 600


class CrossOrigin(CORSMiddleware):
    """ASGI middleware in front of the keys, since a browser asks for permission without one. A page sends its key in a
    header; cookies are not for other origins."""

    def __init__(self, app: ASGIApp, allow_origins: Sequence[str]) -> None:
        super().__init__(app, allow_origins, allow_methods=["*"], allow_headers=["*"], expose_headers=_READABLE,
                         max_age=_PREFLIGHT_KEPT_S)
