"""What a service refuses, as the failure that it was there."""
from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType

import msgspec

from domain import errors
from domain.errors import Fault, InvalidInput, ProgonError
from entrypoints.answers.problems import ProblemAnswer


class NoService(errors.Busy):
    """No answer came, or none of Progon. What was asked for may or may not have been done."""

    code = "no_service"


class AnswerLost(NoService):
    """The connection broke after something had been sent."""

    code = "answer_lost"


class ServiceFailed(errors.Busy):
    """The fault is on the side of the service."""

    code = "service_failed"


_BY_STATUS: Mapping[int, type[ProgonError]] = MappingProxyType({
    401: errors.Unauthorized, 403: errors.ModelFailure, 404: errors.NotFound, 409: errors.Conflict,
    413: errors.TooLarge, 429: errors.TooManyRequests, 431: errors.TooLarge, 503: errors.Busy, 507: errors.NoRoom})


def failure_of(status: int, body: bytes, url: str) -> ProgonError:
    """url: that was asked."""
    try:
        problem = msgspec.json.decode(body, type=ProblemAnswer)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return NoService(f"{url} answered {_in_words(status)}, which is no answer of Progon: is this its address?")
    if status == HTTPStatus.BAD_REQUEST:
        return InvalidInput(problem.detail, [Fault(fault.where, fault.problem) for fault in problem.errors or ()])
    if status == HTTPStatus.FORBIDDEN and problem.title == "forbidden":
        return errors.Forbidden(problem.detail)
    if status == HTTPStatus.UNAUTHORIZED:
        return errors.Unauthorized(f"{problem.detail} (say it with PROGON_KEY, or progon --key)")
    return _BY_STATUS.get(status, ServiceFailed)(problem.detail)


def _in_words(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
