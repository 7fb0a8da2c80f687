"""How long a route may work for one request, declared at the route; whatever declares nothing has the shortest time."""
from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from time import monotonic
from typing import TypeVar

from domain.errors import Busy
from entrypoints.http.draining import Draining
from entrypoints.settings import PREFIX, Settings

Endpoint = TypeVar("Endpoint", bound=Callable[..., object])
# Of a scope: the Limit of its request.
LIMIT = "progon.limit"
_DECLARED = "__progon_work__"
_RETRY_AFTER_S = 5


class Work(StrEnum):
    """What is worked on, by how long that takes at most. ROW: rows in a body of JSON, and what is known of something.
    PICTURE: one, or tensors. FILE: a file, or the data of a task."""

    ROW = "row"
    PICTURE = "picture"
    FILE = "file"

    @property
    def setting(self) -> str:
        return f"{self}_deadline_s"


def within(work: Work, of_forms: Work | None = None) -> Callable[[Endpoint], Endpoint]:
    """Stands between a route and its handler. of_forms: of a body that is multipart/form-data; as any, if left out."""
    def declare(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, _DECLARED, (work, of_forms or work))
        return endpoint
    return declare


def work_of(endpoint: object, is_form: bool = False) -> Work:
    """What was declared at a route."""
    declared: tuple[Work, Work] = getattr(endpoint, _DECLARED, (Work.ROW, Work.ROW))
    return declared[is_form]


class Limit:
    """When the work for one request is to stop: at its deadline, or where the process ends. work: asked each time, as a
    request is known before its route. Thread-safe: yes."""

    def __init__(self, settings: Settings, draining: Draining, work: Callable[[], Work]) -> None:
        self._settings, self._draining, self._work = settings, draining, work
        self._since = monotonic()

    def begin(self) -> None:
        """Now: what came before was not work."""
        self._since = monotonic()

    @property
    def is_over(self) -> bool:
        return self._draining.is_over or monotonic() - self._since >= self._allowed_s

    @property
    def _allowed_s(self) -> float:
        allowed: float = getattr(self._settings, self._work().setting)
        return allowed

    def told(self) -> Busy:
        """Why it is over."""
        if self._draining.is_over:
            return Busy("the service is being stopped", _RETRY_AFTER_S)
        return Busy(f"the work took longer than the {self._allowed_s:g} s that it may take "
                    f"({PREFIX}{self._work().setting.upper()})", _RETRY_AFTER_S)
