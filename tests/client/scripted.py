"""A service that answers by a script, below httpx: what was sent is kept, what is told is chosen."""
from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

Step = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


@dataclass
class Script:
    """Steps in their order, the last one for ever."""

    steps: list[Step]
    requests: list[httpx.Request] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        self.bodies.append(request.read())
        return self._step(request)

    async def later(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        self.bodies.append(await request.aread())
        return self._step(request)

    def _step(self, request: httpx.Request) -> httpx.Response:
        step = self.steps[min(len(self.requests), len(self.steps)) - 1]
        if isinstance(step, Exception):
            raise step
        return _fresh(step) if isinstance(step, httpx.Response) else step(request)


def _fresh(step: httpx.Response) -> httpx.Response:
    """A response is read once; one whose content is known is told as often as it is asked for."""
    if not hasattr(step, "_content"):
        return step
    return httpx.Response(step.status_code, headers=step.headers, content=step.content)


def answer(body: object, status: int = 200, **headers: str) -> httpx.Response:
    return httpx.Response(status, headers=headers, json=body)


def problem(status: int, title: str, detail: str = "", retry_after: str | None = None,
            **more: object) -> httpx.Response:
    headers = {"Content-Type": "application/problem+json"} | ({"Retry-After": retry_after} if retry_after else {})
    return httpx.Response(status, headers=headers,
                          content=json.dumps({"status": status, "title": title, "detail": detail, **more}).encode())
