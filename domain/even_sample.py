"""Rows at even distances of a stream whose length nobody knows before its end."""
from __future__ import annotations

from domain.table import Table, concat


class EvenSample:
    """Of all rows added so far `max_rows` at most and half as many at least, if there are; the first is among them. The
    same stream gives the same rows, however it is cut. step: a distance to begin with, where the length is known."""

    def __init__(self, max_rows: int, step: int = 1) -> None:
        self._max_rows, self._step, self._seen, self._n_kept = max_rows, step, 0, 0
        self._kept: list[Table] = []

    def add(self, table: Table) -> None:
        chosen = table.take(slice(-self._seen % self._step, None, self._step))
        self._seen += table.n_rows
        self._kept.append(chosen)
        self._n_kept += chosen.n_rows
        while self._n_kept > self._max_rows:
            thinner = concat(self._kept).take(slice(None, None, 2))
            self._kept, self._n_kept, self._step = [thinner], thinner.n_rows, 2 * self._step

    @property
    def table(self) -> Table:
        """Raises: IndexError where nothing was added."""
        return concat(self._kept)
