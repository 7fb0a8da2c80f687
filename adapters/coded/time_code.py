"""What a column of dates becomes: parts of the calendar, and the days that have gone by."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Array
from domain.moments import seconds_of

PARTS = ("year", "month", "day", "weekday", "day of year", "hour", "minute", "days")
_DAY_S = 86_400


@dataclass(frozen=True)
class TimeCode:
    """parts: those that differ in training; days: since `origin`, the first day that training saw, as days since 1970.
    Days are never left out."""

    parts: tuple[str, ...]
    origin: int

    @classmethod
    def of(cls, values: Array) -> TimeCode:
        seconds = seconds_of(values)
        known = seconds[~np.isnan(seconds)].astype(np.int64)
        parts = calendar(known, 0)
        differ = tuple(name for name in PARTS[:-1] if len(np.unique(parts[name])) > 1)
        return cls((*differ, PARTS[-1]), int(known.min() // _DAY_S) if len(known) else 0)

    def transform(self, values: Array) -> NDArray[np.float32]:
        """values: object[n], written as `domain.moments` has it. Returns: float32[n, parts], NaN for none."""
        seconds = seconds_of(values)
        known = ~np.isnan(seconds)
        parts = calendar(np.where(known, seconds, 0).astype(np.int64), self.origin)
        matrix = np.column_stack([parts[name] for name in self.parts])
        return np.where(known[:, None], matrix, np.nan).astype(np.float32)


def calendar(seconds: NDArray[np.int64], origin: int) -> dict[str, Array]:
    """By part. seconds: since 1970 in UTC. A week begins with Monday, 0; a year with day 1."""
    days, of_day = seconds // _DAY_S, seconds % _DAY_S
    dates = days.astype("datetime64[D]")
    months, years = dates.astype("datetime64[M]"), dates.astype("datetime64[Y]")
    return {
        "year": years.astype(np.int64) + 1970, "month": months.astype(np.int64) % 12 + 1,
        "day": (dates - months.astype("datetime64[D]")).astype(np.int64) + 1, "weekday": (days + 3) % 7,
        "day of year": (dates - years.astype("datetime64[D]")).astype(np.int64) + 1, "hour": of_day // 3_600,
        "minute": of_day // 60 % 60, "days": (days - origin).astype(np.float64) + of_day / float(_DAY_S)}
