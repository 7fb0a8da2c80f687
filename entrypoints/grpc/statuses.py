"""Failures as statuses of gRPC: one table from their base classes, as `answers/problems.py` has for HTTP."""
from __future__ import annotations

from dataclasses import dataclass

import grpc

from domain import errors
from domain.errors import ProgonError
from entrypoints.answers.problems import status_of as http_status_of


class UnknownMethod(errors.NotFound):
    """The service has no method of this name."""

    code = "unknown_method"


TABLE: dict[type[ProgonError], grpc.StatusCode] = {
    errors.InvalidInput: grpc.StatusCode.INVALID_ARGUMENT,
    errors.ModelFailure: grpc.StatusCode.FAILED_PRECONDITION,
    errors.Unauthorized: grpc.StatusCode.UNAUTHENTICATED,
    errors.Forbidden: grpc.StatusCode.PERMISSION_DENIED,
    UnknownMethod: grpc.StatusCode.UNIMPLEMENTED,
    errors.NotFound: grpc.StatusCode.NOT_FOUND,
    errors.Conflict: grpc.StatusCode.FAILED_PRECONDITION,
    errors.TooLarge: grpc.StatusCode.RESOURCE_EXHAUSTED,
    errors.TooManyRequests: grpc.StatusCode.RESOURCE_EXHAUSTED,
    errors.Busy: grpc.StatusCode.UNAVAILABLE,
    errors.NoRoom: grpc.StatusCode.RESOURCE_EXHAUSTED,
}
OUR_FAULT = "the fault is on our side; the log has it under this request's id"
# Clients take 8 KB of metadata, and a letter that is not of ASCII takes six bytes or more of them.
_MOST_CHARS = 1000


def status_of(failure: type[ProgonError]) -> grpc.StatusCode:
    """By the nearest base class in the table. Raises: LookupError for a failure without a place."""
    return next(TABLE[base] for base in failure.__mro__ if base in TABLE)


@dataclass(frozen=True, slots=True)
class Refusal:
    """http_status: the one that the counts and the log know the same failure by."""

    status: grpc.StatusCode
    http_status: int
    words: str
    retry_after_s: int | None = None


def refusal(failure: ProgonError) -> Refusal:
    return Refusal(status_of(type(failure)), http_status_of(type(failure))[0], failure.detail[:_MOST_CHARS],
                   failure.retry_after_s if isinstance(failure, errors.Busy) else None)
