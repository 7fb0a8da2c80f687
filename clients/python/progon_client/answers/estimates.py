"""Metrics as some rows show them."""
from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A metric as some rows show it."""

    value: float
    #: Of the 95 % interval; null where the rows are too few or too alike for one
    low: float | None
    high: float | None
