"""Labels that come after the answer they judge, among labelled rows."""
from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np

from domain.arrays import Array, Flags
from domain.cells import MAX_FAULTS
from domain.columns import ColumnType
from domain.errors import Fault, InvalidInput, TooLarge
from domain.rows import Rows
from domain.schema import MAX_REQUEST_ID_CHARS, REQUEST_ID, ROW_NO, Column
from domain.table import Table
from domain.task import Task

# Up to here a 32-bit float holds every whole number.
MAX_ROW_NO = 2**24
# In one file, unless a setting says otherwise.
MAX_LATE_LABELS = 1_000_000
# What the column of a file of late labels is called.
LABEL = "label"
Answered = Callable[[Sequence[str]], Collection[str]]
_REQUEST_ID_COLUMN, _ROW_NO_COLUMN = Column(REQUEST_ID, ColumnType.CATEGORY), Column(ROW_NO, ColumnType.NUMBER)


@dataclass(frozen=True, slots=True)
class LateLabel:
    """label: as text, as the target column of the data has it. row_no: counted from 1 in the request."""

    request_id: str
    label: str
    row_no: int = 1


class LateRows:
    """For `read_parts`: gathers the late labels of rows that are fit, and finds faults in what says of which answers
    they are. The labels count only if the whole file is fit, so they wait in memory, which is why there is a limit.

    A task may have a column of that name of its own: then only those rows count that an answer is known of, and nothing
    in it is a fault.
    """

    def __init__(self, target: str, limit: int, answered: Answered | None = None, has_row_nos: bool = True) -> None:
        """target: the column with the label. answered: which of these requests have been answered; None if every row
        with an id is meant. has_row_nos: what stands in a column of that name says which row is meant."""
        self._target, self._limit = target, limit
        self._answered, self._has_row_nos = answered, has_row_nos
        self.found: list[LateLabel] = []

    @classmethod
    def among_data(cls, task: Task, limit: int, answered: Answered) -> LateRows:
        """Of rows that are data of the task."""
        schema = task.schema
        return cls(schema.target.name, limit, answered if REQUEST_ID in schema else None, ROW_NO not in schema)

    def __call__(self, rows: Rows, table: Table | None, first_row: int) -> Sequence[Fault]:
        """Raises: TooLarge."""
        if REQUEST_ID not in rows.names:
            return ()
        try:
            ids, row_nos = self._ids(rows), self._row_nos(rows)
        except InvalidInput as failure:
            return failure.faults
        faults = [*_faults(REQUEST_ID, [len(name) > MAX_REQUEST_ID_CHARS for name in ids], first_row,
                           f"is longer than {MAX_REQUEST_ID_CHARS} characters, as no id of an answer is"),
                  *_faults(ROW_NO, (row_nos < 1) | (row_nos % 1 != 0) | (row_nos > MAX_ROW_NO), first_row,
                           "expected a whole number from 1")]
        if table is not None and not faults:
            self._gather(ids, row_nos, table[self._target])
        return faults

    def _ids(self, rows: Rows) -> Array:
        """"" where a row is no late label."""
        if self._answered is None:
            return rows.coerce((_REQUEST_ID_COLUMN,), optional=rows.names)[REQUEST_ID]
        ids = rows.marks([REQUEST_ID])[REQUEST_ID]
        known = self._answered(list({name for name in ids if 0 < len(name) <= MAX_REQUEST_ID_CHARS}))
        return np.where(np.isin(ids, list(known)), ids, "")

    def _row_nos(self, rows: Rows) -> Array:
        """1 where none is given."""
        if not self._has_row_nos or ROW_NO not in rows.names:
            return np.ones(rows.n_rows)
        given = rows.coerce((_ROW_NO_COLUMN,), optional=rows.names)[ROW_NO]
        return np.nan_to_num(given.astype(np.float64), nan=1.0)

    def _gather(self, ids: Array, row_nos: Array, labels: Array) -> None:
        self.found += (LateLabel(request_id, str(label), int(row_no))
                       for request_id, label, row_no in zip(ids, labels, row_nos, strict=True)
                       if request_id and label == label and label != "")
        if len(self.found) > self._limit:
            raise TooLarge(f"more than {self._limit} rows have a {REQUEST_ID}; add them in several files")


def _faults(column: str, is_odd: Flags | list[bool], first_row: int, problem: str) -> list[Fault]:
    return [Fault(f"row {first_row + row}, column {column}", problem, row=first_row + int(row))
            for row in np.flatnonzero(is_odd)[:MAX_FAULTS]]
