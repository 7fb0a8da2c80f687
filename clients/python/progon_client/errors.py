"""Failures: what the service refused, and what did not reach it."""
from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from progon_client.answers.experiments import Experiment


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with what was sent, with its place, such as "row 3, column temp"."""

    where: str
    problem: str


class ProgonError(Exception):
    """Anything that can go wrong with a call."""


class Unreachable(ProgonError):
    """No answer came. What was asked for may or may not have been done."""


class UnexpectedAnswer(ProgonError):
    """What answered is no service of Progon, or none that this client understands."""


class NotSucceeded(ProgonError):
    """A training that was waited for failed or was cancelled."""

    def __init__(self, experiment: Experiment) -> None:
        self.experiment = experiment
        super().__init__(f"experiment {experiment.experiment_id} {experiment.status}"
                         + (f": {experiment.error}" if experiment.error else ""))


class Refused(ProgonError):
    """The service said no. faults: each thing that is wrong, where it has a place. retry_after_s: None where the
    service names no time."""

    def __init__(self, status: int, title: str, detail: str, faults: tuple[Fault, ...] = (), request_id: str = "",
                 retry_after_s: float | None = None) -> None:
        self.status, self.title, self.detail, self.faults = status, title, detail, faults
        self.request_id, self.retry_after_s = request_id, retry_after_s
        super().__init__(f"{title} ({status}): {detail}" if detail else f"{title} ({status})")


class BadRequest(Refused):
    """400: something of what was sent cannot be used."""


class Unauthorized(Refused):
    """401: no key, or a wrong one."""


class Forbidden(Refused):
    """403: the key has no right to it."""


class ModelFailed(Refused):
    """403: the model could not do it: nothing is deployed, the run failed, the picture is too small for it."""


class NotFound(Refused):
    """404: an unknown id or task."""


class Conflict(Refused):
    """409: not in a state for it."""


class TooLarge(Refused):
    """413, 431: a body, a picture, a zip or headers beyond their limit."""


class TooManyRequests(Refused):
    """429: more than this caller may ask."""


class Busy(Refused):
    """503: try again later."""


class NoRoom(Refused):
    """507: the disk or the database of the service is full."""


class ServerFailed(Refused):
    """Any other 5xx."""


_BY_STATUS: dict[int, type[Refused]] = {
    400: BadRequest, 401: Unauthorized, 403: ModelFailed, 404: NotFound, 409: Conflict, 413: TooLarge,
    429: TooManyRequests, 431: TooLarge, 503: Busy, 507: NoRoom}


def refused(response: httpx.Response) -> Refused:
    """The failure that an answer of 400 or more tells of; its body has been read."""
    told = _told(response)
    title = str(told.get("title") or response.reason_phrase or "refused")
    listed = told.get("errors")
    faults = tuple(Fault(str(one.get("where", "")), str(one.get("problem", "")))
                   for one in (listed if isinstance(listed, list) else []) if isinstance(one, dict))
    return _class_of(response.status_code, title)(
        response.status_code, title, str(told.get("detail", "")), faults, response.headers.get("X-Request-ID", ""),
        retry_after_s(response))


def retry_after_s(response: httpx.Response) -> float | None:
    """Seconds, as the service gives them."""
    said = response.headers.get("Retry-After", "")
    return float(said) if said.isdecimal() else None


def _class_of(status: int, title: str) -> type[Refused]:
    if status == 403 and title == "forbidden":
        return Forbidden
    return _BY_STATUS.get(status, ServerFailed if status >= 500 else Refused)


def _told(response: httpx.Response) -> dict[str, object]:
    try:
        told = response.json()
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
