"""Rows parted by time: the oldest train, newer ones stop the training, the newest judge it."""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from domain.arrays import Array, Flags, Floats
from domain.moments import seconds_of
from domain.table import Table
from domain.task import Split

_LEAST = 3


@dataclass(frozen=True, slots=True)
class Cuts:
    """Seconds since 1970 in UTC. Rows from before `valid_from` train, those from `test_from` on judge."""

    valid_from: float
    test_from: float


def cuts(rule: Split, tables: Iterable[Table], version_rows: Sequence[int]) -> Cuts | None:
    """Where a dataset version is cut, so that its parts have the shares of the rule, rows of one moment together; None
    with fewer than three moments.

    Each version is cut anew, as one who forecasts learns from all that has happened; but a cut never moves back. So
    what judges a model is newer than all that this model or one of an earlier version was trained on, also where older
    rows were added last (rolling origin: Tashman 2000, "Out-of-sample tests of forecasting accuracy").
    tables: the rows of the version from its first; version_rows: how many rows the versions had up to it, rising.
    """
    found = [cut for moments in _growing(rule, tables, version_rows) if (cut := _cut(moments, rule)) is not None]
    if not found:
        return None
    return Cuts(max(cut.valid_from for cut in found), max(cut.test_from for cut in found))


def by_time(moments: Array, cut: Cuts | None) -> tuple[Flags, Flags]:
    """moments: as a column holds them. Returns: bool[n] each, of those that stop and of those that judge."""
    seconds = seconds_of(moments)
    if cut is None:
        return np.zeros(len(seconds), bool), np.zeros(len(seconds), bool)
    judging = seconds >= cut.test_from
    return (seconds >= cut.valid_from) & ~judging, judging


def _growing(rule: Split, tables: Iterable[Table], version_rows: Sequence[int]) -> Iterator[Floats]:
    """The moments of each version, rising."""
    assert rule.by_time is not None
    read = [seconds_of(table[rule.by_time]) for table in tables]
    moments, known = np.concatenate([np.empty(0), *read]), np.empty(0)
    for n_rows in version_rows:
        # Merges what is sorted already.
        known = np.sort(np.concatenate([known, moments[len(known):n_rows]]), kind="stable")
        yield known


def _cut(moments: Floats, rule: Split) -> Cuts | None:
    """moments: float64[n], rising."""
    firsts = np.flatnonzero(np.diff(moments, prepend=-np.inf))
    if len(firsts) < _LEAST:
        return None
    last = len(firsts) - 1
    judging = _nearest(firsts, (1 - rule.holdout) * len(moments), 2, last)
    stopping = _nearest(firsts, (1 - rule.holdout - rule.valid) * len(moments), 1, judging - 1)
    return Cuts(float(moments[firsts[stopping]]), float(moments[firsts[judging]]))


def _nearest(firsts: Array, wanted: float, least: int, most: int) -> int:
    """firsts: where each moment begins."""
    return min(max(int(np.abs(firsts - wanted).argmin()), least), most)
