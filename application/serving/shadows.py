"""Rows on their way to shadows, which answer them when there is time."""
from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Condition

import numpy as np

from application.ports.serving_models import Candidate
from application.ports.shadow_meter import ShadowMeter, ShadowOutcome
from domain.arrays import Array
from domain.table import FewRows, Table

# Of all rows that wait in a process, by estimate.
MOST_BYTES = 64 << 20
_ENTRY_BYTES, _CELL_BYTES, _PATIENCE_S = 1_000, 64, 0.5


@dataclass(frozen=True, slots=True)
class AskedRows:
    """Rows of one request. row_nos: as they are counted in it."""

    request_id: str
    route: str
    row_nos: Sequence[int]


@dataclass(frozen=True, eq=False, slots=True)
class Shadowed:
    """table: the rows of all requests, in their order, as the columns of the task that the model takes."""

    candidate: Candidate
    requests: Sequence[AskedRows]
    table: Table

    @property
    def task(self) -> str:
        return self.candidate.model.task.name


class Shadows:
    """Whoever answers hands rows over and goes on; what finds no room is left out and counted. Thread-safe: yes."""

    def __init__(self, meter: ShadowMeter, most_bytes: int = MOST_BYTES) -> None:
        self._meter, self._most_bytes = meter, most_bytes
        self._waiting: deque[tuple[Shadowed, int]] = deque()
        self._bytes = 0
        self._came, self._woken = Condition(), False

    def hand_over(self, rows: Shadowed) -> None:
        with self.batch() as hand_over:
            hand_over(rows)

    @contextmanager
    def batch(self) -> Iterator[Callable[[Shadowed], None]]:
        """What is handed over within it takes up room at once, and waits from its end on; if that fails, it is as if
        it had never come."""
        came: list[tuple[Shadowed, int]] = []
        try:
            yield lambda rows: self._take_up_room(rows, came)
        except BaseException:
            with self._came:
                self._bytes -= sum(n_bytes for _, n_bytes in came)
            raise
        with self._came:
            self._waiting.extend(came)
            self._came.notify(len(came))

    def _take_up_room(self, rows: Shadowed, came: list[tuple[Shadowed, int]]) -> None:
        n_bytes = _ENTRY_BYTES + _bytes_of(rows.table)
        with self._came:
            if fits := self._bytes + n_bytes <= self._most_bytes:
                self._bytes += n_bytes
        if fits:
            came.append((replace(rows, table=_owned(rows.table)), n_bytes))
        else:
            self._meter.count(rows.task, ShadowOutcome.LEFT_OUT, rows.table.n_rows)

    def next(self) -> Shadowed | None:
        """The rows that wait the longest; None if none come for a moment, or when it is woken."""
        with self._came:
            self._came.wait_for(lambda: self._waiting or self._woken, _PATIENCE_S)
            self._woken = False
            if not self._waiting:
                return None
            rows, n_bytes = self._waiting.popleft()
            self._bytes -= n_bytes
            return rows

    def wake(self) -> None:
        """Whoever waits for rows, or is about to, waits no longer."""
        with self._came:
            self._woken = True
            self._came.notify_all()


def _owned(table: Table) -> Table:
    """Without the rest of what its numbers are a part of, as of the body that they came in: it would stay as long."""
    if isinstance(table, FewRows):
        return table
    return Table({name: cells if cells.dtype == object or cells.base is None else cells.copy()
                  for name, cells in table.columns.items()})


def _bytes_of(table: Table) -> int:
    if isinstance(table, FewRows):
        return _CELL_BYTES * sum(map(len, table.rows))
    return sum(map(_bytes_of_column, table.columns.values()))


def _bytes_of_column(cells: Array) -> int:
    if cells.dtype == object and len(cells) and isinstance(cells[0], np.ndarray):
        return sum(int(picture.nbytes) for picture in cells)
    return cells.nbytes
