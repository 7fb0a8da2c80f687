"""Metrics as some rows show them."""
from __future__ import annotations

from typing import Annotated

from domain.live_history import Estimate
from entrypoints.answers.answer import Answer, says


class EstimateAnswer(Answer):
    """A metric as some rows show it."""

    value: float
    low: Annotated[float | None, says("Of the 95 % interval; null where the rows are too few or too alike for one")]
    high: float | None

    @classmethod
    def of(cls, found: Estimate) -> EstimateAnswer:
        return cls(found.value, found.low, found.high)
