"""Is it alive, can it serve."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from entrypoints.answers.answer import Answer, says


class HealthAnswer(Answer):
    """The process answers."""

    status: Literal["ok"]


class ReadinessAnswer(Answer):
    """Whether the process can serve."""

    status: Literal["ready", "not ready"]
    reasons: Annotated[Sequence[str], says("Why not")]

    @classmethod
    def of(cls, reasons: Sequence[str]) -> ReadinessAnswer:
        return cls("not ready" if reasons else "ready", reasons)
