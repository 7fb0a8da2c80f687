"""Failures (RFC 9457), and one table from their base classes to statuses."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Annotated

from msgspec import UNSET, UnsetType

from domain import errors
from domain.errors import Fault, ProgonError
from entrypoints.answers.answer import Answer, says

TABLE: Mapping[type[ProgonError], tuple[int, str]] = MappingProxyType({
    errors.InvalidInput: (400, "bad request"),
    errors.ModelFailure: (403, "модель не смогла обработать данные"),
    errors.Unauthorized: (401, "unauthorized"),
    errors.Forbidden: (403, "forbidden"),
    errors.NotFound: (404, "not found"),
    errors.Conflict: (409, "conflict"),
    errors.TooLarge: (413, "too large"),
    errors.TooManyRequests: (429, "too many requests"),
    errors.Busy: (503, "busy"),
    errors.NoRoom: (507, "no room"),
})


def status_of(failure: type[ProgonError]) -> tuple[int, str]:
    """(status, title) by the nearest base class in the table. Raises: LookupError for a failure without a place."""
    return next(TABLE[base] for base in failure.__mro__ if base in TABLE)


class FaultAnswer(Answer):
    """One thing that is wrong with a request."""

    where: str
    problem: str

    @classmethod
    def of(cls, fault: Fault) -> FaultAnswer:
        return cls(_writable(fault.where), _writable(fault.problem))


class ProblemAnswer(Answer):
    """What went wrong."""

    status: int
    title: str
    detail: str
    errors: Annotated[Sequence[FaultAnswer] | UnsetType, says("Each thing that is wrong, if it has a place")] = UNSET

    @classmethod
    def of(cls, status: int, title: str, detail: str, faults: Sequence[Fault]) -> ProblemAnswer:
        return cls(status, title, _writable(detail), [FaultAnswer.of(fault) for fault in faults] or UNSET)


def _writable(text: str) -> str:
    """A failure may quote half of a surrogate pair from the request, which UTF-8 cannot hold."""
    return text.encode("utf-8", "backslashreplace").decode()
