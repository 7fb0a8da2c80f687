"""Failures (RFC 9457)."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from msgspec import UNSET, UnsetType

from domain.errors import Fault
from entrypoints.answers.answer import Answer, says


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
